"""Firmware, names, folders and surroundings that mean harm: a sane end, a clear word, bounded time and memory."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from html import escape
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.support.arena import PATIENCE, REPORTS, TESTARENA, Arena, Ran, counts_of, is_root
from tests.support.processes import carriers, eventually
from tpf.process import MARK_VARIABLE
from tpf.result import FailureKind

pytestmark = pytest.mark.timeout(150)

LIMITS = ("prlimit", f"--as={1 << 30}", "--cpu=80")  # what a run may take, so that one that takes more ends
BEGIN = "import os, signal, subprocess, sys, time\nsay = sys.stdout.buffer.write\n"
READY = "say(b'\\nready\\n'); sys.stdout.flush()\n"
STAY = "time.sleep(60)\n"
SEES = '<case name="{}"><expect within="40s">ready</expect></case>'
QUICK = '<machine kind="command" command="echo ready"/><case name="q"><expect>ready</expect></case>'

# What a device does before it is ready, and after. A case waits for the word.
DEVICES = {
    "floods": "for _ in range(80): say(b'all work and no play\\n' * 5000)\n" + READY + STAY,
    "ends no line": "for _ in range(8): say(b'y' * (1 << 20))\n" + READY + STAY,
    "says all bytes": "say(bytes(range(256)) * 40 + bytes(5000))\n" + READY + STAY,
    "steers the terminal": "say(b'\\x1b]0;evil\\x07\\x1b[2J\\x1b[999;999H\\x1bP+q\\x1b\\\\\\x9b2J\\x1b[8m')\n"
    + READY
    + STAY,
    "opens sequences and ends none": "say(b'\\x1b[' * 20000 + b'\\x1b]0;' + b'a' * 99999)\n" + READY + STAY,
    "steers the runner": (
        "say(b'::set-env name=HACKED::1\\n \\t::add-path::/x\\n##[set-env name=HACKED;]1\\n\\r::error::x\\n"
        "\\xc2\\xad::warning::x\\n\\x1b[31m::notice::x\\x1b[0m\\n::stop-commands::x\\n::endgroup::\\n')\n"
        + READY
        + STAY
    ),
    "writes markup": "say(b']]></failure><!--</script><img src=x onerror=alert(1)>{{ 7 * 7 }}\\n')\n" + READY + STAY,
    "is no text": "say(b'\\xff\\xfe\\xed\\xa0\\x80\\xef\\xbf\\xbf\\xe2\\x80\\xae\\xf4\\x90\\x80\\x80')\n"
    + READY
    + STAY,
    "writes byte by byte": "for n in range(40000): os.write(1, b'z' if n % 80 else b'\\n')\n" + READY + STAY,
    "writes blank lines only": "say(b'\\n' * 300000 + b'\\r' * 300000)\n" + READY + STAY,
    "lets others speak when it is gone": (
        "subprocess.Popen('while :; do echo more; done', shell=True, start_new_session=True)\n" + READY
    ),
    "closes its console": READY + "os.close(0); os.close(1); os.close(2)\n" + STAY,
    "hears no signal": "for number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)\n" + READY + STAY,
    "leaves daemons": "for _ in range(9): subprocess.Popen(['setsid', 'sleep', '600'])\n" + READY + STAY,
    "kills its own group": READY + "time.sleep(.1); os.killpg(0, 9)\n",
}


@pytest.fixture
def arena(surroundings: dict[str, str], tmp_path: Path) -> Arena:
    folder = tmp_path / "checkout"
    folder.mkdir()
    arena = Arena(folder=folder, environment=surroundings, reports=tmp_path)
    arena.scenario("quick", QUICK)
    return arena


@pytest.fixture(scope="module")
def attacked(surroundings: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Arena, Ran]:
    """One run of all the hostile devices side by side, as on a runner of GitHub's."""
    folder = tmp_path_factory.mktemp("hostile")
    marks = {MARK_VARIABLE: "a77ac4:", "CI": "true"}
    arena = Arena(folder=folder, environment={**surroundings, **marks}, reports=folder)
    for number, (name, program) in enumerate(DEVICES.items()):
        machine = arena.script(f"device{number}.py", BEGIN + program)
        arena.scenario(f"s{number:02}", machine + SEES.format(name), name=name)
    before = LIMITS if shutil.which(LIMITS[0]) else ()
    return arena, arena.end(arena.start(".", "--jobs", "4", before=before))


# ---- hostile firmware


def test_every_hostile_device_is_heard_to_its_end(attacked: tuple[Arena, Ran]) -> None:
    report = attacked[1].ended(0)
    assert report.verdicts == dict.fromkeys(DEVICES, "passed")
    assert attacked[1].err == ""


