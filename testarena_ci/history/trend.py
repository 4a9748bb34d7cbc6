"""Numbers over runs: percentiles, and the runs at which the level changed.

A change of a measured number is found with two windows of up to 8 values that slide along side by side: it is where
Welch's t of both windows is 4 or more (https://en.wikipedia.org/wiki/Welch%27s_t-test), both medians differ by at least
5 %, and t is the largest in the neighbourhood. At least 4 values must stand on each side. A single outlier moves
neither median, and widens the window's spread. Sizes are exact: there each step of at least 0.5 % is a change.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from testarena_ci.history.records import SIZE

WINDOW: Final = 8
FEWEST: Final = 4  # values on each side
SURE: Final = 4.0  # Welch's t
EFFECT: Final = 0.05
EXACT_EFFECT: Final = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What one run told."""

    run_id: str
    commit: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The level changed at this sample."""

    at: int  # index of the first sample of the new level
    before: float  # medians
    after: float

    @property
    def relative(self) -> float:
        """+0.2 for a fifth more; infinite from nothing."""
        return (self.after - self.before) / abs(self.before) if self.before else math.copysign(math.inf, self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A number over runs, oldest first."""

    name: str
    target: str
    unit: str
    kind: str  # metric, size, seconds
    samples: tuple[Sample, ...]

    @property
    def values(self) -> tuple[float, ...]:
        return tuple(sample.value for sample in self.samples)

    @property
    def changes(self) -> tuple[Change, ...]:
        return tuple((steps if self.kind == SIZE else changes)(self.values))

    def percentile(self, share: float) -> float:
        return percentile(self.values, share)


def percentile(values: Iterable[float], share: float) -> float:
    """The nearest-rank percentile: a value that was measured. `share` from 0 to 1; raises ValueError without values."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def steps(values: Sequence[float]) -> Iterator[Change]:
    """Each step of an exact number that is large enough."""
    for at, (before, after) in enumerate(itertools.pairwise(values), start=1):
        if before != after and abs(after - before) >= EXACT_EFFECT * abs(before):
            yield Change(at=at, before=before, after=after)


def changes(values: Sequence[float]) -> Iterator[Change]:
    """The change points of a measured number."""
    sure = [_certainty(values, at) for at in range(len(values))]
    for at, t in enumerate(sure):
        near = sure[max(0, at - FEWEST) : at + FEWEST + 1]
        first = sure.index(t, max(0, at - FEWEST)) == at
        if t >= SURE and t == max(near) and first:
            before, after = _sides(values, at)
            yield Change(at=at, before=statistics.median(before), after=statistics.median(after))


def _sides(values: Sequence[float], at: int) -> tuple[Sequence[float], Sequence[float]]:
    return values[max(0, at - WINDOW) : at], values[at : at + WINDOW]


def _certainty(values: Sequence[float], at: int) -> float:
    """Welch's t of both sides; 0 where they are too few, or too alike to matter."""
    before, after = _sides(values, at)
    if min(len(before), len(after)) < FEWEST:
        return 0.0
    middle = statistics.median(before)
    shift = abs(statistics.median(after) - middle)
    if shift == 0 or shift < EFFECT * abs(middle):
        return 0.0
    largest = max(abs(value) for value in (*before, *after))  # squares of what is left can't overflow
    before, after = [value / largest for value in before], [value / largest for value in after]
    noise = math.sqrt(_variance(before) / len(before) + _variance(after) / len(after))
    apart = abs(math.fsum(after) / len(after) - math.fsum(before) / len(before))
    return apart / noise if noise else math.inf


def _variance(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
