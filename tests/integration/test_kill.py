"""Runs that are killed, asked to stop, robbed of emulator or disk: no process is left, and nothing they wrote is lost.

What a killed run wrote until then is made into reports by `testarena report`.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.fakes.forge import FakeForge
from tests.support.arena import REPORTS, Arena, Ran, Report, counts_of, is_root
from tests.support.processes import DEADLINE, alive, carriers, eventually
from tpf import events as ev
from tpf.process import MARK_VARIABLE
from tpf.result import FailureKind

pytestmark = pytest.mark.timeout(120)

FAMILY = "setsid sleep 600 & (sleep 600 &); echo ready; sleep 600; sleep 600\n"
DEAF = "trap '' TERM HUP INT\n"
CASES = """
<setup><expect>demo&gt; </expect></setup>
<teardown><send>ping teardown</send><expect>pong teardown</expect></teardown>
<case name="first"><send>ping</send><expect>pong</expect></case>
<case name="endless"><expect within="50s">never</expect></case>
<case name="last"><send>count</send><expect match="exact">count: 1</expect></case>
"""
LAMP = """
<machine kind="command" command="sh lamp.sh"/>
<teardown><run>touch torn-down</run></teardown>
<case name="first"><expect>ready</expect></case>
<case name="endless"><expect within="50s">never</expect></case>
<case name="last"><expect>ready</expect></case>
"""
QUICK = '<machine kind="command" command="echo ready"/><case name="q"><expect>ready</expect></case>'
MARK = "7e57"


@pytest.fixture
def arena(tmp_path: Path, surroundings: dict[str, str], builds: Callable[[str], Path]) -> Iterator[Arena]:
    """With scenarios on QEMU, on a family of processes, on a deaf one, and one that has the family for a build."""
    folder = tmp_path / "checkout"
    (folder / "firmware").mkdir(parents=True)
    (folder / "firmware/console.elf").write_bytes(builds("riscv32-virt").read_bytes())
    mark = f"{MARK}{os.urandom(4).hex()}:"
    arena = Arena(folder=folder, environment={**surroundings, MARK_VARIABLE: mark}, reports=tmp_path)
    image = '<firmware {}image="firmware/console.elf"/><machine/>'
    arena.scenario("board", image.format("") + CASES, target="riscv32-virt")
    arena.scenario("build", image.format('command="sh lamp.sh" ') + CASES, target="riscv32-virt")
    (folder / "lamp.sh").write_text(FAMILY)
    (folder / "deaf.sh").write_text(DEAF + FAMILY)
    arena.scenario("lamp", LAMP)
    arena.scenario("deaf", LAMP.replace("lamp.sh", "deaf.sh"))
    yield arena
    for pid in carriers(MARK_VARIABLE, mark):
        os.kill(pid, signal.SIGKILL)


def family(arena: Arena) -> set[int]:
    """All that descends from the runs of this test, but for reapers."""
    return carriers(MARK_VARIABLE, arena.environment[MARK_VARIABLE])


def assert_nothing_left(arena: Arena) -> None:
    assert eventually(lambda: not family(arena)), {
        pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in family(arena)
    }


def only_it(process: subprocess.Popen[str]) -> None:
    process.kill()


def its_group(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGKILL)


def reported_again(arena: Arena, report: str = "report") -> tuple[Ran, Report]:
    """What `testarena report` makes of a killed run: all reports, with sums that agree."""
    made = arena.call("report", str(arena.reports / report))
    found = replace(made.report, folder=arena.reports / report)
    assert sorted(found.bytes()) == sorted(REPORTS), made.err
    counts = found.results["run"]["counts"]
    assert counts_of(found.junit) == {word: counts[word] for word in ("total", "passed", "failed", "error", "skipped")}
    return made, found


# ---- SIGKILL


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When it happens, and what of the run is known then."""

    scenario: str
    event: type[ev.Event]
    verdicts: tuple[str, str, str]
    case: int | None = None

    def reached(self, arena: Arena) -> bool:
        return arena.has_come_to(self.event, **({} if self.case is None else {"case": self.case}))


MOMENTS = {
    "during the build": Moment(scenario="build", event=ev.BuildStarted, verdicts=("error", "error", "error")),
    "during the boot": Moment(scenario="board", event=ev.Booted, verdicts=("error", "error", "error")),
    "in a case": Moment(scenario="board", event=ev.CaseStarted, case=1, verdicts=("passed", "error", "error")),
    "with a deaf family": Moment(scenario="deaf", event=ev.CaseStarted, case=1, verdicts=("passed", "error", "error")),
}