def test_nothing_of_a_hostile_device_lives_on(attacked: tuple[Arena, Ran]) -> None:
    arena, _ = attacked
    assert eventually(lambda: not carriers(MARK_VARIABLE, arena.environment[MARK_VARIABLE]))


def test_no_line_of_a_device_is_a_command_for_the_runner(attacked: tuple[Arena, Ran]) -> None:
    ours = re.compile(r"::(group::[\w ]+|endgroup::)")
    lines = attacked[1].out.splitlines()
    commands = [line for line in lines if re.match(r"[^\x21-\x7e]*::", line) or "##[" in line]
    assert [line for line in commands if not ours.fullmatch(line)] == []
    assert len([line for line in lines if line == "::endgroup::"]) == len(DEVICES)
    assert "set-env name=HACKED" in attacked[1].out  # it was said, but not as a command


def test_no_report_holds_what_a_device_could_act_with(attacked: tuple[Arena, Ran]) -> None:
    report = attacked[1].ended(0)
    for name in REPORTS:
        text = (report.folder / name).read_text()
        assert "<img src=x" not in text, name
        assert not set(text) & {chr(code) for code in (*range(9), 11, 12, *range(14, 32), 127)}, name
    counts = report.results["run"]["counts"]
    assert counts_of(report.junit)["total"] == counts["total"] == len(DEVICES)


def test_logs_are_printable_and_lines_are_bounded(attacked: tuple[Arena, Ran]) -> None:
    for log in attacked[1].report.folder.glob("logs/*/console.log"):
        data = log.read_bytes()
        assert set(re.sub(rb"\x1b\[[0-9;:]*m", b"", data)) <= {9, 10, *range(32, 127), *range(128, 256)}, log
        assert max(map(len, data.split(b"\n"))) < 300_000
        assert data.decode()


# ---- devices that fail


def test_a_device_that_reads_nothing_can_not_hold_the_case_up(arena: Arena) -> None:
    machine = arena.script("deaf.py", BEGIN + READY + STAY)
    print_much = f"{sys.executable} -c &quot;print('x' * 1000000)&quot;"
    send = '<case name="send" timeout="1s"><run save="much">{}</run>{}</case>'.format(
        print_much, "<send>${much}</send>" * 10
    )
    report = arena.run(arena.scenario("deaf", machine + send + SEES.format("after"))).ended(1)
    assert report.verdicts == {"send": "failed", "after": "passed"}
    assert report.kinds == {"send": FailureKind.LIMIT}


@pytest.mark.parametrize(
    "program, detail", [("", "exit status 0"), ("sys.exit(3)", "exit status 3"), ("os.abort()", "SIGABRT")]
)
def test_a_device_that_ends_at_once_fails_at_once(arena: Arena, program: str, detail: str) -> None:
    machine = arena.script("gone.py", BEGIN + program)
    report = arena.run(arena.scenario("gone", machine + SEES.format("sees"))).ended(1)
    assert report.kinds == {"sees": FailureKind.EXIT}
    assert detail in report.cases["sees"]["failure"]["message"].partition("\n")[0]


def test_a_device_that_panics_without_end_is_told_briefly(arena: Arena) -> None:
    machine = arena.script(
        "panics.py", BEGIN + "while True: say(b'Guru Meditation Error: Core  0 panicked\\n' * 100)\n"
    )
    report = arena.run(arena.scenario("panics", machine + SEES.format("sees"))).ended(1)
    assert report.kinds == {"sees": FailureKind.PANIC}
    assert len(report.cases["sees"]["failure"]["message"]) < 50_000


def test_a_pattern_that_explodes_is_the_scenarios_fault_and_told_so(arena: Arena) -> None:
    machine = arena.script("a.py", BEGIN + "say(b'a' * 50000 + b'b\\n')\n" + READY + STAY)
    wanted = '<case name="sees"><expect match="regex" within="40s">(a+)+$</expect></case>'
    report = arena.run(arena.scenario("a", machine + wanted)).ended(4)
    assert report.kinds == {"sees": FailureKind.STEP}
    assert "(a+)+$" in report.cases["sees"]["failure"]["message"]


# ---- hostile names


NAMES = (
    *("a/b/../../etc/passwd", "..", ".", "../../../x", "-rf", "--help", "$(touch pwned)", "`touch pwned`", "%s%n{0}"),
    *("<script>alert(1)</script>", "]]>", "&amp;", "\N{FIRE} burns \N{FIRE}", "日本語", "é" * 200, "x" * 200),
    *("::error::x", "##[error]x", "console", "Console", "CONSOLE!", "con", "aux.txt", "a\\b"),
)


