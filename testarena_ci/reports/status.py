"""Commit statuses of a run and of its scenarios: state and description, as pure functions of where the run stands.

testarena            failure  2 failed: wifi/reconnect, ota/rollback · 48 passed · 3m12s
testarena            pending  12/50 cases, 1 failed · running console/ping
testarena/console    success  6 passed · 4.1s
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from testarena_ci.forges.base import CONTEXT_LIMIT, DESCRIPTION_LIMIT, CommitStatus, State
from testarena_ci.reports.findings import Finding, findings
from testarena_ci.reports.text import one_line
from tpf.progress import Progress, ScenarioProgress
from tpf.result import Counts, FailureKind, RunResult, RunState, ScenarioResult, Verdict

_SEPARATOR: Final = " · "
_LONGEST_NAME: Final = 60
_STOPPED: Final = (FailureKind.INTERRUPTED, FailureKind.NOT_RUN)
_STATES: Final = {Verdict.FAILED: State.FAILURE, Verdict.ERROR: State.ERROR}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where statuses go and where they lead to."""

    sha: str
    context: str = "testarena"
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """``2 failed: wifi/reconnect, ota/rollback``"""

    head: str
    names: tuple[str, ...]

    def text(self, shown: int) -> str:
        """With that many of its names."""
        if not shown:
            return self.head
        more = len(self.names) - shown
        return f"{self.head}: {', '.join(self.names[:shown])}" + (f" and {more} more" if more else "")


def run_status(run: RunResult, place: Place) -> CommitStatus:
    """How a run ended. One that was interrupted, or killed, is an error that says so."""
    trouble = findings(run)
    if run.interrupted or not run.finished:
        description = _interrupted(run, trouble)
    else:
        own = [one_line(finding.failure.headline, 100) for finding in trouble if not finding.scenarios]
        left_out = sum(finding.not_run for finding in trouble)
        tail = [*_totals(run.counts, left_out), short_duration(run.seconds)]
        description = _fitted(own, _groups(finding for finding in trouble if finding.scenarios), tail)
    state = _STATES.get(run.verdict, State.SUCCESS) if run.finished else State.ERROR
    return _status(place, state, description)


def _interrupted(run: RunResult, trouble: tuple[Finding, ...]) -> str:
    """What had come out by then; cases that were stopped or never began are counted, not named."""
    told = [finding for finding in trouble if finding.case is not None and finding.failure.kind not in _STOPPED]
    cases = Counter(case.failure.kind in _STOPPED for case in run.cases if case.failure is not None)
    unfinished = [f"{cases[True]} not finished"] if cases[True] else []
    return _fitted(
        [f"interrupted after {short_duration(run.seconds)}"], _groups(told), [*_totals(run.counts), *unfinished]
    )


def scenario_status(run: RunResult, scenario: ScenarioResult, place: Place) -> CommitStatus:
    """How one scenario of a run ended; `place` is the scenario's own."""
    alone = RunResult(
        run_id=run.run_id, started=run.started, seconds=scenario.seconds, finished=True, scenarios=(scenario,)
    )
    trouble = findings(alone)
    own = [one_line(item.failure.headline, 100) for item in trouble if item.case is None]
    if not run.finished and scenario.verdict is Verdict.ERROR and scenario.failure is None:
        own = ["interrupted"]
    tail = _totals(alone.counts, sum(item.not_run for item in trouble))
    if scenario.start is not None:
        tail.append(short_duration(scenario.seconds))
    groups = _groups((item for item in trouble if item.case is not None), with_scenario=False)
    return _status(place, _STATES.get(scenario.verdict, State.SUCCESS), _fitted(own, groups, tail))


def progress_status(progress: Progress, place: Place) -> CommitStatus:
    """Where a run stands while it runs."""
    counts = progress.counts
    done = [f"{counts.total}/{progress.total} cases"]
    done += [
        f"{number} {word}"
        for number, word in ((counts.error, _errors(counts.error)), (counts.failed, "failed"))
        if number
    ]
    return _status(place, State.PENDING, _fitted([", ".join(done)], [], _under_way(progress)))


