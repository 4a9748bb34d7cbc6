"""Which case of one run is which of the other, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from testarena_ci.compare.masks import shape, steady
from testarena_ci.compare.model import CaseChange, Change, Side
from testarena_ci.reports.anchors import case_anchors
from testarena_ci.reports.text import one_line
from tpf.result import CaseResult, Failure, RunResult, ScenarioResult, Verdict, verdict_of

Key = tuple[str, str, str, int]  # scenario, its target where the name is not enough, case, which one of that name
_ORDER: Final = {change: number for number, change in enumerate(Change)}
_REASON: Final = 300  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A case and where it stands in its run."""

    scenario: ScenarioResult
    case: CaseResult
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One case in both runs, or in one of them; never in none."""

    scenario: str
    case: str
    before: Placed | None
    now: Placed | None


def paired(base: RunResult, now: RunResult) -> tuple[Pair, ...]:
    """All cases of both runs: in the order of `now`, then those that only `base` has."""
    several = _several(base) | _several(now)
    before, after = _placed(base, several), _placed(now, several)
    pairs = [_pair(key, before.get(key), placed) for key, placed in after.items()]
    return (*pairs, *(_pair(key, placed, None) for key, placed in before.items() if key not in after))


def _pair(key: Key, before: Placed | None, now: Placed | None) -> Pair:
    return Pair(scenario=key[0], case=key[2], before=before, now=now)


def _several(run: RunResult) -> set[str]:
    """Names that several scenarios have: with a target each, most often."""
    return {name for name, number in Counter(scenario.name for scenario in run.scenarios).items() if number > 1}


def _placed(run: RunResult, several: set[str]) -> dict[Key, Placed]:
    found: dict[Key, Placed] = {}
    seen: Counter[tuple[str, str, str]] = Counter()
    for scenario in run.scenarios:
        target = scenario.target if scenario.name in several else ""
        for case, anchor in zip(scenario.cases, case_anchors(scenario), strict=True):
            name = (scenario.name, target, case.name)
            seen[name] += 1
            found[*name, seen[name]] = Placed(scenario=scenario, case=case, anchor=anchor)
    return found


def case_changes(base: RunResult, now: RunResult, pairs: tuple[Pair, ...]) -> tuple[tuple[CaseChange, ...], int]:
    """What became of runs, scenarios and cases, the gravest first; and how many cases are as they were."""
    changes = [change for pair in pairs if (change := _of_pair(pair)) is not None]
    unchanged = len(pairs) - len(changes)
    changes += _own_changes(base, now)
    return tuple(sorted(changes, key=lambda one: _ORDER[one.change])), unchanged  # the sort keeps the run's order


def _of_pair(pair: Pair) -> CaseChange | None:
    before = _side(pair.before) if pair.before else None
    now = _side(pair.now) if pair.now else None
    what = _change(before, now)
    if what is None:
        return None
    return CaseChange(change=what, scenario=pair.scenario, case=pair.case, before=before, now=now)


def _side(placed: Placed) -> Side:
    case = placed.case
    failure = case.failure
    return Side(
        verdict=case.verdict,
        kind=failure.kind if failure else None,
        reason=one_line(failure.headline if failure else case.skip_reason, _REASON),
        place=(failure.source if failure else None) or (case.source if case.source.file else None),
        quarantined=case.quarantined,
        flaky=case.flaky,
        ran=bool(case.attempts),
        seconds=case.seconds,
        anchor=placed.anchor,
    )


def _change(before: Side | None, now: Side | None) -> Change | None:
    if now is None:
        return Change.REMOVED
    if before is None:
        return _of_new(now)
    if now.verdict.bad:
        return _of_bad(before, now)
    if now.verdict is Verdict.SKIPPED:
        return None if before.verdict is Verdict.SKIPPED else Change.NOW_SKIPPED
    return _of_passed(before, now)


def _of_new(now: Side) -> Change:
    if not now.verdict.bad:
        return Change.NEW
    return Change.NEWLY_FAILING if now.ran else Change.NOT_RUN


def _of_bad(before: Side, now: Side) -> Change:
    if not now.ran and not (before.verdict.bad and not before.ran):
        return Change.NOT_RUN
    if not before.verdict.bad or (now.ran and not before.ran):
        return Change.NEWLY_FAILING
    return Change.STILL_FAILING if _same_reason(before, now) else Change.FAILING_OTHERWISE


def _of_passed(before: Side, now: Side) -> Change | None:
    if not before.ran:
        return Change.RUNS_AGAIN
    if before.verdict.bad:
        return Change.FIXED
    if before.flaky == now.flaky:
        return None
    return Change.NEWLY_FLAKY if now.flaky else Change.STEADY


def _same_reason(before: Side, now: Side) -> bool:
    """The same words but for numbers: `14 of 20` and `15 of 20` answers that did not come are one fault."""
    if before.reason == now.reason:
        return before.kind is now.kind
    return before.kind is now.kind and shape(steady(before.reason)) == shape(steady(now.reason))


def _own_changes(base: RunResult, now: RunResult) -> Iterator[CaseChange]:
    """Failures of the runs and of their scenarios themselves: setup, teardown, build, machine."""
    several = _several(base) | _several(now)
    before, after = _own_failures(base, several), _own_failures(now, several)
    there = {"", *(scenario.name for scenario in now.scenarios)}
    for key in dict.fromkeys((*after, *before)):
        one, other = before.get(key), after.get(key)
        change = _of_own(one, other, there=key[0] in there)
        yield CaseChange(change=change, scenario=key[0], case="", before=one, now=other)


def _of_own(before: Side | None, now: Side | None, *, there: bool) -> Change:
    if now is None:
        return Change.FIXED if there else Change.REMOVED
    return Change.NEWLY_FAILING if before is None else _of_bad(before, now)


def _own_failures(run: RunResult, several: set[str]) -> dict[tuple[str, str], Side]:
    own = {("", ""): _own_side(run.failure, run.seconds, "")} if run.failure else {}
    for scenario in run.scenarios:
        if scenario.failure is not None:
            target = scenario.target if scenario.name in several else ""
            own[scenario.name, target] = _own_side(scenario.failure, scenario.seconds, scenario.slug)
    return own


def _own_side(failure: Failure, seconds: float, anchor: str) -> Side:
    return Side(
        verdict=verdict_of(failure),
        kind=failure.kind,
        reason=one_line(failure.headline, _REASON),
        place=failure.source,
        flaky=False,
        ran=True,
        seconds=seconds,
        anchor=anchor,
    )
