"""Two runs beside each other: what became of cases, times, metrics and sizes."""

from __future__ import annotations

import math
from dataclasses import replace as replaced

import pytest
from msgspec.structs import replace

from testarena_ci.compare.model import Change
from testarena_ci.compare.runs import compare
from testarena_ci.compare.words import reason_words
from tests.support.builders import attempt, case, failure, not_run, run, scenario, skipped
from tpf.result import (
    BuildResult,
    CaseResult,
    Failure,
    FailureKind,
    FirmwareSize,
    Metric,
    Quarantine,
    RunResult,
    ScenarioResult,
    Verdict,
)

LATE = failure(FailureKind.TIMEOUT, 'expect "pong": not within 1 s; 14 lines came', 9)
PANIC = failure(FailureKind.PANIC, "Guru Meditation Error at app_main", 9)
STOPPED = failure(FailureKind.INTERRUPTED, "SIGTERM received")


def passed(name: str, seconds: float = 0.1) -> CaseResult:
    return case(name, 5, attempt(seconds=seconds))


def bad(name: str, why: Failure = LATE) -> CaseResult:
    return case(name, 5, attempt(failure=why))


def flaky(name: str) -> CaseResult:
    return case(name, 5, attempt(failure=LATE), attempt(number=2))


def of(*cases: CaseResult) -> RunResult:
    return run(scenario("console", "console", *cases))


def became(before: CaseResult | None, now: CaseResult | None) -> Change | None:
    """What the comparison says of one case among others."""
    steady = passed("steady")
    base, then = (of(steady, *([one] if one else [])) for one in (before, now))
    found = compare(base, then)
    assert len(found.cases) + found.unchanged == 2 or before is None is now
    return found.cases[0].change if found.cases else None


@pytest.mark.parametrize(
    "before,now,change",
    [
        (passed("x"), passed("x"), None),
        (passed("x"), bad("x"), Change.NEWLY_FAILING),
        (flaky("x"), bad("x"), Change.NEWLY_FAILING),
        (skipped("x", 5, "no"), bad("x"), Change.NEWLY_FAILING),
        (not_run("x", 5, STOPPED), bad("x"), Change.NEWLY_FAILING),
        (None, bad("x"), Change.NEWLY_FAILING),
        (None, passed("x"), Change.NEW),
        (None, not_run("x", 5, STOPPED), Change.NOT_RUN),
        (passed("x"), None, Change.REMOVED),
        (bad("x"), passed("x"), Change.FIXED),
        (bad("x"), flaky("x"), Change.FIXED),
        (bad("x"), bad("x"), Change.STILL_FAILING),
        (bad("x"), bad("x", replace(LATE, message=LATE.message.replace("14", "15"))), Change.STILL_FAILING),
        (bad("x"), bad("x", PANIC), Change.FAILING_OTHERWISE),
        (passed("x"), not_run("x", 5, STOPPED), Change.NOT_RUN),
        (bad("x"), not_run("x", 5, STOPPED), Change.NOT_RUN),
        (not_run("x", 5, STOPPED), not_run("x", 5, STOPPED), Change.STILL_FAILING),
        (passed("x"), flaky("x"), Change.NEWLY_FLAKY),
        (flaky("x"), passed("x"), Change.STEADY),
        (flaky("x"), flaky("x"), None),
        (passed("x"), skipped("x", 5, "no"), Change.NOW_SKIPPED),
        (skipped("x", 5, "no"), passed("x"), Change.RUNS_AGAIN),
        (not_run("x", 5, STOPPED), passed("x"), Change.RUNS_AGAIN),
        (skipped("x", 5, "no"), skipped("x", 5, "no"), None),
    ],
)
def test_what_became_of_a_case(before: CaseResult | None, now: CaseResult | None, change: Change | None) -> None:
    assert became(before, now) is change


def test_only_what_fails_anew_or_was_not_come_to_is_worse() -> None:
    pair = compare(of(passed("x")), of(bad("x")))
    changed = {change: replaced(pair, cases=(replaced(pair.cases[0], change=change),)) for change in Change}
    assert [change for change, found in changed.items() if found.worse] == [Change.NEWLY_FAILING, Change.NOT_RUN]


def test_what_a_quarantine_forgives_is_told_and_is_not_worse() -> None:
    held = Quarantine(reason="timing", ticket="LAMP-7", until="2026-12-01")
    found = compare(of(passed("x")), of(replace(bad("x"), quarantine=held)))
    assert found.newly_failing
    assert not found.worse
    assert reason_words(found.newly_failing[0]).endswith("(in quarantine)")


def test_changes_are_told_the_gravest_first_with_names_that_run_takes() -> None:
    found = compare(of(bad("b"), passed("a"), passed("c")), of(passed("b"), bad("a"), bad("c")))
    assert [(one.change, one.name) for one in found.cases] == [
        (Change.NEWLY_FAILING, "console/a"),
        (Change.NEWLY_FAILING, "console/c"),
        (Change.FIXED, "console/b"),
    ]
    assert found.counts == ((Change.NEWLY_FAILING, 2), (Change.FIXED, 1))
    assert found.newly_failing[0].reason == LATE.headline
    assert found.fixed[0].reason == LATE.headline
    now = found.newly_failing[0].now
    assert now is not None
    assert (str(now.place), now.anchor, now.kind) == ("scenarios/console.xml:9:5", "console/a", FailureKind.TIMEOUT)