def scenario_progress(scenario: ScenarioProgress, place: Place) -> CommitStatus:
    """Where one scenario stands while it waits or runs; `place` is the scenario's own."""
    if scenario.state is RunState.WAITING:
        return _status(place, State.PENDING, "waiting")
    done = f"{scenario.counts.total}/{scenario.total} cases"
    current = [f"running {one_line(scenario.current_case, _LONGEST_NAME)}"] if scenario.current_case else []
    return _status(place, State.PENDING, _fitted([done], [], current))


def scenario_places(place: Place, names: Mapping[str, str]) -> dict[str, Place]:
    """The place of each scenario, by slug; `names` gives names by slug.

    The context is ``testarena/<scenario>``. When one is too long, or two are the same to a forge (which may not tell
    upper from lower case), all take their slug, which is unique.
    """
    contexts = {slug: f"{place.context}/{one_line(name)}" for slug, name in names.items()}
    different = len({context.casefold() for context in contexts.values()}) == len(contexts)
    if not different or any(len(context) > CONTEXT_LIMIT for context in contexts.values()):
        contexts = {slug: f"{place.context}/{slug}" for slug in names}
    return {slug: replace(place, context=context) for slug, context in contexts.items()}


def short_duration(seconds: float) -> str:
    """``0.3s``, ``4.1s``, ``58s``, ``3m12s``, ``1h02m``"""
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02}m"


def _status(place: Place, state: State, description: str) -> CommitStatus:
    return CommitStatus(
        sha=place.sha, state=state, context=place.context, description=description, target_url=place.link
    )


def _groups(trouble: Iterable[Finding], *, with_scenario: bool = True) -> list[_Group]:
    """Errors and failures with the names of what they hit, errors first."""
    by: dict[Verdict, list[str]] = {Verdict.ERROR: [], Verdict.FAILED: []}
    for finding in (one for one in trouble if one.quarantine is None):
        by.setdefault(finding.verdict, []).extend(_names(finding, with_scenario=with_scenario))
    heads = {Verdict.ERROR: _errors(len(by[Verdict.ERROR])), Verdict.FAILED: "failed"}
    return [
        _Group(head=f"{len(by[verdict])} {head}", names=tuple(by[verdict]))
        for verdict, head in heads.items()
        if by[verdict]
    ]


def _names(finding: Finding, *, with_scenario: bool) -> list[str]:
    if finding.case is None:
        return [one_line(scenario.name, _LONGEST_NAME) for scenario in finding.scenarios]
    case = one_line(finding.case.name, _LONGEST_NAME)
    return [f"{one_line(finding.scenarios[0].name, _LONGEST_NAME)}/{case}" if with_scenario else case]


def _totals(counts: Counts, left_out: int = 0) -> list[str]:
    flaky = f" ({counts.flaky} flaky)" if counts.flaky else ""
    numbers = (
        (counts.quarantined, "quarantined"),
        (counts.passed, f"passed{flaky}"),
        (counts.skipped, "skipped"),
        (left_out, "not run"),
    )
    return [f"{number} {words}" for number, words in numbers if number]


def _errors(number: int) -> str:
    return "error" if number == 1 else "errors"


def _under_way(progress: Progress) -> list[str]:
    running = [
        f"{one_line(scenario.name, _LONGEST_NAME)}/{one_line(scenario.current_case, _LONGEST_NAME)}".rstrip("/")
        for scenario in progress.scenarios.values()
        if scenario.state is RunState.RUNNING
    ]
    for word, names in (
        ("running", running),
        ("building", [one_line(name, _LONGEST_NAME) for name in progress.builds]),
    ):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            return [f"{word} {names[0]}{more}"]
    return []


def _fitted(first: list[str], groups: list[_Group], tail: list[str]) -> str:
    """The whole as one line, with as many names as there is room for: the numbers behind them matter more."""
    shown = [0] * len(groups)

    def text() -> str:
        middle = (group.text(number) for group, number in zip(groups, shown, strict=True))
        return _SEPARATOR.join([*first, *middle, *tail])

    for index, group in enumerate(groups):
        while shown[index] < len(group.names):
            shown[index] += 1
            if len(text()) > DESCRIPTION_LIMIT:
                shown[index] -= 1
                break
    return text()
