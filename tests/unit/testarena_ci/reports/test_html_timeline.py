"""What ran when, as bars in lanes."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from testarena_ci.reports.html.timeline import Timeline, timeline
from tests.support import runs
from tests.support.builders import case, failure, run, scenario
from tpf.result import BuildResult, FailureKind, RunResult, Verdict


def drawn(result: RunResult) -> Timeline:
    made = timeline(result)
    assert made is not None
    return made


def test_a_lane_for_each_worker_and_the_builds_above() -> None:
    one = replace(scenario("one", "one", case("a", 1)), start=2.0, seconds=6.0, worker=0)
    two = replace(scenario("two", "two", case("a", 1)), start=2.0, seconds=3.0, worker=1)
    three = replace(scenario("three", "three", case("a", 1)), start=5.0, seconds=5.0, worker=1)
    builds = tuple(BuildResult(name=name, command="make", seconds=2.0, start=0.0) for name in ("x", "y"))
    made = drawn(run(one, two, three, builds=builds, seconds=10.0))
    assert [lane.name for lane in made.lanes] == ["builds", "builds", "worker 1", "worker 2"]
    assert [(bar.x, bar.width, bar.anchor) for bar in made.lanes[3].bars] == [
        (20.0, 30.0, "two"),
        (50.0, 50.0, "three"),
    ]
    assert made.lanes[3].bars[0].label == "two: passed, from 2.00 s on, took 3.00 s"


def test_many_short_ones_are_one_bar_that_leads_to_the_gravest() -> None:
    wrong = failure(FailureKind.PANIC, "panic")
    short = [
        replace(scenario(f"s{n}", f"s{n}", failure=wrong if n == 7 else None), start=n * 0.01, seconds=0.01, worker=0)
        for n in range(20)
    ]
    long = replace(scenario("long", "long", case("a", 1)), start=1.0, seconds=99.0, worker=0)
    first, last = drawn(run(*short, long, seconds=100.0)).lanes[0].bars
    assert (first.verdict, first.anchor) == (Verdict.FAILED, "s7")
    assert first.label.startswith("20 short ones, 1 not passed, first s7")
    assert (last.name, last.anchor) == ("long", "long")


def test_ten_thousand_scenarios_draw_like_a_few_hundred() -> None:
    made = drawn(runs.large(10_000, 1, 0).result)
    assert len(made.lanes) == 4
    assert sum(len(lane.bars) for lane in made.lanes) <= 4 * 201


def test_one_scenario_alone_needs_none() -> None:
    assert timeline(runs.passed().result) is None


def test_more_workers_than_one_can_look_at_are_counted() -> None:
    many = [replace(scenario(f"s{n}", f"s{n}"), start=0.0, seconds=1.0, worker=n) for n in range(50)]
    assert drawn(run(*many, seconds=1.0)).lanes_left == 10


@pytest.mark.parametrize(
    "seconds, told",
    [
        (0.004, ["0", "0.001 s", "0.002 s", "0.003 s"]),
        (7, ["0", "2 s", "4 s", "6 s"]),
        (270, ["0", "1:00", "2:00", "3:00", "4:00"]),
        (9000, ["0", "30:00", "1:00:00", "1:30:00", "2:00:00"]),
    ],
)
def test_the_time_is_told_in_round_steps(seconds: float, told: list[str]) -> None:
    two = [replace(scenario(name, name), start=0.0, seconds=seconds, worker=0) for name in ("a", "b")]
    assert [label for _, label in drawn(run(*two, seconds=seconds)).ticks] == told