@pytest.mark.parametrize("kill", [only_it, its_group])
@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_a_killed_run_leaves_no_process_and_a_journal_that_reports_are_made_of(
    arena: Arena, moment: Moment, kill: Callable[[subprocess.Popen[str]], None]
) -> None:
    process = arena.start(f"{moment.scenario}.xml")
    assert moment.reached(arena)
    kill(process)
    assert arena.end(process).code == -signal.SIGKILL
    assert_nothing_left(arena)
    made, report = reported_again(arena)
    made.ended(130)
    certain = dict(zip(("first", "endless", "last"), moment.verdicts, strict=True))
    if moment.event is ev.Booted:  # some milliseconds later, it may have got further
        certain.pop("first")
    assert certain.items() <= report.verdicts.items()
    assert report.status["state"] == "aborted"
    assert "the run ended before it was finished" in made.out


def test_a_run_killed_between_scenarios_knows_what_ran(arena: Arena) -> None:
    arena.scenario("quick", QUICK)
    process = arena.start("quick.xml", "lamp.xml", "--jobs", "1")
    assert arena.has_come_to(ev.ScenarioFinished, scenario="quick")
    process.kill()
    arena.end(process)
    assert_nothing_left(arena)
    made, report = reported_again(arena)
    made.ended(130)
    assert report.verdicts["q"] == "passed"
    assert {report.verdicts[name] for name in ("endless", "last")} == {"error"}
    assert report.kinds["last"] == FailureKind.NOT_RUN


@pytest.mark.parametrize("file", ["junit.xml", "results.json", "summary.md"])
def test_a_run_killed_while_it_writes_reports_leaves_whole_ones(arena: Arena, file: str) -> None:
    arena.scenario("quick", QUICK)
    process = arena.start("quick.xml")
    assert eventually((arena.reports / "report" / file).exists)
    process.kill()
    arena.end(process)
    before = arena.report().bytes()
    made, report = reported_again(arena)
    made.ended(0)
    assert before.items() <= report.bytes().items()


def test_the_folder_of_a_killed_run_can_be_used_again(arena: Arena) -> None:
    process = arena.start("lamp.xml")
    assert arena.has_come_to(ev.CaseStarted, case=1)
    process.kill()
    arena.end(process)
    arena.scenario("quick", QUICK)
    assert arena.run("quick.xml").ended(0).verdicts == {"q": "passed"}
    assert_nothing_left(arena)


def test_a_kill_of_the_emulator_is_no_fault_of_the_firmware(arena: Arena) -> None:
    """The case is an error, and the next one starts from a fresh boot."""
    process = arena.start("board.xml")
    assert arena.has_come_to(ev.StepStarted, kind="expect", case=1)
    (emulator,) = arena.pids()
    os.kill(emulator, signal.SIGKILL)
    report = arena.end(process).ended(4)
    assert report.verdicts == {"first": "passed", "endless": "error", "last": "passed"}
    assert report.kinds == {"endless": FailureKind.MACHINE}
    assert "SIGKILL" in report.cases["endless"]["failure"]["message"]
    assert len(set(arena.pids())) == 2
    assert_nothing_left(arena)


# ---- signals that ask


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_run_that_is_asked_to_stop_ends_in_order(arena: Arena, number: signal.Signals) -> None:
    process = arena.start("lamp.xml", "board.xml")
    assert arena.has_come_to(ev.CaseStarted, scenario="lamp", case=1)
    assert arena.has_come_to(ev.CaseStarted, scenario="board", case=1)
    process.send_signal(number)
    ran = arena.end(process)
    report = ran.ended(130)
    assert (arena.folder / "torn-down").exists()
    assert "pong teardown" in report.console("board")
    lines = [(case["name"], case["verdict"]) for one in report.results["scenarios"] for case in one["cases"]]
    assert lines == [("first", "passed"), ("endless", "error"), ("last", "error")] * 2
    assert report.kinds == {"endless": FailureKind.INTERRUPTED, "last": FailureKind.NOT_RUN}
    assert report.status["state"] == "aborted"
    assert f"{number.name} received" in ran.out
    assert isinstance(report.events[-1], ev.RunFinished)
    assert not (report.folder / ".work").exists()
    assert_nothing_left(arena)


@pytest.mark.parametrize(
    "event", [ev.CaseNotRun, ev.ScenarioFinished, ev.RunFinished], ids=lambda event: event.__name__
)
def test_signals_that_come_while_it_ends_change_nothing(arena: Arena, event: type[ev.Event]) -> None:
    process = arena.start("deaf.xml")
    assert arena.has_come_to(ev.CaseStarted, case=1)
    process.send_signal(signal.SIGINT)
    assert arena.has_come_to(event)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGTERM):
        process.send_signal(number)
    report = arena.end(process).ended(130)
    assert sorted(report.bytes()) == sorted(REPORTS)
    assert (arena.folder / "torn-down").exists()
    assert_nothing_left(arena)


