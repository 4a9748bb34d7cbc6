"""The step `metric`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.steps import Bench, bound, on_bench, problems, step
from tpf.errors import DeviceFailure
from tpf.result import FailureKind, Metric


def measured(folder: Path, value: str, **attributes: str) -> tuple[DeviceFailure | None, list[Metric]]:
    """What the step makes of a value, and what it has recorded."""
    metrics: list[Metric] = []

    async def work(bench: Bench) -> None:
        bench.values["free"] = value
        bench.record.metrics = metrics
        await bench.run(step("metric", " ${free}\n", name="heap.free", **attributes))

    try:
        on_bench(folder, work)
    except DeviceFailure as failure:
        return failure, metrics
    return None, metrics


def test_a_number_is_recorded_with_unit_and_limits(tmp_path: Path) -> None:
    failure, metrics = measured(tmp_path, "123456", unit="B", min="100000", max="2e5")
    assert failure is None
    assert metrics == [Metric(name="heap.free", value=123456.0, unit="B", minimum=100000.0, maximum=200000.0)]


@pytest.mark.parametrize(
    "value, limits, message",
    [
        ("90000", {"min": "100000"}, "metric heap.free is 90000 B: less than its limit, 100000 B"),
        ("1.5", {"max": "1.25"}, "metric heap.free is 1.5 B: more than its limit, 1.25 B"),
    ],
)
def test_a_number_beyond_its_limit_fails_and_is_recorded(
    tmp_path: Path, value: str, limits: dict[str, str], message: str
) -> None:
    failure, metrics = measured(tmp_path, value, unit="B", **limits)
    assert failure is not None
    assert (failure.kind, str(failure)) == (FailureKind.LIMIT, message)
    assert [metric.value for metric in metrics] == [float(value)]


@pytest.mark.parametrize("limits", [{"min": "5"}, {"max": "5"}])
def test_a_limit_may_be_reached(tmp_path: Path, limits: dict[str, str]) -> None:
    assert measured(tmp_path, "5", **limits)[0] is None


@pytest.mark.parametrize("value", ["n/a", "", "nan", "inf", "1e999", "12 B"])
def test_what_is_no_number_is_the_devices_fault(tmp_path: Path, value: str) -> None:
    failure, metrics = measured(tmp_path, value)
    assert failure is not None
    assert failure.kind is FailureKind.MISMATCH
    assert "is not a number" in str(failure)
    assert metrics == []


def test_what_is_wrong_before_the_run() -> None:
    assert problems(step("metric", "3", name="a", min="2", max="1")) == [
        "attribute min: 2 is larger than max, 1: no number can be both"
    ]
    (problem,) = problems(step("metric", "three", name="a"))
    assert problem == "<metric>: 'three' is not a number: write it as in '100', '-2.5' or '1e6'"


def test_summary() -> None:
    assert bound(step("metric", "3", name="boot time", unit="ms")).summary() == "metric boot time = 3 ms"
