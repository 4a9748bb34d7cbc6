"""What always happens: the teardown, whatever came before; a fresh boot for each try; retries as the nearest says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.trial import Trial, trial
from tpf import events as ev
from tpf.result import FailureKind

SHELL = """\
n=$(($(cat boots 2>/dev/null || echo 0) + 1)); echo $n > boots; echo "boot $n ready"
while read -r line; do
  case $line in
  crash) echo "Guru Meditation Error: Core 0 panic'ed (LoadProhibited)"; echo Rebooting... ;;
  die) exit 3 ;;
  kill) kill -9 $$ ;;
  *) echo "got $line" ;;
  esac
done
"""
UP = "<setup><expect>ready</expect></setup>"
DOWN = "<teardown><run shell='true'>echo done &gt;&gt; torn-down</run></teardown>"
FINE = '<case name="fine"><send>x</send><expect>got x</expect></case>'


def run(folder: Path, body: str, attributes: str = "", **how: object) -> Trial:
    machine = '<machine kind="command" command="sh shell.sh"/>'
    text = f'<scenario name="it" {attributes}>{machine}{body}</scenario>'
    return trial(folder, {"it.xml": text, "shell.sh": SHELL}, **how)  # type: ignore[arg-type]


def torn_down(folder: Path) -> int:
    path = folder / "torn-down"
    return len(path.read_text().split()) if path.exists() else 0


def boots(ran: Trial) -> int:
    return sum(isinstance(event, ev.Booted) for event in ran.events)


@pytest.mark.parametrize(
    "body, attributes, kind",
    [
        (UP + FINE, "", None),
        (UP + '<case name="c"><send>crash</send><expect>never</expect></case>', "", FailureKind.PANIC),
        (UP + '<case name="c"><send>die</send><expect>never</expect></case>', "", FailureKind.EXIT),
        (UP + '<case name="c"><send>kill</send><expect>never</expect></case>', "", FailureKind.EXIT),
        (UP + '<case name="c"><check value="1" equals="2"/></case>', "", FailureKind.MISMATCH),
        (UP + '<case name="c"><run>no-such-program</run></case>', "", FailureKind.ENVIRONMENT),
        (UP + '<case name="c" timeout="300ms"><wait for="300ms"/><wait for="300ms"/></case>', "", FailureKind.LIMIT),
        (
            UP + '<case name="c"><wait for="500ms"/><wait for="500ms"/></case>',
            'timeout="600ms"',
            FailureKind.LIMIT,
        ),
        ('<setup><expect within="100ms">never</expect></setup>' + FINE, "", FailureKind.NOT_RUN),
        ("<setup><send>crash</send><expect>never</expect></setup>" + FINE, "", FailureKind.NOT_RUN),
    ],
    ids=["pass", "panic", "exit", "killed", "mismatch", "no-tool", "limit", "scenario-limit", "setup", "setup-panic"],
)
def test_a_teardown_follows_each_boot(tmp_path: Path, body: str, attributes: str, kind: FailureKind | None) -> None:
    ran = run(tmp_path, body + DOWN, attributes)
    failure = ran.result.cases[0].failure
    assert (failure and failure.kind) == kind
    assert torn_down(tmp_path) == boots(ran) == 1


def test_a_teardown_follows_an_interruption(tmp_path: Path) -> None:
    body = '<case name="c"><log>now</log><wait for="20s"/></case><case name="d"><log>x</log></case>'
    ran = run(tmp_path, UP + body + DOWN, stop_at=lambda event: isinstance(event, ev.Noted))
    assert ran.result.interrupted
    assert [case.failure.kind for case in ran.result.cases if case.failure] == ["interrupted", "not-run"]
    assert torn_down(tmp_path) == 1


def test_a_machine_that_does_not_start_owes_no_teardown(tmp_path: Path) -> None:
    text = f'<scenario name="it"><machine kind="command" command="./is-not-there"/>{FINE}{DOWN}</scenario>'
    ran = trial(tmp_path, {"it.xml": text})
    assert ran.verdicts == ["error"]
    assert torn_down(tmp_path) == 0


def test_a_failing_teardown_fails_the_scenario_and_no_case(tmp_path: Path) -> None:
    ran = run(tmp_path, UP + FINE + '<teardown><expect within="50ms">never</expect></teardown>')
    (scenario,) = ran.result.scenarios
    assert ran.verdicts == ["passed"]
    assert scenario.failure is not None
    assert scenario.failure.headline.startswith("teardown: ")


def test_each_case_has_its_teardown_when_each_has_its_boot(tmp_path: Path) -> None:
    other = FINE.replace("fine", "other")
    ran = run(tmp_path, UP + FINE + other + DOWN, 'boot="case"')
    assert (ran.verdicts, boots(ran), torn_down(tmp_path)) == (["passed", "passed"], 2, 2)


LATE = '<case name="late" {}><send>x</send><run shell="true">test $(cat boots) -ge 3</run></case>'


@pytest.mark.parametrize(
    "case, scenario, of_run, tries",
    [
        ("", "", 0, 1),
        ("", "", 2, 3),
        ("", 'retries="2"', 0, 3),
        ('retries="2"', "", 0, 3),
        ('retries="0"', 'retries="2"', 2, 1),
        ("", 'retries="0"', 2, 1),
        ('retries="1"', 'retries="0"', 5, 2),
    ],
)
def test_retries_are_those_that_the_nearest_says(
    tmp_path: Path, case: str, scenario: str, of_run: int, tries: int
) -> None:
    ran = run(tmp_path, UP + LATE.format(case) + DOWN, scenario, retries=of_run)
    late = ran["late"]
    assert len(late.attempts) == tries
    assert (late.verdict.value, late.flaky) == (("passed", True) if tries == 3 else ("failed", False))
    assert boots(ran) == torn_down(tmp_path) == tries


def test_a_setup_that_fails_is_tried_again_as_often_as_the_scenario_says(tmp_path: Path) -> None:
    setup = '<setup><run shell="true">test $(cat boots) -ge 2</run></setup>'
    ran = run(tmp_path, setup.replace("<run", "<expect>ready</expect><run") + FINE + DOWN, 'retries="1"')
    assert (ran.verdicts, boots(ran), torn_down(tmp_path)) == (["passed"], 2, 2)
