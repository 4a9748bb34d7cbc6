"""A quarantined failure in every report: shown, and told apart from what fails the run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from testarena_ci.ending import any_case_failed, exit_code, outputs, result_words
from testarena_ci.forges.base import State
from testarena_ci.reports import KINDS
from testarena_ci.reports.base import ReportInput
from testarena_ci.reports.status import Place, run_status, scenario_status
from testarena_ci.reports.words import verdict_line
from testarena_ci.runner_commands import failure_annotations
from tests.support import runs
from tests.support.builders import Run
from tests.support.golden import Golden

GREEN, RED = runs.quarantined(), runs.quarantined(another_fails=True)
PLACE = Place(sha="c0ffee")
LABEL = "quarantined until 2026-12-01, https://example.org/issues/7"


def report(kind: str, made: Run = GREEN) -> str:
    told = KINDS[kind].load()(ReportInput(result=made.result))
    return told if isinstance(told, str) else told.decode()


def test_it_fails_neither_run_nor_commit() -> None:
    assert exit_code(GREEN.result) == 0
    assert not any_case_failed(GREEN.result)
    assert not failure_annotations(GREEN.result)
    assert outputs(GREEN.result, Path("r")).items() >= {"outcome": "passed", "failed": "0", "quarantined": "1"}.items()
    status = run_status(GREEN.result, PLACE)
    assert (status.state, status.description) == (State.SUCCESS, "1 quarantined · 2 passed · 7.4s")
    assert scenario_status(GREEN.result, GREEN.result.scenarios[0], PLACE).state is State.SUCCESS
    assert verdict_line(GREEN.result) == "2 cases passed, 1 quarantined"


def test_it_hides_no_other_failure() -> None:
    assert exit_code(RED.result) == 1
    assert len(failure_annotations(RED.result)) == 1
    status = run_status(RED.result, PLACE)
    assert status.state is State.FAILURE
    assert status.description == "1 failed: console answers/late · 1 quarantined · 2 passed · 7.4s"
    assert verdict_line(RED.result) == "1 of 4 cases failed, 1 quarantined"


def test_last_words() -> None:
    lines = list(result_words(GREEN.result, Path("r")))
    assert f"console answers/drifts: {LABEL}: expected" in lines[0]
    assert lines[1] == (
        "console answers/drifted once: passes again: take it out of quarantine (https://example.org/issues/7)"
    )
    assert lines[2].startswith("PASSED: 1 quarantined, 2 passed in")


def test_summary(golden: Golden) -> None:
    golden.check("reports/summary/quarantined.md", report("summary", RED))


def test_junit_says_skipped_with_all_that_a_failure_has() -> None:
    root = etree.fromstring(report("junit", RED).encode())
    suite = root.find("testsuite")
    assert suite is not None
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["4", "1", "0", "1"]
    skipped = root.find("testsuite/testcase[@name='drifts']/skipped")
    assert skipped is not None
    assert (skipped.get("message") or "").startswith(f"{LABEL}: expected ")
    assert "last line" in (skipped.text or "")


def test_results_json() -> None:
    told = json.loads(report("json", RED))
    assert told["run"]["counts"] == {
        "total": 4,
        "passed": 2,
        "failed": 1,
        "error": 0,
        "skipped": 0,
        "flaky": 0,
        "quarantined": 1,
    }
    drifts, _, ping, late = told["scenarios"][0]["cases"]
    assert (drifts["verdict"], drifts["quarantined"], drifts["quarantine"]["until"]) == ("failed", True, "2026-12-01")
    assert (ping["quarantine"], late["quarantined"]) == (None, False)


@pytest.mark.parametrize("made, parts", [(GREEN, 1), (runs.passed(), 0)])
def test_html_has_a_card_and_a_count(made: Run, parts: int) -> None:
    page = report("html", made)
    assert page.count(f"{LABEL}: the sensor drifts</span>") == parts
    assert page.count("</b> quarantined</li>") == parts
