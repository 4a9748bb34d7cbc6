"""Which cases cover which requirement."""

from __future__ import annotations

from testarena_ci.reports.html.requirements import requirements
from tests.support.builders import attempt, case, failure, run, scenario
from tpf.result import FailureKind, Verdict


def test_what_is_not_met_comes_first_and_names_what_covers_it() -> None:
    bad = failure(FailureKind.TIMEOUT, "too late")
    one = scenario(
        "s",
        "s",
        case("fine", 1),
        case("late", 2, attempt(failure=bad), requirements=("REQ-9",)),
        requirements=("REQ-1",),
    )
    two = scenario("t", "t", case("good", 1, requirements=("REQ-0", "REQ-9")))
    rows = requirements(run(one, two))
    assert [(row.name, row.verdict) for row in rows] == [
        ("REQ-1", Verdict.FAILED),
        ("REQ-9", Verdict.FAILED),
        ("REQ-0", Verdict.PASSED),
    ]
    assert [(cover.name, cover.anchor) for cover in rows[1].covers] == [("late", "s/late"), ("good", "t/good")]


def test_many_cases_of_one_requirement_are_counted() -> None:
    (row,) = requirements(run(scenario("s", "s", *(case(f"c{n}", n + 1, requirements=("R",)) for n in range(20)))))
    assert (len(row.covers), row.more) == (8, 12)
