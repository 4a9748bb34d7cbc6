"""What a reader must look at, each thing once."""

from __future__ import annotations

from testarena_ci.reports.findings import failing_step, findings
from tests.support import runs
from tests.support.builders import attempt, case, failure, not_run, run, scenario, step
from tpf.result import FailureKind, Verdict

LATE = failure(FailureKind.TIMEOUT, "too late")


def test_a_good_run_has_none() -> None:
    assert findings(runs.passed().result) == ()


def test_a_build_that_failed_for_several_scenarios_is_one() -> None:
    build, *cases = findings(runs.mixed().result)
    assert [scenario.name for scenario in build.scenarios] == ["radio esp32", "radio esp32s3"]
    assert build.not_run == 6
    assert [found.case.name for found in cases if found.case] == ["enough heap is left", "null pointer is caught"]
    assert [found.anchor for found in cases] == [
        "console-answers/enough-heap-is-left",
        "console-answers/null-pointer-is-caught",
    ]


def test_an_interruption_takes_the_blame_for_what_did_not_run() -> None:
    (found,) = findings(runs.interrupted().result)
    assert (found.failure.kind, found.not_run, found.scenarios) == (FailureKind.INTERRUPTED, 2, ())


def test_cases_that_never_ran_without_a_reason_above_them_are_one_finding_a_scenario() -> None:
    lost = failure(FailureKind.NOT_RUN, "lost")
    result = run(
        scenario("a", "a", not_run("x", 1, lost), not_run("y", 2, lost)), scenario("b", "b", not_run("z", 3, lost))
    )
    assert [(found.anchor, found.not_run) for found in findings(result)] == [("a", 2), ("b", 1)]


def test_a_failure_without_a_reason_is_still_one() -> None:
    wrong = step("check", 3, verdict=Verdict.FAILED, failure=LATE)
    silent = attempt(wrong, failure=LATE)
    result = run(scenario("a", "a", case("x", 1, silent)))
    assert findings(result)[0].failure == LATE


def test_the_failing_step_is_the_innermost_of_the_last_ones() -> None:
    outer = step("repeat", 3, verdict=Verdict.FAILED, failure=LATE)
    inner = step("expect", 4, verdict=Verdict.FAILED, failure=LATE, depth=1)
    after = step("teardown", 9, phase="teardown")
    assert failing_step(attempt(outer, inner, after)) is inner
    assert failing_step(attempt(inner, outer)) is inner
    assert failing_step(attempt(after)) is None


def test_the_place_is_the_step_then_the_case() -> None:
    wrong = step("expect", 42, verdict=Verdict.FAILED, failure=LATE)
    result = run(scenario("a", "a", case("x", 7, attempt(wrong, failure=LATE)), case("y", 8, attempt(failure=LATE))))
    assert [str(found.place) for found in findings(result)] == [
        "scenarios/console.xml:42:5",
        "scenarios/console.xml:8:5",
    ]


def test_two_cases_of_one_name_have_addresses_of_their_own() -> None:
    result = run(scenario("a", "a", case("x y", 1, attempt(failure=LATE)), case("x-y", 2, attempt(failure=LATE))))
    assert [found.anchor for found in findings(result)] == ["a/x-y", "a/x-y~2"]
