"""Runs a build program to its end: live output, a log, a time limit; one at a time in a folder."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tpf import events as ev
from tpf.context import RunContext
from tpf.errors import BuildError, EnvironmentLacks
from tpf.firmware.causes import Folders, cause_of, places_of
from tpf.process import Outcome, Request, run_once
from tpf.processes.locks import try_lock, wait_for_lock
from tpf.result import CodePlace

BUILD_LIMIT: Final = 1800.0  # seconds
_LOCK_LIMIT: Final = 1800.0
_LAST_LINES: Final = 15
_READ_AGAIN: Final = 8 << 20  # bytes of a failed build's output in which its errors are looked for

_NO_IDF: Final = "; <firmware project=...> finds ESP-IDF by itself; `testarena doctor --target {}` says what is missing"
_FOR_TARGET: Final = re.compile(r"(?:^|[ =])(esp32\w{0,3})(?= |$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program that builds firmware; `name` stands before its lines."""

    name: str
    request: Request
    shown: str  # its command, as people would write it
    folders: Folders


class CutOff(BuildError):
    """The program did not come to its own end: it took too long, or was killed."""


async def run_program(program: Program, context: RunContext, log: Path) -> str:
    """Run it to its end; returns what it said. Raises BuildError with the cause, EnvironmentLacks without a tool."""
    lines = _LineSplitter()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab", buffering=0) as file:
        began = file.tell()

        def take(data: bytes) -> None:
            file.write(data)
            tell(lines.split(data), program.name, context)

        outcome = await run_once(context.processes, program.request, timeout=BUILD_LIMIT, on_output=take)
        tell(lines.rest(), program.name, context)
    text = _said(log, began)
    if not outcome.ok:
        code = places_of(text, program.folders)
        kind = CutOff if outcome.code is None or outcome.timed_out else BuildError
        raise kind(_why(program, outcome, _with_short_names(text, code)), code=code)
    return text


def tell(lines: tuple[str, ...], name: str, context: RunContext) -> None:
    """Show lines of a build."""
    if lines:
        context.sink(ev.Output(t=context.clock(), scenario="", origin=name, lines=lines))


def _said(log: Path, began: int) -> str:
    with log.open("rb") as file:
        file.seek(began)
        return file.read(_READ_AGAIN).decode("utf-8", "backslashreplace")


def _with_short_names(text: str, code: tuple[CodePlace, ...]) -> str:
    """Compilers are called with absolute names; people know their files by shorter ones."""
    for name in {place.source.file for place in code}:
        text = text.replace(os.path.normpath(Path.cwd() / name), name)
    return text


def _why(program: Program, outcome: Outcome, text: str) -> str:
    """The cause in the headline, the last lines below it."""
    end = outcome.output.decode("utf-8", "backslashreplace")
    last = "\n".join(end.rstrip().splitlines()[-_LAST_LINES:])
    where = f"`{program.shown}` in {program.request.cwd}: {outcome}"
    cause = cause_of(text) or str(outcome)
    lacks_idf = cause.endswith(("idf.py: not found", "idf.py: command not found"))
    hint = _NO_IDF.format(_target(program.shown)) if lacks_idf else ""
    return f"the firmware can't be built: {cause}{hint}\n{where}; it said last:\n{last}"


def _target(command: str) -> str:
    """What a command builds for, when it says so."""
    found = _FOR_TARGET.search(command)
    return found[1] if found is not None else "TARGET"


class _LineSplitter:
    """Whole lines out of pieces of bytes."""

    def __init__(self) -> None:
        self._open = b""

    def split(self, data: bytes) -> tuple[str, ...]:
        *whole, self._open = (self._open + data).split(b"\n")
        return tuple(line.rstrip(b"\r").decode("utf-8", "backslashreplace") for line in whole)

    def rest(self) -> tuple[str, ...]:
        return self.split(b"\n") if self._open else ()


@asynccontextmanager
async def alone_in(folder: Path, on_wait: Callable[[], None] = lambda: None) -> AsyncIterator[None]:
    """Keep other builds, also of other runs on this host, from running in this folder meanwhile.

    They would write the same files. The folder itself is what is locked, so that no lock file is left behind.
    """
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise EnvironmentLacks(f"{folder}: can't build here: {error.strerror}") from error
    try:
        if not try_lock(lock):
            on_wait()
            await _wait_for(lock, folder)
        yield
    finally:
        os.close(lock)


async def _wait_for(lock: int, folder: Path) -> None:
    try:
        await wait_for_lock(lock, _LOCK_LIMIT)
    except TimeoutError:
        raise BuildError(
            f"another build has been running in {folder} for {_LOCK_LIMIT:g}s; end it, then try again"
        ) from None
