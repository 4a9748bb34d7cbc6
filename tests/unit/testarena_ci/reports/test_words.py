"""A run in one line."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from testarena_ci.reports.words import state_of, verdict_line
from tests.support import runs
from tests.support.builders import Run, case, failure, run, scenario, skipped
from tpf.result import FailureKind


@pytest.mark.parametrize(
    "make,state,line",
    [
        (runs.passed, "passed", "Both cases passed"),
        (runs.mixed, "error", "2 of 11 cases failed, 6 did not run"),
        (runs.set_up_failed, "error", "4 of 4 cases did not run"),
        (runs.interrupted, "aborted", "Interrupted: 2 of 3 cases did not run"),
        (runs.killed, "aborted", "The run did not finish: 1 of 2 cases did not run"),
        (runs.empty, "error", "No case matches the filter 'wifi'"),
    ],
)
def test_lines(make: Callable[[], Run], state: str, line: str) -> None:
    result = make().result
    assert (state_of(result), verdict_line(result)) == (state, line)


def test_skipped_cases_are_not_called_passed() -> None:
    assert verdict_line(run(scenario("a", "a", case("x", 1), skipped("y", 2, "why")))) == "1 case passed, 1 skipped"


def test_a_scenario_that_failed_after_its_cases_is_told() -> None:
    torn = failure(FailureKind.STEP, "teardown: no such program: curl")
    result = run(scenario("a", "a", case("x", 1), failure=torn))
    assert verdict_line(result) == "The only case passed, but teardown: no such program: curl"
    assert state_of(result) == "error"


def test_an_empty_run_without_a_reason() -> None:
    assert verdict_line(run()) == "No case ran"
