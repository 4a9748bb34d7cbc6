"""Known faults: a case that is expected to fail, guards that are let through, and what is told of both."""

from __future__ import annotations

from pathlib import Path

from tests.support.trial import Trial, trial
from tpf import events as ev
from tpf.progress import Progress
from tpf.result import FailureKind, RunState, Verdict

SHELL = """\
echo ready
while read -r line; do
  case $line in
  crash) echo "Guru Meditation Error: Core 0 panic'ed (LoadProhibited)"; echo Rebooting... ;;
  abort) echo "abort() was called at PC 0x4200" ;;
  dog) echo "E (100) task_wdt: Task watchdog got triggered" ;;
  die) exit 3 ;;
  *) echo "got $line" ;;
  esac
done
"""
UP = "<setup><expect>ready</expect></setup>"


def run(folder: Path, body: str, attributes: str = "", retries: int = 0) -> Trial:
    machine = '<machine kind="command" command="sh shell.sh"/>'
    text = f'<scenario name="it" timeout="30s" {attributes}>{machine}{UP}{body}</scenario>'
    return trial(folder, {"it.xml": text, "shell.sh": SHELL}, retries=retries)


def progress(ran: Trial) -> Progress:
    told = Progress()
    for event in ran.events:
        told.apply(event)
    return told


def test_an_expected_failure_is_passed_and_says_how_it_failed(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        """<case name="known" expected="fail" ticket="BUG-7"><send>a</send><expect within="100ms">b</expect></case>
           <case name="next"><send>x</send><expect>got x</expect></case>""",
    )
    assert ran.verdicts == ["passed", "passed"]
    known = ran["known"]
    assert known.ticket == "BUG-7"
    assert known.failure is None
    assert known.expected_failure is not None
    assert known.expected_failure.kind is FailureKind.TIMEOUT
    assert known.attempts[0].steps[-1].verdict is Verdict.FAILED
    assert ran.result.verdict is Verdict.PASSED
    assert progress(ran).state is RunState.PASSED
    assert progress(ran).counts == ran.result.counts


def test_an_unexpected_pass_fails_and_says_what_to_do(tmp_path: Path) -> None:
    ran = run(
        tmp_path, '<case name="mended" expected="fail" ticket="BUG-7"><send>a</send><expect>got a</expect></case>'
    )
    failure = ran["mended"].failure
    assert failure is not None
    assert failure.kind is FailureKind.MISMATCH
    assert failure.message == (
        'passed, but is expected to fail for BUG-7: if that is mended, remove expected="fail" and ticket'
    )
    assert str(failure.source) == "it.xml:1:120"
    assert progress(ran).counts == ran.result.counts


def test_an_expected_panic_is_followed_by_a_fresh_boot(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        """<case name="known" expected="fail" ticket="BUG-7"><send>crash</send><expect>b</expect></case>
           <case name="next"><send>x</send><expect>got x</expect></case><teardown><send>die</send></teardown>""",
    )
    assert ran.verdicts == ["passed", "passed"]
    assert ran["known"].expected_failure is not None
    assert ran["known"].expected_failure.kind is FailureKind.PANIC
    assert sum(isinstance(event, ev.Booted) for event in ran.events) == 2


def test_an_error_is_nobodys_expectation(tmp_path: Path) -> None:
    ran = run(tmp_path, '<case name="known" expected="fail" ticket="BUG-7"><run>no-such-program-at-all</run></case>')
    assert ran.verdicts == ["error"]


def test_a_failing_setup_is_not_what_was_expected_of_the_case(tmp_path: Path) -> None:
    body = '<case name="known" expected="fail" ticket="BUG-7"><send>a</send><expect>b</expect></case>'
    text = f"""<scenario name="it" boot="case"><machine kind="command" command="sh shell.sh"/>
      <setup><expect within="100ms">never</expect></setup>{body}</scenario>"""
    ran = trial(tmp_path, {"it.xml": text, "shell.sh": SHELL})
    assert ran.verdicts == ["failed"]


def test_retries_seek_the_expected_failure(tmp_path: Path) -> None:
    flip = "<run shell='true'>test -f seen || { touch seen; exit 0; }; exit 1</run>"
    ran = run(tmp_path, f'<case name="now and then" retries="1" expected="fail" ticket="BUG-7">{flip}</case>')
    assert ran.verdicts == ["passed"]
    assert ran["now and then"].flaky


def test_parts_of_an_expected_failure_do_no_harm(tmp_path: Path) -> None:
    junit = (
        '<testsuite name="s"><testcase name="good"/><testcase name="bad"><failure message="no"/></testcase></testsuite>'
    )
    body = '<case name="known" expected="fail" ticket="BUG-7"><junit file="report.junit"/></case>'
    machine = '<machine kind="command" command="sh shell.sh"/>'
    text = f'<scenario name="it">{machine}{UP}{body}</scenario>'
    ran = trial(tmp_path, {"it.xml": text, "shell.sh": SHELL, "report.junit": junit})
    assert ran.verdicts == ["passed", "passed", "passed"]
    bad = ran.result.cases[2]
    assert bad.expected_failure is not None
    assert "no" in bad.expected_failure.message
    assert progress(ran).counts == ran.result.counts


def test_a_guard_is_let_through_in_a_case(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        """<case name="allowed"><allow>task-watchdog</allow><allow>abort</allow><send>dog</send>
             <expect>task_wdt</expect><send>abort</send><expect>abort()</expect><send>x</send><expect>got x</expect>
           </case>
           <case name="another"><allow>abort</allow><send>crash</send><expect>Rebooting</expect><send>x</send>
             <expect>got x</expect></case>
           <case name="no longer"><send>dog</send><expect>never</expect></case>""",
    )
    assert ran.verdicts == ["passed", "failed", "failed"]
    assert [case.failure.kind if case.failure else "" for case in ran.result.cases] == ["", "panic", "panic"]


def test_a_guard_is_let_through_in_the_whole_scenario(tmp_path: Path) -> None:
    ran = run(
        tmp_path,
        """<allow>panic</allow>
           <case name="one"><send>crash</send><expect>Rebooting</expect></case>
           <case name="two"><send>crash</send><expect>Rebooting</expect></case>
           <case name="others still count"><send>abort</send><expect>never</expect></case>
           <teardown><send>crash</send><expect>Rebooting</expect></teardown>""",
    )
    assert ran.verdicts == ["passed", "passed", "failed"]
    assert ran.result.scenarios[0].failure is None