def test_names_make_no_paths_no_commands_and_no_markup(arena: Arena) -> None:
    for number, name in enumerate(NAMES):
        machine = '<machine kind="command" command="echo ready"/>'
        arena.scenario(f"names/{number}", machine + SEES.format(escape(name)), name=escape(name))
    ran = arena.run("names", environment={"CI": "true"})
    report = ran.ended(0)
    assert [scenario["name"] for scenario in report.results["scenarios"]] == [
        NAMES[int(Path(scenario["source"]["file"]).stem)] for scenario in report.results["scenarios"]
    ]
    logs = {path.name for path in (report.folder / "logs").iterdir()}
    assert len(logs) == len(NAMES)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,99}", name) for name in logs)
    assert not list(arena.reports.rglob("pwned"))
    assert {suite.get("name") for suite in report.junit.iter("testsuite")} == set(NAMES)


def test_names_that_deceive_the_reader_are_refused(arena: Arena) -> None:
    names = ("\N{RIGHT-TO-LEFT OVERRIDE}evil", "a&#10;b", "x" * 201, "", "&#27;[31m")
    paths = [arena.scenario(f"deceives/{number}", QUICK, name=name) for number, name in enumerate(names[:-1])]
    arena.run("deceives").refused(2, *(f"{path}:1:" for path in paths), "name")
    arena.run(arena.scenario("escape", QUICK, name=names[-1])).refused(2, "escape.xml:1:")


# ---- hostile surroundings


