"""How flaky a case is: how often it contradicted itself on one and the same commit, with the evidence.

A result contradicts when the case passed only after a failed attempt, or when it differs from the result before it on
the same commit (passed then, failed now, or the other way round). The rate is contradictions / results. Cases are
ranked by the score, which is the lower end of the rate's 95 % confidence interval (Wilson 1927,
https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval): one contradiction in
two results proves less than twenty in forty. Results that say nothing of the firmware on that commit (skipped, never
run, interrupted, not built, no emulator there) are left out. Runs whose commit isn't known stand for themselves.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from tpf.result import FailureKind, Verdict

_SAY_NOTHING: Final = frozenset(
    str(kind) for kind in (FailureKind.NOT_RUN, FailureKind.INTERRUPTED, FailureKind.BUILD, FailureKind.ENVIRONMENT)
)
_Z: Final = 1.96  # standard deviations: 95 %
_MOST_EVIDENCE: Final = 5  # commits


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseName:
    """Which case, on which target."""

    scenario: str
    case: str
    target: str

    @property
    def full(self) -> str:
        return f"{self.scenario}/{self.case}"


class Outcome(
    Struct, frozen=True, kw_only=True
):  # a Struct: there can be 100 000, and one is made in a fifth of the time
    """What a case did in one run."""

    run_id: str
    commit: str
    verdict: str
    kind: str = ""
    attempts: int = 1
    flaky: bool = False

    @property
    def counts(self) -> bool:
        """Whether it says something of the firmware."""
        return self.verdict != Verdict.SKIPPED and self.kind not in _SAY_NOTHING

    @property
    def passed(self) -> bool:
        return self.verdict == Verdict.PASSED

    @property
    def words(self) -> str:
        """`passed`, `failed`, `passed at attempt 3`."""
        return f"passed at attempt {self.attempts}" if self.flaky else self.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOutcomes:
    """A case over runs, oldest first."""

    name: CaseName
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A commit on which the case contradicted itself: what it did there, run by run."""

    commit: str  # "" for a run whose commit isn't known
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlakyCase:
    """A case that contradicted itself."""

    name: CaseName
    results: int
    contradictions: int
    evidence: tuple[Evidence, ...]  # the latest commits first

    @property
    def rate(self) -> float:
        return self.contradictions / self.results

    @property
    def score(self) -> float:
        """The rate that is proven, 0 to 1."""
        return lower_bound(self.contradictions, self.results)


def lower_bound(hits: int, of: int) -> float:
    """The lower end of Wilson's 95 % interval of a share."""
    share = hits / of
    middle = share + _Z**2 / (2 * of)
    margin = _Z * math.sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    return max(0.0, (middle - margin) / (1 + _Z**2 / of))


def flaky_cases(cases: Iterable[CaseOutcomes]) -> tuple[FlakyCase, ...]:
    """Those that contradicted themselves, the flakiest first."""
    found = [flaky for case in cases if (flaky := _judge(case)) is not None]
    return tuple(sorted(found, key=lambda case: (-case.score, case.name.full, case.name.target)))


def _judge(case: CaseOutcomes) -> FlakyCase | None:
    told = [outcome for outcome in case.outcomes if outcome.counts]
    by_commit: dict[str, list[Outcome]] = {}
    for outcome in told:
        by_commit.setdefault(outcome.commit or f"run {outcome.run_id}", []).append(outcome)
    against = [(group, number) for group in by_commit.values() if (number := sum(_contradictions(group)))]
    if not against:
        return None
    return FlakyCase(
        name=case.name,
        results=len(told),
        contradictions=sum(number for _, number in against),
        evidence=tuple(
            Evidence(commit=group[0].commit, outcomes=tuple(group)) for group, _ in reversed(against[-_MOST_EVIDENCE:])
        ),
    )


def _contradictions(group: Sequence[Outcome]) -> Iterator[bool]:
    """Of each result on one commit, whether it contradicts itself or the one before it."""
    before = group[0]
    for outcome in group:
        yield outcome.flaky or outcome.passed != before.passed
        before = outcome
