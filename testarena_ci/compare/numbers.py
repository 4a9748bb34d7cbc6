"""What two runs measured: times of cases, metrics, sizes of firmware, as far as they differ by more than chance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from testarena_ci.compare.cases import Pair
from testarena_ci.compare.model import MetricChange, Noise, SizeChange, TimeChange
from tpf.result import FirmwareSize, Metric, RunResult, Verdict

_Owner = tuple[str, str]  # scenario and case; "" for the scenario's own


def time_changes(pairs: Iterable[Pair], noise: Noise) -> tuple[TimeChange, ...]:
    """Of cases that passed at the first attempt in both runs: how long a failure takes says nothing."""
    found = (change for pair in pairs if (change := _time_change(pair)) is not None and _beyond(change, noise))
    return tuple(sorted(found, key=lambda change: -abs(change.now - change.before)))


def _time_change(pair: Pair) -> TimeChange | None:
    if pair.before is None or pair.now is None:
        return None
    cases = pair.before.case, pair.now.case
    if any(case.verdict is not Verdict.PASSED or case.flaky for case in cases):
        return None
    return TimeChange(scenario=pair.scenario, case=pair.case, before=cases[0].seconds, now=cases[1].seconds)


def _beyond(change: TimeChange, noise: Noise) -> bool:
    low, high = sorted((change.before, change.now))
    return high - low >= noise.time_seconds and high >= low * noise.time_ratio


def metric_changes(base: RunResult, now: RunResult, pairs: Iterable[Pair], noise: Noise) -> tuple[MetricChange, ...]:
    """Those of cases that ran in both runs, and of scenarios."""
    found = [change for pair in pairs if pair.before and pair.now for change in _of_case(pair, noise)]
    before = {scenario.name: scenario.metrics for scenario in base.scenarios}
    for scenario in now.scenarios:
        if scenario.name in before:
            found += _between((scenario.name, ""), before[scenario.name], scenario.metrics, noise)
    return tuple(sorted(found, key=_weight))


def _of_case(pair: Pair, noise: Noise) -> Iterator[MetricChange]:
    before = pair.before.case.metrics if pair.before else ()
    now = pair.now.case.metrics if pair.now else ()
    return _between((pair.scenario, pair.case), before, now, noise)


def _between(owner: _Owner, before: Iterable[Metric], now: Iterable[Metric], noise: Noise) -> Iterator[MetricChange]:
    """A metric that was measured several times counts by its last value."""
    old = {metric.name: metric for metric in before}
    new = {metric.name: metric for metric in now}
    for name in dict.fromkeys((*new, *old)):
        change = _metric_change(owner, old.get(name), new.get(name))
        if _told(change, noise):
            yield change


def _metric_change(owner: _Owner, old: Metric | None, new: Metric | None) -> MetricChange:
    said = new or old
    assert said is not None  # noqa: S101  one of the two is there: the name came from it
    return MetricChange(
        scenario=owner[0],
        case=owner[1],
        metric=said.name,
        unit=said.unit,
        before=_finite(old),
        now=_finite(new),
        minimum=said.minimum,
        maximum=said.maximum,
    )


def _finite(metric: Metric | None) -> float | None:
    return metric.value if metric is not None and math.isfinite(metric.value) else None


def _told(change: MetricChange, noise: Noise) -> bool:
    if change.before is None or change.now is None:
        return change.before is not change.now
    if change.before == change.now:
        return False
    was_beyond = _outside(change.before, change.minimum, change.maximum)
    return change.beyond is not was_beyond or change.relative is None or abs(change.relative) >= noise.metric_part


def _outside(value: float, minimum: float | None, maximum: float | None) -> bool:
    return (minimum is not None and value < minimum) or (maximum is not None and value > maximum)


def _weight(change: MetricChange) -> tuple[bool, float]:
    """Those beyond their limits first, then the greatest change."""
    return not change.beyond, -abs(math.inf if change.relative is None else change.relative)


def size_changes(base: RunResult, now: RunResult) -> tuple[SizeChange, ...]:
    """Every byte counts: builds are the same each time."""
    before, after = _sizes(base), _sizes(now)
    found = [
        _size_change(key, before.get(key), after.get(key))
        for key in dict.fromkeys((*after, *before))
        if _used(before.get(key)) != _used(after.get(key))
    ]
    return tuple(sorted(found, key=lambda change: -abs(change.delta or 0)))


def _sizes(run: RunResult) -> dict[tuple[str, str], FirmwareSize]:
    return {(build.name, size.name): size for build in run.builds for size in build.sizes}


def _used(size: FirmwareSize | None) -> int | None:
    return size.used if size else None


def _size_change(key: tuple[str, str], old: FirmwareSize | None, new: FirmwareSize | None) -> SizeChange:
    said = new or old
    return SizeChange(
        build=key[0], memory=key[1], before=_used(old), now=_used(new), total=said.total if said else None
    )