SURROUNDINGS = {
    "another locale": {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "an unknown locale": {"LANG": "xx_YY.nothing", "LC_ALL": "xx_YY.nothing"},
    "a dumb terminal": {"TERM": "dumb"},
    "no home": {"HOME": "/nonexistent"},
    "no folder for temporary files": {"TMPDIR": "/nonexistent"},
    "CI without a runner": {"CI": "true"},
    "a runner that says nothing": {"CI": "true", "GITHUB_ACTIONS": "true"},
    "a runner that says nonsense": {
        "GITHUB_ACTIONS": "1",
        "GITHUB_API_URL": "::",
        "GITHUB_SHA": "../..",
        "GITHUB_REPOSITORY": "a/b/c",
        "GITHUB_EVENT_PATH": "/dev/zero",
        "GITHUB_OUTPUT": "/nonexistent/x",
        "GITHUB_STEP_SUMMARY": "/dev/full",
        "GITHUB_RUN_ID": "9" * 999,
        "GITHUB_TOKEN": "a token\twith blanks",
    },
    "much of everything": {f"V{number}": "x" * 100_000 for number in range(10)},
}


@pytest.mark.parametrize("variables", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_surroundings_change_no_verdict(arena: Arena, variables: dict[str, str]) -> None:
    lamp = arena.script("lamp.sh", "echo '\u00fc ready \u65e5'; cat\n")
    case = '<case name="\u00fc"><expect>\u00fc ready \u65e5</expect></case>'
    report = arena.run(arena.scenario("umlaut", lamp + case), environment=variables).ended(0)
    assert report.verdicts == {"\u00fc": "passed"}
    assert sorted(report.bytes()) == sorted(REPORTS)


def test_an_empty_environment_will_do(arena: Arena) -> None:
    replace(arena, environment={}).run("quick.xml").ended(0)


STREAMS = {
    "no standard input": "<&-",
    "no standard output": ">&-",
    "no standard error": "2>&-",
    "no streams at all": "<&- >&- 2>&-",
    "a full disk behind the output": ">/dev/full 2>/dev/full",
    "a reader who has enough": "| head -n 1",
    "a reader who is gone": "| true",
}


@pytest.mark.parametrize("streams", STREAMS.values(), ids=STREAMS)
def test_a_run_ends_the_same_whoever_listens(arena: Arena, streams: str) -> None:
    (arena.folder / "talks.sh").write_text(
        "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i + 1)); done; echo ready\n"
    )
    arena.scenario("talks", '<machine kind="command" command="sh talks.sh"/>' + SEES.format("sees") + SEES.format("no"))
    script = f"({TESTARENA} run talks.xml --report-dir report; echo $? >code) {streams}"
    made = subprocess.run(
        ["bash", "-c", script],
        cwd=arena.folder,
        env=dict(arena.environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert eventually((arena.folder / "code").exists)
    assert (arena.folder / "code").read_text().strip() == "1"
    assert "Traceback" not in made.stderr
    report = replace(arena.report(), folder=arena.folder / "report")
    assert report.verdicts == {"sees": "passed", "no": "failed"}
    assert sorted(report.bytes()) == sorted(REPORTS)


def test_a_terminal_that_is_closed_stops_the_run_in_order(arena: Arena) -> None:
    arena.scenario("long", '<machine kind="command" command="cat"/><case name="waits"><wait for="50s"/></case>')
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", "--wait", TESTARENA, "run", "long.xml"],
        cwd=arena.folder,
        env=dict(arena.environment),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    report = replace(arena.report(), folder=arena.folder / "testarena-report")
    assert eventually(
        lambda: (
            (report.folder / "events.jsonl").exists()
            and b"StepStarted" in (report.folder / "events.jsonl").read_bytes()
        )
    )
    os.close(ours)
    assert process.wait(PATIENCE) in (130, -signal.SIGHUP)
    assert eventually((report.folder / ".ended").exists)
    assert report.kinds == {"waits": FailureKind.INTERRUPTED}


# ---- hostile folders


FOLDERS = {
    "blanks and quotes": 'my "report\'s" dir/x y',
    "unicode": "r\u00e9port/\u65e5\u672c \N{FIRE}",
    "leading dash": "-report",
    "percent and braces": "%s{0}$HOME",
}


@pytest.mark.parametrize("name", FOLDERS.values(), ids=FOLDERS)
def test_a_report_folder_may_be_called_anything(arena: Arena, name: str) -> None:
    made = subprocess.run(
        [TESTARENA, "run", "quick.xml", f"--report-dir={name}"],
        cwd=arena.folder,
        env=dict(arena.environment),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (made.returncode, made.stderr) == (0, "")
    report = replace(arena.report(), folder=arena.folder / name)
    assert sorted(report.bytes()) == sorted(REPORTS)
    assert replace(arena, folder=arena.folder).call("report", f"./{name}").code == 0


@pytest.mark.parametrize("name", ["quick.xml", "quick.xml/x", "/proc/x", ".", "..", "", "a\nb", "x" * 300])
def test_a_place_that_is_none_for_a_report_is_refused(arena: Arena, name: str) -> None:
    before = sorted(arena.folder.iterdir())
    made = arena.call("run", "quick.xml", "--report-dir", name)
    assert re.search(r"^(testarena: .*)?--report-dir", made.refused(2), re.MULTILINE)
    assert sorted(arena.folder.iterdir()) == before


def test_a_folder_far_down_will_do(arena: Arena) -> None:
    deep = arena.folder.joinpath(*["d" * 100] * 25)
    deep.mkdir(parents=True)
    arena = replace(arena, folder=deep)
    arena.run(arena.scenario("quick", QUICK)).ended(0)


def test_a_folder_that_may_only_be_read_is_told(arena: Arena) -> None:
    mortal = ("setpriv", "--bounding-set=-dac_override") if is_root() else ()
    if mortal and shutil.which(mortal[0]) is None:
        pytest.skip("needs util-linux's setpriv")
    arena.folder.chmod(0o555)
    try:
        made = arena.call("run", "quick.xml", before=mortal)
    finally:
        arena.folder.chmod(0o755)
    made.refused(2, "can't make the report folder: Permission denied", "--report-dir")


def test_two_thousand_scenarios_are_found_and_one_is_run(arena: Arena) -> None:
    for number in range(2000):
        arena.scenario(f"many/{number}", QUICK, name=f"number {number}")
    listed = arena.call("list", "many", "--format", "json")
    listed.ended(0)
    assert len(re.findall(r"number \d+", json.dumps(json.loads(listed.out)))) >= 2000
    report = arena.run("many", "--filter", "number 1999").ended(0)
    assert [scenario["name"] for scenario in report.results["scenarios"]] == ["number 1999"]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><scenario name="x"><case name="&b;"/></scenario>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><scenario name="&a;"/>',
        "<scenario" + " " * 2_000_000,
        "<a>" * 100_000,
        "\0" * 100,
        "",
    ],
    ids=["entities", "a file's text", "large", "deep", "zeros", "empty"],
)
def test_xml_that_means_harm_is_refused(arena: Arena, text: str) -> None:
    (arena.folder / "harm.xml").write_text(text)
    said = arena.run("harm.xml").refused(2, "harm.xml")
    assert "root:" not in said
    assert len(said) < 5000


def test_the_junit_file_of_an_attack_is_read_by_a_strict_parser(attacked: tuple[Arena, Ran]) -> None:
    assert ET.fromstring((attacked[1].report.folder / "junit.xml").read_bytes()).tag == "testsuites"  # noqa: S314  ours
