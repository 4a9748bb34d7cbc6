"""`testarena` as people call it: real processes, real compilers, real QEMU on both architectures, all exit codes."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.arena import REPORTS, Arena, Ran, Reader, Report, counts_of, without
from tests.support.processes import eventually
from tpf import events as ev
from tpf.result import FailureKind

pytestmark = pytest.mark.timeout(200)

SCENARIOS = "scenarios"
COMMANDS = ("run", "validate", "list", "report", "finish", "doctor")
FIRMWARE = '<firmware image="../firmware/console/build/${target}/console.elf"/><machine/>'
PROMPT = "<setup><expect>demo&gt; </expect></setup>"
LAMP = 'echo ready\nwhile read -r word; do echo "lamp: $word"; done\n'


@pytest.fixture
def arena(workshop: Path, surroundings: dict[str, str], tmp_path: Path) -> Arena:
    return Arena(folder=workshop, environment=surroundings, reports=tmp_path)


@pytest.fixture(scope="module")
def demo(workshop: Path, surroundings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, Reader]:
    """The first run of all examples, from source, with a reader beside it."""
    arena = Arena(folder=workshop, environment=surroundings, reports=tmp_path_factory.mktemp("demo"))
    with Reader(arena.report()) as reader:
        return arena.run(SCENARIOS), reader


STAMPS = re.compile(r"^ *\d+\.\d{3}(?: @ *\d+\.\d{3})?  ")  # the host's time and, of virtual time, the device's


@pytest.fixture
def built(demo: tuple[Ran, Reader], arena: Arena) -> Arena:
    """With the firmware of both targets."""
    demo[0].ended(0)
    return arena


# ---- the examples: what a newcomer runs first


def test_the_examples_pass_and_every_report_is_there(demo: tuple[Ran, Reader], checkout: Path) -> None:
    ran, _ = demo
    report = ran.ended(0)
    assert ran.err == ""
    assert {path.name for path in report.folder.iterdir() if not path.name.startswith(".")} == {
        *REPORTS,
        *("events.jsonl", "queue_status.json", "queue_log.txt", "logs", "artifacts"),
    }
    counts = report.results["run"]["counts"]
    told = f"PASSED: {counts['passed']} passed, {counts['skipped']} skipped in "
    assert told in ran.out
    assert told in (checkout / "docs/tutorial.md").read_text()  # what a newcomer compares it with
    assert str(report.folder / "index.html") in ran.out


def test_every_report_counts_the_same(demo: tuple[Ran, Reader], arena: Arena) -> None:
    report = demo[0].ended(0)
    counts = report.results["run"]["counts"]
    assert counts == report.status["counts"]
    assert counts_of(report.junit) == {word: counts[word] for word in ("total", "passed", "failed", "error", "skipped")}
    listed = arena.call("list", SCENARIOS)
    listed.ended(0)
    cases = [case for scenario in report.results["scenarios"] for case in scenario["cases"]]
    assert len(cases) == counts["total"]
    written = [case for case in cases if not case["part_of"]]  # what a step ran, such as a Unity test, is told by none
    assert f" {len(written)} cases" in listed.out
    assert counts["passed"] + counts["skipped"] == counts["total"] >= 17
    assert report.status["state"] == "passed"


def test_both_architectures_ran_in_their_emulator(demo: tuple[Ran, Reader]) -> None:
    report = demo[0].ended(0)
    emulators = {scenario["name"]: scenario["command"][0] for scenario in report.results["scenarios"]}
    assert emulators["console answers"] == "qemu-system-riscv32"
    assert emulators["console answers on Xtensa"] == "qemu-system-xtensa"


@pytest.mark.parametrize("slug", ["console-answers", "console-answers-on-xtensa"])
def test_the_console_log_has_every_line_with_its_time(demo: tuple[Ran, Reader], slug: str) -> None:
    lines = demo[0].ended(0).console(slug).splitlines()
    found = [re.fullmatch(r" *(\d+\.\d{3})  (.*)", line) for line in lines]
    assert None not in found
    times = [float(match[1]) for match in found if match]
    texts = [match[2] for match in found if match]
    assert times == sorted(times)
    assert times[0] == 0.0
    assert texts.index("demo> ping") + 1 == texts.index("pong")
    assert 'a <b> & "c"' in texts


def test_the_queue_log_has_what_every_device_said_as_it_came(demo: tuple[Ran, Reader]) -> None:
    report = demo[0].ended(0)
    log = (report.folder / "queue_log.txt").read_text().splitlines()
    assert all(re.match(r"\d\d:\d\d:\d\d\.\d{3} \[\S+\] ", line) for line in log)
    for path in report.folder.glob("logs/*/console.log"):
        texts = [STAMPS.sub("", line) for line in path.read_text().splitlines()]
        said = [text for text in texts if not text.startswith("-- ")]
        heard = [line.partition("] ")[2] for line in log if f" [{path.parent.name}] " in line]
        missing = set(said) - set(heard)
        assert not missing, path


def test_firmware_is_built_once_for_all_that_share_it(demo: tuple[Ran, Reader]) -> None:
    events = demo[0].ended(0).events
    builds = [event.command for event in events if isinstance(event, ev.BuildStarted)]
    scenarios = [event for event in events if isinstance(event, ev.ScenarioStarted)]
    assert sorted(command.partition("TARGET=")[2] for command in builds) == ["riscv32-virt", "xtensa-lx60"]
    assert len(demo[0].report.results["builds"]) == 2 < len(scenarios) - 2


def test_the_status_is_always_whole_and_goes_forward(demo: tuple[Ran, Reader]) -> None:
    demo[0].ended(0)
    reader = demo[1]
    assert reader.torn == []
    seen = [status for status in reader.seen if status]
    assert seen[0]["state"] == "running"
    assert seen[-1]["state"] == "passed"
    done = [status["counts"]["passed"] for status in seen]
    assert done == sorted(done)
    assert [status["updated"] for status in seen] == sorted(status["updated"] for status in seen)


def test_reports_made_again_are_the_same_byte_for_byte(demo: tuple[Ran, Reader], arena: Arena, tmp_path: Path) -> None:
    first = demo[0].ended(0)
    copy = Report(folder=tmp_path / "copy")
    shutil.copytree(first.folder, copy.folder)
    for name in REPORTS:
        (copy.folder / name).unlink()
    again = arena.call("report", str(copy.folder))
    again.ended(0)
    assert copy.bytes() == first.bytes()
    assert sorted(copy.bytes()) == sorted(REPORTS)


def test_a_second_run_replaces_the_report_and_builds_nothing(built: Arena) -> None:
    old = built.run(f"{SCENARIOS}/console.xml").ended(0).results["run"]["id"]
    before = (built.folder / "firmware/console/build/riscv32-virt/console.elf").stat().st_mtime_ns
    new = built.run(f"{SCENARIOS}/console.xml").ended(0).results["run"]["id"]
    assert old != new
    assert (built.folder / "firmware/console/build/riscv32-virt/console.elf").stat().st_mtime_ns == before
    assert not [path for path in built.reports.iterdir() if path.name.startswith(".")]


# ---- what the firmware can do wrong


@pytest.mark.parametrize("target, reason", [("riscv32-virt", "Load access fault"), ("xtensa-lx60", "LoadProhibited")])
def test_a_panic_fails_its_case_at_once_with_its_body(built: Arena, target: str, reason: str) -> None:
    """Whoever waited for something else is told; the next case starts from a fresh boot."""
    crash = '<case name="crash"><send>crash null</send><expect within="50s">something else</expect></case>'
    after = '<case name="after"><send>count</send><expect match="exact">count: 1</expect></case>'
    report = built.run(built.scenario(f"made/panic-{target}", FIRMWARE + PROMPT + crash + after, target=target)).ended(
        1
    )
    assert report.verdicts == {"crash": "failed", "after": "passed"}
    failure = report.cases["crash"]["failure"]
    assert failure["kind"] == FailureKind.PANIC
    headline, _, body = failure["message"].partition("\n")
    assert reason in headline
    assert "Core  0 register dump:" in body
    assert "ELF file SHA256" in body
    assert len([event for event in report.events if isinstance(event, ev.Booted)]) == 2
    assert report.junit.find("testsuite/testcase/failure").get("type") == FailureKind.PANIC  # type: ignore[union-attr]


def test_each_way_to_fail_has_its_kind(arena: Arena) -> None:
    lamp = arena.script("made/lamp.sh", LAMP)
    ready = "<setup><expect>ready</expect></setup>"
    cases = {
        "timeout": '<expect within="100ms">light</expect>',
        "forbidden-output": '<forbid>dark</forbid><send>dark</send><expect within="20s">light</expect>',
        "mismatch": "<run>false</run>",
        "step": "<run>no-such-program</run>",
    }
    body = "".join(f'<case name="{name}">{steps}</case>' for name, steps in cases.items())
    slow = '<case name="limit" timeout="200ms"><wait for="150ms"/><wait for="150ms"/></case>'
    silent = '<case name="silence"><expect within="30s">light</expect></case>'
    gone = '<case name="exit"><expect within="30s">light</expect></case>'
    arena.scenario("made/ways", lamp + ready + body + slow)
    arena.scenario("made/silent", lamp + ready + silent, silence="200ms")
    arena.scenario("made/gone", '<machine kind="command" command="true"/>' + gone)
    report = arena.run("made/ways.xml", "made/silent.xml", "made/gone.xml").ended(4)
    kinds = report.kinds
    assert kinds.pop("step") in (FailureKind.STEP, FailureKind.ENVIRONMENT)
    assert report.verdicts["step"] == "error"
    assert kinds == {name: name for name in ("timeout", "forbidden-output", "mismatch", "limit", "silence", "exit")}
    assert counts_of(report.junit)["failed"] == 6
    assert {case["failure"]["source"]["line"] for case in report.cases.values()} == {1}


def test_a_flaky_case_passes_with_a_label_and_a_skipped_one_is_none(arena: Arena) -> None:
    count = 'n=$(($(cat "$0.count" 2>/dev/null || echo 0) + 1)); echo $n >"$0.count"; echo "boot $n"; cat'
    lamp = arena.script("made/flaky.sh", count)
    second = '<case name="second time"><expect within="300ms">boot 2</expect></case>'
    skipped = '<case name="not now" skip="no lamp"><expect>never</expect></case>'
    path = arena.scenario("made/flaky", lamp + second + skipped)
    report = arena.run(path, "--retries", "1").ended(0)
    assert report.verdicts == {"second time": "passed", "not now": "skipped"}
    assert report.cases["second time"]["flaky"]
    assert [one["verdict"] for one in report.cases["second time"]["attempts"]] == ["failed", "passed"]
    assert report.results["run"]["counts"]["flaky"] == report.status["counts"]["flaky"] == 1
    assert "(1 flaky)" in (arena.reports / "report.out").read_text()


def test_each_case_can_have_a_boot_of_its_own(arena: Arena) -> None:
    lamp = arena.script("made/lamp.sh", LAMP)
    cases = "".join(f'<case name="{name}"><expect>ready</expect></case>' for name in "abc")
    report = arena.run(arena.scenario("made/boots", lamp + cases, boot="case")).ended(0)
    assert [event.boot for event in report.events if isinstance(event, ev.Booted)] == [1, 2, 3]
    assert "-- boot 3" in report.console("boots")


# ---- what the machine, the build and the user can do wrong


def test_a_build_that_fails_names_the_compilers_first_error_and_stops_nobody_else(arena: Arena) -> None:
    (arena.folder / "made").mkdir(exist_ok=True)
    (arena.folder / "made/broken.c").write_text("int main(void) {\n  return undeclared;\n}\n")
    command = "riscv64-unknown-elf-gcc -c broken.c -o broken.elf"
    firmware = f'<firmware command="{command}" image="broken.elf"/><machine/>'
    case = '<case name="{}"><expect>ready</expect></case>'
    arena.scenario("made/broken", firmware + case.format("never"), target="riscv32-virt")
    arena.scenario("made/other", arena.script("made/lamp.sh", LAMP) + case.format("runs"))
    ran = arena.run("made/broken.xml", "made/other.xml")
    report = ran.ended(4)
    assert report.verdicts == {"never": "error", "runs": "passed"}
    broken = next(one for one in report.results["scenarios"] if one["name"] == "broken")
    assert broken["failure"]["kind"] == FailureKind.BUILD
    assert re.search(r"broken\.c:2:\d+: error: .*undeclared", broken["failure"]["message"].partition("\n")[0])
    assert report.kinds == {"never": FailureKind.NOT_RUN}
    assert "broken.c:2:" in ran.out


def test_a_missing_emulator_says_how_to_get_it(built: Arena) -> None:
    poor = without(built.reports / "bin", "qemu-system-riscv32")
    ran = built.run(f"{SCENARIOS}/console.xml", environment=poor)
    report = ran.ended(3)
    assert set(report.verdicts.values()) == {"error"}
    assert "program not found: qemu-system-riscv32" in ran.out
    assert "apt install" in ran.out


def test_a_missing_compiler_is_told(built: Arena) -> None:
    poor = without(built.reports / "bin", "xtensa-lx106-elf-gcc")
    shutil.rmtree(built.folder / "firmware/console/build/xtensa-lx60")
    ran = built.run(f"{SCENARIOS}/console-xtensa.xml", environment=poor)
    assert set(ran.ended(ran.code).verdicts.values()) == {"error"}
    assert ran.code in (3, 4)
    assert "xtensa-lx106-elf-gcc" in ran.out
    built.run(f"{SCENARIOS}/console-xtensa.xml").ended(0)


def test_a_missing_build_tool_says_how_to_get_it(built: Arena) -> None:
    ran = built.run(f"{SCENARIOS}/console.xml", environment=without(built.reports / "bin", "make"))
    ran.ended(3)
    assert "program not found: make" in ran.out
    assert "apt install make" in ran.out


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["nowhere"], ["nowhere"]),
        (["firmware"], ["firmware"]),
        ([SCENARIOS, "--filter", "no such case"], ["no case matches", "no such case", "testarena list"]),
        ([SCENARIOS, "--tag", "nothing"], ["no case matches", "nothing"]),
        ([SCENARIOS, "--jobs", "many"], ["--jobs", "many"]),
        ([SCENARIOS, "--timeout", "5"], ["--timeout", "5", "s"]),
        ([SCENARIOS, "--set", "novalue"], ["--set", "novalue", "name=value"]),
        ([SCENARIOS, "--sned"], ["--sned"]),
        ([SCENARIOS, "--config", "none.yml"], ["none.yml", "no such file"]),
    ],
)
def test_what_can_not_be_run_is_refused_before_anything_is_written(
    arena: Arena, arguments: list[str], words: list[str]
) -> None:
    ran = arena.run(*arguments)
    ran.refused(2, *words)
    assert not ran.report.folder.exists()


def test_mistakes_in_scenarios_come_all_at_once(arena: Arena) -> None:
    arena.scenario("wrong/one", '<case name="a"><sned>ping</sned></case>')
    arena.scenario("wrong/two", '<case name="a"><expect within="5">x</expect></case><cose/>')
    said = arena.run("wrong").refused(2, "wrong/one.xml:1:", "<sned>", "<send>", "wrong/two.xml:1:", "within", "<cose>")
    checked = arena.call("validate", "wrong")
    checked.ended(2)
    told = re.findall(r"^wrong/.*|(?<=testarena: )wrong/.*", said, re.MULTILINE)
    assert len(told) >= 4
    assert told == re.findall(r"^wrong/.*", checked.out + checked.err, re.MULTILINE)


def test_files_of_others_are_not_written_over(arena: Arena) -> None:
    (arena.reports / "report").mkdir()
    (arena.reports / "report/precious.txt").write_text("data")
    arena.run(f"{SCENARIOS}/host-program.xml").refused(2, "has files that no run of ours wrote", "--report-dir")
    assert [path.name for path in (arena.reports / "report").iterdir()] == ["precious.txt"]


# ---- picking and setting


def test_flags_pick_what_runs(arena: Arena) -> None:
    lamp = arena.script("made/lamp.sh", LAMP)
    expect = "<expect>ready</expect>"
    cases = f'<case name="quick one">{expect}</case><case name="slow one" tags="slow">{expect}</case>'
    path = arena.scenario("made/picked", lamp + cases, tags="lamps", boot="case")
    picks = {
        "by name": (["--filter", "picked/quick*"], {"quick one"}),
        "by part": (["--filter", "SLOW"], {"slow one"}),
        "by tag": (["--tag", "lamps"], {"quick one", "slow one"}),
        "without": (["--tag", "lamps", "--tag", "!slow"], {"quick one"}),
    }
    for flags, wanted in picks.values():
        assert set(arena.run(path, *flags).ended(0).verdicts) == wanted
    listed = arena.call("list", path, "--filter", "SLOW")
    listed.ended(0)
    assert "slow one" in listed.out
    assert "quick one" not in listed.out


def test_values_can_be_set(arena: Arena) -> None:
    lamp = arena.script("made/lamp.sh", LAMP)
    path = arena.scenario(
        "made/set", lamp + '<case name="a"><send>${word}</send><expect>lamp: on &amp; on</expect></case>'
    )
    arena.run(path).refused(2, "made/set.xml:1:", "word")
    arena.run(path, "--set", "word=on & on").ended(0)


def test_another_target_takes_the_place_of_the_scenarios_own(built: Arena) -> None:
    report = built.run(f"{SCENARIOS}/console.xml", "--target", "xtensa-lx60").ended(0)
    (scenario,) = report.results["scenarios"]
    assert (scenario["target"], scenario["command"][0]) == ("xtensa-lx60", "qemu-system-xtensa")
    built.run(f"{SCENARIOS}/console.xml", "--target", "esp99").refused(2, "esp99", "riscv32-virt")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_there_for_every_command(arena: Arena, command: str) -> None:
    shown = arena.call(command, "--help")
    shown.ended(0)
    assert shown.out.startswith(f"Usage: testarena {command} ")
    assert len(shown.out.splitlines()) >= 5
    assert f"  {command} " in arena.call("--help").out


# ---- side by side


def test_two_runs_at_once_share_a_checkout_that_nobody_has_built(arena: Arena) -> None:
    shutil.rmtree(arena.folder / "firmware/console/build", ignore_errors=True)
    both = {name: arena.start(f"{SCENARIOS}/console.xml", f"{SCENARIOS}/resets.xml", report=name) for name in "ab"}
    reports = [arena.end(process, name).ended(0) for name, process in both.items()]
    assert [set(report.verdicts.values()) for report in reports] == [{"passed"}, {"passed"}]


@pytest.fixture
def quiet(arena: Arena) -> Iterator[Arena]:
    """A run of which nothing is heard for a minute."""
    lamp = arena.script("made/lamp.sh", LAMP)
    cases = '<case name="a"><expect>ready</expect></case><case name="b"><wait for="50s"/></case>'
    process = arena.start(arena.scenario("made/quiet", lamp + cases))
    try:
        assert arena.has_come_to(ev.CaseStarted, case=1)
        yield arena
        process.terminate()
        arena.end(process).ended(130)
    finally:
        process.kill()
        process.wait()


def test_a_folder_that_a_run_writes_to_is_refused(quiet: Arena) -> None:
    before = (quiet.reports / "report/events.jsonl").read_bytes()
    other = quiet.call("run", f"{SCENARIOS}/host-program.xml", "--report-dir", str(quiet.reports / "report"))
    other.refused(2, "another run is writing here", "--report-dir")
    assert (quiet.reports / "report/events.jsonl").read_bytes() == before


def test_the_status_stays_young_while_nothing_happens(quiet: Arena) -> None:
    """It is refreshed again and again, though no event comes."""
    events = quiet.report().events
    moments: set[str] = set()

    def refreshed() -> bool:
        moments.add(quiet.report().status["updated"])
        return len(moments) > 3

    assert eventually(refreshed)
    assert quiet.report().events == events
    status = quiet.report().status
    assert (status["state"], status["counts"]["passed"], status["scenarios"][0]["case"]) == ("running", 1, "b")
    assert dt.datetime.fromisoformat(status["updated"]).tzinfo is not None