def test_cases_of_one_name_are_told_apart_by_their_order() -> None:
    found = compare(of(passed("x"), passed("x")), of(passed("x"), bad("x")))
    assert [one.change for one in found.cases] == [Change.NEWLY_FAILING]
    assert found.cases[0].now is not None
    assert found.cases[0].now.anchor == "console/x~2"


def on(target: str, *cases: CaseResult) -> ScenarioResult:
    return scenario("console", f"console-{target}", *cases, target=target)


def test_scenarios_of_one_name_are_told_apart_by_their_target() -> None:
    before = run(on("esp32", passed("x")), on("esp32c3", bad("x")))
    now = run(on("esp32c3", bad("x")), on("esp32", passed("x")))
    found = compare(before, now)
    assert [one.change for one in found.cases] == [Change.STILL_FAILING]


def test_one_target_can_be_compared_with_another() -> None:
    found = compare(run(on("esp32", passed("x"))), run(on("esp32c3", bad("x"))))
    assert [one.change for one in found.cases] == [Change.NEWLY_FAILING]


def test_failures_of_scenarios_and_of_the_run_itself_count() -> None:
    broken = run(scenario("console", "console", passed("x"), failure=PANIC))
    assert [(one.change, one.name) for one in compare(of(passed("x")), broken).cases] == [
        (Change.NEWLY_FAILING, "console")
    ]
    assert [one.change for one in compare(broken, of(passed("x"))).cases] == [Change.FIXED]
    assert [one.change for one in compare(broken, broken).cases] == [Change.STILL_FAILING]
    assert Change.FIXED not in [one.change for one in compare(broken, run()).cases]
    stopped = replace(of(passed("x")), failure=STOPPED)
    assert [one.name for one in compare(of(passed("x")), stopped).cases] == ["(the run)"]


@pytest.mark.parametrize(
    "before,now,told",
    [
        (1.0, 1.2, False),
        (1.0, 2.0, True),
        (2.0, 1.0, True),
        (0.01, 0.3, False),
        (100.0, 101.0, False),
        (0.0, 1.0, True),
    ],
)
def test_times_within_noise_are_not_told(before: float, now: float, told: bool) -> None:
    times = compare(of(passed("x", before)), of(passed("x", now))).times
    assert bool(times) is told
    assert all(one.slower == (now > before) for one in times)


def test_times_of_failures_say_nothing() -> None:
    slow = case("x", 5, attempt(failure=LATE, seconds=60))
    assert compare(of(passed("x")), of(slow)).times == ()
    assert compare(of(passed("x")), of(flaky("x"))).times == ()


def measured(value: float, **limits: float) -> RunResult:
    return of(replace(passed("x"), metrics=(Metric(name="heap", value=value, unit="bytes", **limits),)))


@pytest.mark.parametrize(
    "before,now,limits,told",
    [
        (100, 100, {}, ()),
        (1000, 1001, {}, ()),
        (100, 110, {}, ((0.1, False, False),)),
        (100, 110, {"maximum": 200}, ((0.1, False, True),)),
        (100, 90, {"maximum": 200}, ((-0.1, False, False),)),
        (100, 90, {"minimum": 50}, ((-0.1, False, True),)),
        (100, 90, {"minimum": 50, "maximum": 200}, ((-0.1, False, False),)),
        (1000, 1001, {"maximum": 1000}, ((0.001, True, True),)),  # a small step, over the limit
        (0, 5, {}, ((None, False, False),)),
        (100, math.nan, {}, ((None, False, False),)),
    ],
)
def test_metrics(before: float, now: float, limits: dict[str, float], told: tuple[object, ...]) -> None:
    found = compare(measured(before), measured(now, **limits)).metrics
    assert tuple((one.relative, one.beyond, one.worse) for one in found) == told


def test_metrics_come_and_go_and_scenarios_have_some() -> None:
    found = compare(of(passed("x")), measured(5)).metrics
    assert [(one.before, one.now) for one in found] == [(None, 5)]
    own = (Metric(name="boot", value=1, unit="s"),), (Metric(name="boot", value=2, unit="s"),)
    one, other = (run(scenario("console", "console", passed("x"), metrics=metrics)) for metrics in own)
    assert [(one.case, one.metric, one.relative) for one in compare(one, other).metrics] == [("", "boot", 1.0)]


def built(*sizes: FirmwareSize) -> RunResult:
    return replace(of(passed("x")), builds=(BuildResult(name="app", command="make", seconds=1, sizes=sizes),))


def test_every_byte_of_a_firmware_is_told() -> None:
    before = built(FirmwareSize(name="image", used=1000, total=2000), FirmwareSize(name="DIRAM", used=5))
    now = built(FirmwareSize(name="image", used=1001, total=2000), FirmwareSize(name="IRAM", used=5))
    found = compare(before, now).sizes
    assert [(one.memory, one.before, one.now, one.delta) for one in found] == [
        ("image", 1000, 1001, 1),
        ("IRAM", None, 5, None),
        ("DIRAM", 5, None, None),
    ]


def test_ten_thousand_cases() -> None:
    names = [f"case {number}" for number in range(10_000)]
    before = run(*(scenario(f"s{at}", f"s{at}", *map(passed, names[at : at + 100])) for at in range(0, 10_000, 100)))
    now = run(*(scenario(f"s{at}", f"s{at}", *map(bad, names[at : at + 100])) for at in range(0, 10_000, 100)))
    found = compare(before, now)
    assert found.counts == ((Change.NEWLY_FAILING, 10_000),)
    assert compare(now, now).counts == ((Change.STILL_FAILING, 10_000),)
    assert compare(before, before).unchanged == 10_000
    assert found.now.verdict is Verdict.FAILED
