"""What is fuzzed: each target takes any bytes, and raises only when something is wrong with us.

A new target is one function here and one line in TARGETS.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from testarena_ci.reports import KINDS as REPORTS
from testarena_ci.reports.base import ReportInput
from testarena_ci.reports.write import log_reader
from tests.fuzz.mutations import mutated
from tpf.console import DEFAULT_GUARDS, Console, Lines
from tpf.console.text import Decoder
from tpf.errors import ScenarioErrors
from tpf.fold import fold
from tpf.journal import JournalError, read
from tpf.language import LoadOptions, load_scenario, own_vocabulary
from tpf.progress import Progress
from tpf.steps.junit.report import read as read_junit
from tpf.steps.unity.lines import happenings
from tpf.steps.unity.menu import parse_menu

DATA: Final = Path(__file__).parent.parent / "data"
SHARED_MEMORY: Final = Path("/dev/shm")
_VOCABULARY: Final = own_vocabulary()
_OPTIONS: Final = LoadOptions(checkout=DATA, cwd=DATA, values={"given": "1"})


def scenario(data: bytes) -> None:
    """A scenario file: scenarios, or problems with places."""
    with _file(data, ".xml") as path:
        try:
            load_scenario(path, _VOCABULARY, _OPTIONS)
        except ScenarioErrors as error:
            for problem in error.problems:
                assert problem.message.isprintable()
                assert problem.source.line >= 0


def journal(data: bytes) -> None:
    """A journal: the result of a run, or a word on what is wrong."""
    with _file(data, ".jsonl") as path:
        try:
            events = tuple(read(path))
        except JournalError:
            return
    with contextlib.suppress(ValueError):
        fold(events)
        progress = Progress()
        for event in events:
            progress.apply(event)


def reports(data: bytes) -> None:
    """A journal with odd values in it, or events left out: every report can be made of what `fold` takes."""
    with _file(mutated(data), ".jsonl") as path:
        try:
            result = fold(read(path))
        except (JournalError, ValueError):
            return
        report = ReportInput(result=result, read_log=log_reader(path.parent))
        for kind in REPORTS.values():
            assert kind.load()(report)


def console(data: bytes) -> None:
    """What a device says: lines without control characters, the same however the bytes are cut into pieces."""
    whole, pieces = Decoder(), Decoder()
    at_once = whole.feed(data) + whole.finish()
    assert at_once == "".join(pieces.feed(data[at : at + 3]) for at in range(0, len(data), 3)) + pieces.finish()
    lines: list[str] = []

    def take(more: Lines) -> None:
        lines.extend(more.texts)

    device = Console(on_lines=take, guards=DEFAULT_GUARDS)
    device.booted()
    for at in range(0, len(data), 61):
        device.feed(data[at : at + 61])
    device.flush()
    assert all("\n" not in line and "\r" not in line for line in lines)


def unity(data: bytes) -> None:
    """What Unity tells, line by line, and its menu."""
    lines = data.decode("utf-8", "backslashreplace").split("\n")
    for line in lines:
        list(happenings(line, "a test"))
    with contextlib.suppress(ValueError):
        parse_menu(lines)


def junit(data: bytes) -> None:
    """A JUnit file of another tool: tests, or a problem."""
    report = read_junit(data)
    assert report.problem.isprintable()


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    target.__name__: target for target in (scenario, journal, reports, console, unity, junit)
}


@contextlib.contextmanager
def _file(data: bytes, suffix: str) -> Iterator[Path]:
    folder = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    with tempfile.NamedTemporaryFile(suffix=suffix, dir=folder) as file:
        file.write(data)
        file.flush()
        yield Path(file.name)
