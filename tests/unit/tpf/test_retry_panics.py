"""No retry after a panic, unless the case, its scenario or the run asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.trial import Trial, trial
from tests.unit.tpf.test_expected import SHELL, UP
from tpf import events as ev
from tpf.language import LoadOptions, load_scenarios, own_vocabulary
from tpf.parts import failure_by
from tpf.result import Failure, FailureKind, Part, Source

CRASH = '<case name="crash" {}><send>crash</send><expect within="2s">never</expect></case>'
LATE = '<case name="late"><send>a</send><expect within="50ms">never</expect></case>'


def run(folder: Path, body: str, attributes: str = "", setup: str = UP) -> Trial:
    machine = '<machine kind="command" command="sh shell.sh"/>'
    text = f'<scenario name="it" timeout="30s" retries="2" {attributes}>{machine}{setup}{body}</scenario>'
    return trial(folder, {"it.xml": text, "shell.sh": SHELL})


@pytest.mark.parametrize(
    "case, scenario, attempts",
    [
        ("", "", 1),
        ('retry-panics="true"', "", 3),
        ("", 'retry-panics="true"', 3),
        ('retry-panics="false"', 'retry-panics="true"', 1),
    ],
)
def test_a_panic_is_tried_again_when_the_nearest_says_so(
    tmp_path: Path, case: str, scenario: str, attempts: int
) -> None:
    ran = run(tmp_path, CRASH.format(case), scenario)
    assert len(ran["crash"].attempts) == attempts
    told = 'not tried again: it panicked; retry-panics="true" allows that'
    assert ran["crash"].notes == ((told,) if attempts == 1 else ())


def test_other_failures_are_tried_again(tmp_path: Path) -> None:
    ran = run(tmp_path, LATE)
    assert len(ran["late"].attempts) == 3
    assert not ran["late"].notes


def test_the_case_after_the_panic_gets_a_fresh_boot(tmp_path: Path) -> None:
    ran = run(tmp_path, CRASH.format("") + '<case name="next"><send>x</send><expect>got x</expect></case>')
    assert ran.verdicts == ["failed", "passed"]
    assert sum(isinstance(event, ev.Booted) for event in ran.events) == 2


@pytest.mark.parametrize("attributes, boots", [("", 1), ('retry-panics="true"', 3)])
def test_nor_is_a_setup_that_panics(tmp_path: Path, attributes: str, boots: int) -> None:
    setup = '<setup><expect>ready</expect><send>crash</send><expect within="2s">never</expect></setup>'
    ran = run(tmp_path, LATE, attributes, setup)
    assert ran.verdicts == ["error"]
    assert sum(isinstance(event, ev.Booted) for event in ran.events) == boots


def test_a_panic_among_the_tests_of_a_step_is_one_of_the_case() -> None:
    kinds = (FailureKind.MISMATCH, FailureKind.PANIC)
    parts = [Part(name=kind, failure=Failure(kind=kind, message="no")) for kind in kinds]
    told = failure_by(parts, Source(file="it.xml"))
    assert told is not None
    assert told.kind is FailureKind.PANIC


def test_the_run_says_it_for_those_that_say_nothing(tmp_path: Path) -> None:
    cases = CRASH.format("") + CRASH.format('retry-panics="false"').replace('"crash"', '"other"')
    (tmp_path / "it.xml").write_text(f'<scenario name="it"><machine kind="command" command="cat"/>{cases}</scenario>')
    options = LoadOptions(checkout=tmp_path, cwd=tmp_path, retry_panics=True)
    (made,) = load_scenarios([Path()], own_vocabulary(), options)
    assert [case.retry_panics for case in made.cases] == [True, False]
