"""Quarantine in the engine: the case runs, its failure stays, and counts, verdicts and progress leave it out."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from msgspec.structs import replace

from tests.support.trial import Trial
from tests.unit.tpf.test_expected import SHELL, UP, progress
from tpf import events as ev
from tpf.context import Kinds
from tpf.engine import RunControl, RunOptions, run_plan
from tpf.fold import fold
from tpf.language import LoadOptions, load_scenarios, own_vocabulary
from tpf.machines import KINDS as MACHINES
from tpf.result import Counts, Quarantine, RunState, Verdict
from tpf.schedule import plan
from tpf.selection import not_passed
from tpf.steps import KINDS as STEPS

SAID = Quarantine(reason="noisy", ticket="PROJ-7", until="2026-12-01")
JUNIT = '<testsuite name="s"><testcase name="good"/><testcase name="bad"><failure message="no"/></testcase></testsuite>'


def run(folder: Path, body: str, *cases: str, parts: tuple[str, ...] = (), machine: str = "sh shell.sh") -> Trial:
    """Run a scenario with these cases in quarantine, and these parts of all of its cases."""
    (folder / "shell.sh").write_text(SHELL)
    (folder / "report.junit").write_text(JUNIT)
    text = f'<scenario name="it" timeout="30s"><machine kind="command" command="{machine}"/>{UP}{body}</scenario>'
    (folder / "it.xml").write_text(text)
    (made,) = load_scenarios([Path()], own_vocabulary(), LoadOptions(checkout=folder, cwd=folder))
    marked = tuple(
        replace(
            case,
            quarantine=SAID if case.name in cases else None,
            quarantined_parts=tuple((part, SAID) for part in parts),
        )
        for case in made.cases
    )
    events: list[ev.Event] = []
    report = folder / "report"
    report.mkdir()
    options = RunOptions(report=report, checkout=folder, environment=dict(os.environ), timeout=60)
    planned = plan((replace(made, cases=marked),))
    asyncio.run(run_plan(planned, Kinds(steps=STEPS, machines=MACHINES), events.append, options, RunControl()))
    return Trial(fold(events), events, report)


BAD = '<case name="bad"><send>a</send><expect within="50ms">never</expect></case>'
GOOD = '<case name="good"><send>x</send><expect>got x</expect></case>'


def test_a_quarantined_failure_is_kept_and_fails_nothing(tmp_path: Path) -> None:
    ran = run(tmp_path, BAD + GOOD, "bad")
    assert ran.verdicts == ["failed", "passed"]
    assert ran["bad"].failure is not None
    assert ran["bad"].quarantine == SAID
    assert ran.result.scenarios[0].verdict is Verdict.PASSED
    assert ran.result.verdict is Verdict.PASSED
    assert ran.result.counts == Counts(passed=1, quarantined=1)
    assert ran.result.counts.total == 2
    told = progress(ran)
    assert told.state is RunState.PASSED
    assert told.counts == ran.result.counts
    assert told.scenarios["it"].failures[0].startswith("quarantined until 2026-12-01, PROJ-7: ")
    assert not_passed(ran.result) == frozenset()


def test_a_run_of_nothing_else_passes(tmp_path: Path) -> None:
    assert run(tmp_path, BAD, "bad").result.verdict is Verdict.PASSED


def test_other_failures_still_count(tmp_path: Path) -> None:
    ran = run(tmp_path, BAD + BAD.replace('"bad"', '"worse"'), "bad")
    assert ran.result.verdict is Verdict.FAILED
    assert ran.result.counts == Counts(failed=1, quarantined=1)
    assert progress(ran).state is RunState.FAILED
    assert progress(ran).counts == ran.result.counts


def test_one_that_passes_is_told_and_counts_as_passed(tmp_path: Path) -> None:
    ran = run(tmp_path, GOOD, "good")
    assert ran["good"].recovered
    assert ran.result.counts == Counts(passed=1)


def test_an_error_is_never_forgiven(tmp_path: Path) -> None:
    ran = run(tmp_path, '<case name="bad"><run>no-such-program-at-all</run></case>', "bad")
    assert ran["bad"].verdict is Verdict.ERROR
    assert not ran["bad"].quarantined
    assert ran.result.verdict is Verdict.ERROR
    assert progress(ran).state is RunState.ERROR


def test_a_machine_that_does_not_start_is_an_error_whoever_is_in_quarantine(tmp_path: Path) -> None:
    ran = run(tmp_path, BAD, "bad", machine="no-such-machine-at-all")
    assert ran.result.verdict is Verdict.ERROR
    assert ran.result.counts.quarantined == 0


def test_a_part_in_quarantine_fails_neither_its_case_nor_the_run(tmp_path: Path) -> None:
    body = '<case name="unit"><junit file="report.junit"/><send>x</send><expect>got x</expect></case>'
    (tmp_path / "with").mkdir()
    whole = run(tmp_path / "with", body)
    assert whole.verdicts == ["failed", "passed", "failed"]
    name = whole.result.cases[2].name.removeprefix("unit / ")
    (tmp_path / "without").mkdir()
    ran = run(tmp_path / "without", body, parts=(name,))
    assert ran.verdicts == ["passed", "passed", "failed"]
    assert ran.result.cases[2].quarantined
    assert ran.result.verdict is Verdict.PASSED
    assert progress(ran).counts == ran.result.counts == Counts(passed=2, quarantined=1)


def test_parts_of_a_case_in_quarantine_are_in_it(tmp_path: Path) -> None:
    ran = run(tmp_path, '<case name="unit"><junit file="report.junit"/></case>', "unit")
    assert ran.result.counts == progress(ran).counts == Counts(passed=1, quarantined=2)
    assert ran.result.verdict is Verdict.PASSED
