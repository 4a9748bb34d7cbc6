"""Writes the reports into the report folder: whole or not at all, whatever the logs beside them hold."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from testarena_ci.reports import KINDS
from testarena_ci.reports.base import ReportInput
from testarena_ci.reports.console import ConsoleText
from tpf.errors import EnvironmentLacks
from tpf.files import write_atomically
from tpf.result import DeviceLog, RunResult

_HEAD, _TAIL = 8 << 20, 24 << 20  # bytes of a log that reports look at
_PIECE = 1 << 20


def warm_up() -> None:
    """Load what `write_reports` needs, ahead of time: a tenth of a second that a run can spend while it waits."""
    with suppress(OSError, ImportError):  # `write_reports` meets it again, and tells
        for kind in KINDS.values():
            kind.load()
        import_module(KINDS["html"].module).template()


def write_reports(
    folder: Path, result: RunResult, kinds: Iterable[str] = tuple(KINDS), *, junit: str = "common"
) -> tuple[Path, ...]:
    """Renders the reports named by `kinds` into `folder`, junit.xml in the dialect `junit`; returns their paths.

    Raises EnvironmentLacks when a file can't be written (no room, no right).
    """
    report = ReportInput(result=result, read_log=log_reader(folder), junit=junit)
    return tuple(_write(folder / KINDS[kind].file, KINDS[kind].load()(report)) for kind in kinds)


def _write(path: Path, content: str | bytes) -> Path:
    data = content if isinstance(content, bytes) else content.encode(errors="backslashreplace")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data)
    except OSError as problem:
        raise EnvironmentLacks(
            f"{path}: cannot write the report: {problem.strerror or problem}; free some room or choose another folder"
        ) from problem
    return path


def log_reader(folder: Path) -> Callable[[DeviceLog], ConsoleText]:
    """An accessor for the logs in `folder` that keeps the last two it read; it has an answer for every path."""
    root = folder.resolve()

    @lru_cache(maxsize=2)
    def read(log: DeviceLog) -> ConsoleText:
        return _read(root, log.path)

    return read


def _read(root: Path, relative: str) -> ConsoleText:
    try:
        path = (root / relative).resolve()
        if not relative or not path.is_relative_to(root):
            return ConsoleText(problem=f"{relative}: is not in the report folder")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would never end
            return ConsoleText(problem=f"{relative}: is not a file")
        with path.open("rb") as file:
            return _bounded(file, status.st_size)
    # ValueError: a NUL in the path; RuntimeError: links in a circle
    except (OSError, ValueError, RuntimeError) as problem:
        return ConsoleText(problem=f"{relative}: {getattr(problem, 'strerror', None) or problem}")


def _bounded(file: BinaryIO, size: int) -> ConsoleText:
    """The whole file, or the whole lines of its head and tail with the number of lines between them."""
    if size <= _HEAD + _TAIL:
        return ConsoleText(head=file.read(_HEAD + _TAIL))
    head = file.read(_HEAD)
    head = head[: head.rfind(b"\n") + 1]
    file.seek(len(head))
    left_out, remaining = 0, size - _TAIL - len(head)
    while remaining > 0 and (piece := file.read(min(_PIECE, remaining))):
        left_out += piece.count(b"\n")
        remaining -= len(piece)
    tail = file.read(_TAIL)
    cut = tail.find(b"\n") + 1  # the line that the cut went through is left out with the others
    return ConsoleText(head=head, tail=tail[cut:], left_out=left_out + (cut > 0))
