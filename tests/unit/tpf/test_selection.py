"""Which cases a run takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tpf.errors import UsageError
from tpf.result import (
    Attempt,
    CaseResult,
    Failure,
    FailureKind,
    RunResult,
    ScenarioResult,
    Source,
    Verdict,
)
from tpf.scenario.model import Case, Device, MachineSpec, Scenario
from tpf.selection import Selection, check_cases, not_passed, selected

HERE = Source(file="a.xml", line=1)


def scenario(name: str, *cases: Case | str, tags: tuple[str, ...] = ()) -> Scenario:
    made = tuple(one if isinstance(one, Case) else Case(name=one, source=HERE) for one in cases)
    device = Device(machine=MachineSpec(source=HERE))
    return Scenario(name=name, source=HERE, folder=Path(), target="", devices=(device,), cases=made, tags=tags)


SLOW = Case(name="flood", source=HERE, tags=("slow",))
WIFI = scenario("wifi", "joins", "leaves", SLOW, tags=("net",))
CONSOLE = scenario("console [baud=9600]", "ping", "pong")
BOTH = ["console [baud=9600]/ping", "console [baud=9600]/pong"]
ALL = (WIFI, CONSOLE)


def names(selection: Selection) -> list[str]:
    return [f"{one.name}/{case.name}" for one in selected(ALL, selection) for case in one.cases]


def test_nothing_asked_for_is_everything() -> None:
    assert selected(ALL, Selection()) == ALL


@pytest.mark.parametrize(
    "selection, wanted",
    [
        (Selection(filters=("WIFI/j",)), ["wifi/joins"]),
        (Selection(filters=("*p?ng",)), BOTH),
        (Selection(filters=("ping", "leaves")), ["wifi/leaves", "console [baud=9600]/ping"]),
        (Selection(tags=("net",)), ["wifi/joins", "wifi/leaves", "wifi/flood"]),
        (Selection(tags=("net", "!slow")), ["wifi/joins", "wifi/leaves"]),
        (Selection(tags=("!net",)), BOTH),
        (Selection(cases=("console [baud=9600]/ping",)), ["console [baud=9600]/ping"]),
        (Selection(cases=("wifi/joins", "console [baud=9600]")), ["wifi/joins", *BOTH]),
        (Selection(cases=("wifi",), tags=("slow",)), ["wifi/flood"]),
        (Selection(cases=("wifi/join",)), []),
        (Selection(failed=frozenset({("wifi", "flood"), ("gone", "x")})), ["wifi/flood"]),
        (Selection(failed=frozenset()), []),
    ],
)  # fmt: skip
def test_what_is_wanted(selection: Selection, wanted: list[str]) -> None:
    assert names(selection) == wanted


def test_an_exact_name_that_nothing_has_is_a_slip() -> None:
    check_cases(ALL, ("wifi/joins", "wifi"))
    with pytest.raises(UsageError, match=r"there is no case 'wifi/jions'; did you mean 'wifi/joins'\?"):
        check_cases(ALL, ("wifi/joins", "wifi/jions"))
    with pytest.raises(UsageError, match="see them all with `testarena list`"):
        check_cases(ALL, ("zzzzzz",))


# ---- what a report left not passed


def result(name: str, part_of: str = "", verdict: Verdict = Verdict.PASSED) -> CaseResult:
    tried = Attempt(number=1, start=0.0, seconds=0.0, verdict=verdict)
    return CaseResult(name=name, source=HERE, attempts=(tried,), part_of=part_of)


def ran(*scenarios: ScenarioResult) -> frozenset[tuple[str, str]]:
    return not_passed(RunResult(run_id="r", started="", seconds=0.0, finished=True, scenarios=scenarios))


def suite(name: str, *cases: CaseResult, failure: Failure | None = None) -> ScenarioResult:
    return ScenarioResult(name=name, slug="s", source=HERE, target="", cases=cases, failure=failure)


NOT_RUN = CaseResult(name="never", source=HERE, not_run=Failure(kind=FailureKind.NOT_RUN, message="never ran"))
SKIPPED = CaseResult(name="skipped", source=HERE, skip_reason="no sensor")


def test_failed_errors_and_never_run_count_and_skipped_does_not() -> None:
    cases = (result("good"), result("bad", verdict=Verdict.FAILED), result("broken", verdict=Verdict.ERROR))
    assert ran(suite("a", *cases, NOT_RUN, SKIPPED)) == {("a", "bad"), ("a", "broken"), ("a", "never")}


def test_a_failure_of_the_scenario_alone_is_that_of_all_its_cases() -> None:
    failure = Failure(kind=FailureKind.TIMEOUT, message="teardown: no prompt")
    assert ran(suite("a", result("x"), result("x: part", part_of="x"), failure=failure)) == {("a", "x")}


def test_a_test_that_a_step_told_of_stands_for_its_case() -> None:
    assert ran(suite("a", result("unity: adds", part_of="unity", verdict=Verdict.FAILED))) == {("a", "unity")}


def test_a_repetition_stands_for_all() -> None:
    assert ("a", "x") in ran(suite("a [2/5]", result("x", verdict=Verdict.FAILED)))
