"""What is fuzzed: each target takes any bytes, and raises only when something is wrong with us.

A new target is one function here and one line in TARGETS.
"""

from __future__ import annotations

import atexit
import contextlib
import datetime as dt
import functools
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from testarena_ci.quarantine import in_quarantine, problems
from testarena_ci.quarantine_file import look_into
from testarena_ci.reports import KINDS as REPORTS
from testarena_ci.reports.base import ReportInput
from testarena_ci.reports.write import log_reader
from testarena_ci.settings import Settings, resolve
from testarena_ci.settings_file import read_file
from tests.fuzz.mutations import mutated
from tpf.console import DEFAULT_GUARDS, Console, Lines
from tpf.console.coredump import CoreDumpCut
from tpf.console.text import Decoder
from tpf.errors import ScenarioErrors, SettingsError
from tpf.fold import fold
from tpf.journal import JournalError, read
from tpf.language import LoadOptions, load_scenario, own_vocabulary
from tpf.panics.addr2line import parse as parse_lines
from tpf.panics.model import Decoded
from tpf.panics.places import SourceTree
from tpf.panics.remote import answer as target_says
from tpf.panics.tell import Told
from tpf.panics.text import parse as parse_panic
from tpf.progress import Progress
from tpf.scenario.model import Scenario
from tpf.schedule import announced, plan
from tpf.steps.junit.report import read as read_junit
from tpf.steps.unity.lines import happenings
from tpf.steps.unity.menu import parse_menu

DATA: Final = Path(__file__).parent.parent / "data"
SHARED_MEMORY: Final = Path("/dev/shm")
_VOCABULARY: Final = own_vocabulary()
_LARGE: Final = 1 << 18  # bytes
_USER: Final = b"""<scenario name="user of steps" timeout="60s">
  <param name="who" values="root 'the guest'"/>
  <case name="first" timeout="20s">
    <use file="shared/steps.xml"><param name="user" value="${who}"/></use>
    <use file="shared/steps.xml"><param name="user" value="a&amp;b"/><param name="patience" value="3s"/></use>
  </case>
</scenario>
"""

_PLAIN: Final = b'<scenario name="s"><machine kind="command" command="cat"/><case name="c"><reset/></case></scenario>'
_TODAY: Final = dt.date(2026, 6, 15)


def scenario(data: bytes) -> None:
    """A scenario file, beside others that it may name: scenarios, or problems with places."""
    _load(scenario=data)


def steps(data: bytes) -> None:
    """A file of steps, used by a right scenario."""
    _load(scenario=_USER, steps=data)


def _load(scenario: bytes, steps: bytes = b"") -> None:
    folder = checkout()
    path = folder / "scenario.xml"
    path.write_bytes(scenario)
    (folder / "shared/steps.xml").write_bytes(steps)
    try:
        load_scenario(path, _VOCABULARY, LoadOptions(checkout=folder, cwd=folder, values={"given": "1"}))
    except ScenarioErrors as error:
        for problem in error.problems:
            assert problem.message.isprintable()
            assert problem.source.line >= 0


def large(data: bytes) -> None:
    """A scenario file with a piece of it over and over; the first two bytes say where that begins and ends."""
    rest = data[2:]
    begin, end = sorted(at * len(rest) // 256 for at in data[:2].ljust(2, b"\0"))
    piece = rest[begin:end] or b" "
    _load(scenario=rest[:begin] + piece * (_LARGE // len(piece)) + rest[end:])


def settings(data: bytes) -> None:
    """A testarena.yml: settings, or a word on what is wrong."""
    wrong = ""
    with _file(data, ".yml") as path:
        try:
            assert isinstance(resolve(read_file(path), {}, {}), Settings)
        except SettingsError as error:
            wrong = str(error)
    assert all(line.startswith(str(path)) and line.isprintable() for line in wrong.split("\n") if wrong)


def quarantine(data: bytes) -> None:
    """A quarantine.yml: entries, and a word on what is wrong; both can be held against scenarios."""
    with _file(data, ".yml") as path:
        entries, wrong = look_into(path, "quarantine.yml")
    scenarios = _user_of_steps()
    found = (*wrong, *problems(entries, scenarios, _TODAY, all_known=True))
    assert all(problem.message.isprintable() and problem.source.file == "quarantine.yml" for problem in found)
    for scenario in announced(plan(in_quarantine(scenarios, entries))):
        for case in scenario.cases:
            assert all((case.quarantine_of(part), said)[1].label.isprintable() for part, said in case.quarantined_parts)


@functools.cache
def _user_of_steps() -> tuple[Scenario, ...]:
    folder = checkout()
    path = folder / "user.xml"
    path.write_bytes(_PLAIN)
    return (load_scenario(path, _VOCABULARY, LoadOptions(checkout=folder, cwd=folder)),)


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


def panic(data: bytes) -> None:
    """A panic's text, a core dump within it, and what the programs say that decode it."""
    text = data.decode("utf-8", "backslashreplace")
    dumps: list[str] = []

    def keep(dump: str) -> str:
        dumps.append(dump)
        return f"dump {len(dumps)}"

    cut = CoreDumpCut(keep)
    lines = (cut.take(text) + cut.finish()).split("\n")
    told = parse_panic(lines)
    if told is not None:
        assert all(len(core.backtrace) <= 128 for core in told.cores)
        tree = SourceTree.of(checkout(), checkout(), None)
        assert "\n" not in Told(told, Decoded(), tree).headline()
        for core in told.cores:
            assert len(target_says(core, "g")) == 33 * 8
    parse_lines(text)


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
    target.__name__: target
    for target in (scenario, steps, large, settings, quarantine, journal, reports, console, panic, unity, junit)
}


@functools.cache
def checkout() -> Path:
    """A folder with what scenarios name: the wrong files as well as the right ones."""
    folder = Path(tempfile.mkdtemp(prefix="testarena-fuzz-", dir=_memory()))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for source in ("bad/semantic", "good"):
        for part in ("shared", "files"):
            shutil.copytree(DATA / "scenarios" / source / part, folder / part, dirs_exist_ok=True)
    return folder


@contextlib.contextmanager
def _file(data: bytes, suffix: str) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile(suffix=suffix, dir=_memory()) as file:
        file.write(data)
        file.flush()
        yield Path(file.name)


def _memory() -> Path | None:
    return SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
