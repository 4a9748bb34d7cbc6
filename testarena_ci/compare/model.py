"""What is different between two runs, as frozen data; counts and judgements are derived from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tpf.result import Counts, FailureKind, Source, Verdict


class Change(StrEnum):
    """What became of a case, the gravest first."""

    NEWLY_FAILING = "newly-failing"  # did not fail before, or was not there
    NOT_RUN = "not-run"  # was not come to: the run broke off, or its scenario could not begin; in the one before it was
    FAILING_OTHERWISE = "failing-otherwise"  # fails still, for another reason
    STILL_FAILING = "still-failing"
    NEWLY_FLAKY = "newly-flaky"  # passed at the first attempt before
    NOW_SKIPPED = "now-skipped"
    REMOVED = "removed"
    FIXED = "fixed"
    STEADY = "steady"  # was flaky before
    RUNS_AGAIN = "runs-again"  # was skipped or not come to before, and passes
    NEW = "new"  # was not there before, and does not fail


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A case in one of the two runs."""

    verdict: Verdict
    kind: FailureKind | None  # of the failure
    reason: str  # its headline, or why it was skipped; empty for a case that passed
    place: Source | None  # where it fails, or where the case stands
    flaky: bool
    quarantined: bool = False  # fails, and its quarantine forgives it
    ran: bool
    seconds: float
    anchor: str  # `scenario/case` as the reports of that run link to it


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChange:
    """A case that is not as it was, or fails still. `case` is empty for a failure of the scenario itself, and
    `scenario` is too for one of the whole run.
    """

    change: Change
    scenario: str
    case: str
    before: Side | None
    now: Side | None

    @property
    def name(self) -> str:
        """As `testarena run --case` takes it."""
        return f"{self.scenario}/{self.case}" if self.case else self.scenario or "(the run)"

    @property
    def reason(self) -> str:
        """Why it fails now; else why it failed before."""
        return (self.now.reason if self.now else "") or (self.before.reason if self.before else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeChange:
    """A case that passed in both runs, and took longer or shorter by more than noise. Seconds."""

    scenario: str
    case: str
    before: float
    now: float

    @property
    def ratio(self) -> float:
        return self.now / self.before if self.before > 0 else float("inf")

    @property
    def slower(self) -> bool:
        return self.now > self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricChange:
    """A measured number that changed by more than noise, came or went (None); the limits are those of now."""

    scenario: str
    case: str  # empty when setup or teardown measured it
    metric: str
    unit: str
    before: float | None
    now: float | None
    minimum: float | None = None
    maximum: float | None = None

    @property
    def relative(self) -> float | None:
        """By which part of itself it grew: 0.1 for 10 %; None where that can't be said."""
        if self.before is None or self.now is None or self.before == 0:
            return None
        return (self.now - self.before) / abs(self.before)

    @property
    def beyond(self) -> bool:
        """Outside its limits now."""
        if self.now is None:
            return False
        low = self.minimum is not None and self.now < self.minimum
        return low or (self.maximum is not None and self.now > self.maximum)

    @property
    def worse(self) -> bool:
        """Beyond its limits, or nearer to the only one that it has. Without limits nobody knows which way is worse."""
        if self.beyond:
            return True
        if self.before is None or self.now is None or (self.minimum is None) == (self.maximum is None):
            return False
        return self.now > self.before if self.maximum is not None else self.now < self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeChange:
    """A kind of memory of a firmware; None where the firmware, or that memory of it, is in one run only. Bytes."""

    build: str
    memory: str
    before: int | None
    now: int | None
    total: int | None  # that there are now

    @property
    def delta(self) -> int | None:
        return None if self.before is None or self.now is None else self.now - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """One of the two runs as a whole."""

    run_id: str
    started: str
    commit: str
    branch: str
    verdict: Verdict
    counts: Counts
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """What is taken for chance: a time must change by the ratio and by the seconds, a metric by its part."""

    time_ratio: float = 1.25
    time_seconds: float = 0.5
    metric_part: float = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs beside each other. Cases are in the order of `Change`, then of the run; those alike are only counted."""

    base: RunFacts
    now: RunFacts
    cases: tuple[CaseChange, ...] = ()
    unchanged: int = 0  # cases
    times: tuple[TimeChange, ...] = ()  # the greatest first, as in the next two
    metrics: tuple[MetricChange, ...] = ()
    sizes: tuple[SizeChange, ...] = ()

    def of(self, *changes: Change) -> tuple[CaseChange, ...]:
        """The cases with one of these changes."""
        return tuple(case for case in self.cases if case.change in changes)

    @property
    def newly_failing(self) -> tuple[CaseChange, ...]:
        return self.of(Change.NEWLY_FAILING)

    @property
    def fixed(self) -> tuple[CaseChange, ...]:
        return self.of(Change.FIXED)

    @property
    def worse(self) -> bool:
        """Something newly fails, or was not come to although it ran before; not what a quarantine forgives."""
        return any(not (one.now and one.now.quarantined) for one in self.of(Change.NEWLY_FAILING, Change.NOT_RUN))

    @property
    def counts(self) -> tuple[tuple[Change, int], ...]:
        """How many cases changed how, without zeros, the gravest first."""
        return tuple((change, number) for change in Change if (number := _number(self.cases, change)))


def _number(cases: Iterable[CaseChange], change: Change) -> int:
    return sum(case.change is change for case in cases)