def test_a_build_that_is_stopped_is_an_error_and_leaves_nothing(arena: Arena) -> None:
    process = arena.start("build.xml")
    assert arena.has_come_to(ev.BuildStarted)
    process.terminate()
    report = arena.end(process).ended(130)
    assert set(report.verdicts.values()) == {"error"}
    (build,) = report.results["builds"]
    assert build["failure"]["kind"] == FailureKind.INTERRUPTED
    assert_nothing_left(arena)


# ---- with a forge


def ci(arena: Arena, forge: FakeForge) -> dict[str, str]:
    """As a runner of Gitea says it."""
    event = arena.reports / "event.json"
    event.write_text('{"repository": {"html_url": "https://git.example.org/acme/lamp"}}')
    return {
        "CI": "true",
        "GITEA_ACTIONS": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": forge.api("gitea"),
        "GITHUB_SERVER_URL": forge.url,
        "GITHUB_REPOSITORY": "acme/lamp",
        "GITHUB_SHA": "a" * 40,
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_RUN_ID": "7",
        "GITHUB_RUN_NUMBER": "7",
        "TESTARENA_TOKEN": "tok-of-the-test",
    }


def states(forge: FakeForge) -> list[str]:
    return [status.state for status in forge.statuses if status.context == "testarena"]


def test_the_commit_status_of_a_stopped_run_is_final(arena: Arena) -> None:
    with FakeForge(token="tok-of-the-test") as forge:
        process = arena.start("lamp.xml", environment=ci(arena, forge))
        assert eventually(lambda: states(forge) == ["pending"])
        assert arena.has_come_to(ev.CaseStarted, case=1)
        process.send_signal(signal.SIGINT)
        ran = arena.end(process)
        ran.ended(130)
        assert states(forge)[-1] == "error"
        assert forge.violations == []
        assert "tok-of-the-test" not in ran.out + ran.err


def test_the_commit_status_of_a_killed_run_is_ended_by_finish(arena: Arena) -> None:
    with FakeForge(token="tok-of-the-test") as forge:
        environment = ci(arena, forge)
        process = arena.start("lamp.xml", environment=environment)
        assert eventually(lambda: states(forge) == ["pending"])
        assert arena.has_come_to(ev.CaseStarted, case=1)
        process.kill()
        arena.end(process)
        finished = arena.call("finish", "--report-dir", str(arena.reports / "report"), environment=environment)
        finished.ended(0)
        assert states(forge)[-1] == "error"
        assert sorted(arena.report().bytes()) == sorted(REPORTS)
        assert_nothing_left(arena)


# ---- no room


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Of a megabyte, with the report folder on it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder))
    if not is_root() or subprocess.run(mount, capture_output=True, timeout=DEADLINE, check=False).returncode:
        pytest.skip("needs the right to mount")
    (tmp_path / "report").symlink_to(folder / "report")
    yield folder
    subprocess.run(("umount", str(folder)), timeout=DEADLINE, check=True)


def test_a_full_disk_ends_the_run_with_a_clear_word(arena: Arena, small_disk: Path) -> None:
    (arena.folder / "flood.sh").write_text("while :; do echo 'all work and no play makes a dull device'; done\n")
    machine = '<machine kind="command" command="sh flood.sh"/>'
    arena.scenario("flood", machine + '<case name="a"><expect within="50s">never</expect></case>')
    ran = arena.run("flood.xml")
    ran.refused(3, str(arena.reports / "report"), "No space left on device", "free some room")
    assert_nothing_left(arena)
    (small_disk / "report/queue_log.txt").unlink()
    _, report = reported_again(arena)
    assert report.verdicts == {"a": "error"}


def test_reports_that_find_no_room_can_be_made_later(arena: Arena, small_disk: Path) -> None:
    arena.scenario("quick", QUICK)
    room = small_disk / "room"
    room.write_bytes(bytes(1024 * 1024 - 60 * 1024))
    arena.run("quick.xml").refused(3, "No space left on device", "free some room")
    room.unlink()
    made, report = reported_again(arena)
    made.ended(0)
    assert report.verdicts == {"q": "passed"}


def test_a_mounted_folder_can_be_the_report_folder(arena: Arena, small_disk: Path) -> None:
    """As a volume of a container is: it can't be replaced, so it is emptied."""
    arena.scenario("quick", QUICK)
    for _ in range(2):
        assert arena.run("quick.xml", report=small_disk.name).ended(0).verdicts == {"q": "passed"}


def test_the_helpers_can_fail(arena: Arena) -> None:
    """They would find what is left."""
    with subprocess.Popen(["sleep", "60"], env=dict(arena.environment)) as process:
        assert eventually(lambda: family(arena) == {process.pid})
        process.kill()
        assert process.wait(DEADLINE)
        assert not alive(process.pid)
