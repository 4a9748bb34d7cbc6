"""Commit statuses of a run: pending with progress, then the end. What the forge says never changes the verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from testarena_ci.context import CIContext, ForgeKind
from testarena_ci.forges import open_forge
from testarena_ci.forges.base import CommitStatus, NotPosted, State
from testarena_ci.forges.publisher import FINAL_BUDGET, LINK_BUDGET, StatusPublisher, resend
from testarena_ci.forges.spool import NAME as SPOOL_NAME
from testarena_ci.reports.status import (
    Place,
    progress_status,
    run_status,
    scenario_places,
    scenario_progress,
    scenario_status,
)
from testarena_ci.settings import Settings
from tpf import events as ev
from tpf.progress import Progress
from tpf.result import RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusWishes:
    """What of a run is to be posted."""

    wanted: bool
    context: str
    per_scenario: bool

    @classmethod
    def of(cls, settings: Settings) -> StatusWishes:
        return cls(wanted=settings.status, context=settings.status_context, per_scenario=settings.status_per_scenario)


class RunStatuses:
    """A sink that keeps a commit's statuses true. Made by `open_statuses`."""

    def __init__(self, publisher: StatusPublisher, place: Place, *, per_scenario: bool) -> None:
        self._publisher = publisher
        self._place = place
        self._per_scenario = per_scenario
        self._places: dict[str, Place] = {}
        self._progress = Progress()

    def __call__(self, event: ev.Event) -> None:
        self._progress.apply(event)
        match event:
            case ev.RunStarted():
                self._started(event)
            case ev.BuildStarted() | ev.ScenarioStarted() | ev.CaseStarted() | ev.CaseFinished():
                self._publisher.want(progress_status(self._progress, self._place))
                self._scenario_moved(getattr(event, "scenario", ""))
            case _:
                pass

    def _started(self, event: ev.RunStarted) -> None:
        self._publisher.want(progress_status(self._progress, self._place))
        if self._per_scenario:
            names = {scenario.slug: scenario.name for scenario in event.scenarios}
            self._places = scenario_places(self._place, names)
            for slug in names:
                self._scenario_moved(slug)

    def _scenario_moved(self, slug: str) -> None:
        if slug in self._places:
            self._publisher.want(scenario_progress(self._progress.scenarios[slug], self._places[slug]))

    def finish(self, result: RunResult) -> None:
        """The final states."""
        for status in final_statuses(result, self._place, per_scenario=self._per_scenario):
            self._publisher.want(status)

    def close(self) -> None:
        """Bring what is wanted to the forge, within a budget; the rest goes to the spool."""
        self._publisher.close()


class NoStatuses:
    """Where none are wanted, or there is no forge."""

    def __call__(self, event: ev.Event) -> None:
        pass

    def finish(self, result: RunResult) -> None:
        pass

    def close(self) -> None:
        pass


def open_statuses(
    wishes: StatusWishes, ci: CIContext, report: Path, say: Callable[[str], None]
) -> RunStatuses | NoStatuses:
    """The statuses of the run that this process makes."""
    if not _possible(wishes, ci):
        return NoStatuses()
    publisher = StatusPublisher(partial(open_forge, ci), say=say, spool=report / SPOOL_NAME, main=wishes.context)
    return RunStatuses(publisher, _place(wishes, ci), per_scenario=wishes.per_scenario)


def send_left_over(
    wishes: StatusWishes, ci: CIContext, report: Path, cut_off: RunResult | None, say: Callable[[str], None]
) -> None:
    """Post what a run that is over left unsent: its spool, and the final states of one that was `cut_off` by a kill."""
    if not _possible(wishes, ci):
        return
    connect = partial(open_forge, ci)
    if cut_off is None:
        resend(connect, report / SPOOL_NAME, say=say)
        return
    first = final_statuses(cut_off, _place(wishes, ci), per_scenario=wishes.per_scenario)
    StatusPublisher(connect, say=say, spool=report / SPOOL_NAME, main=wishes.context, first=first).close()


def post_alone(wishes: StatusWishes, ci: CIContext, state: State, description: str, say: Callable[[str], None]) -> None:
    """One status for a run that has no report folder, and so no spool: posted at once, or said why not."""
    if not _possible(wishes, ci):
        return
    forge = open_forge(ci)
    link = forge.run_link(budget=LINK_BUDGET)
    status = CommitStatus(sha=ci.sha, state=state, context=wishes.context, description=description, target_url=link)
    outcome = forge.post_status(status, budget=FINAL_BUDGET)
    if isinstance(outcome, NotPosted):
        say(f"no commit status: {outcome.reason}")


def _possible(wishes: StatusWishes, ci: CIContext) -> bool:
    return wishes.wanted and ci.kind is not ForgeKind.LOCAL


def _place(wishes: StatusWishes, ci: CIContext) -> Place:
    """Without a link: the publisher adds the address of the run's page, which it may have to ask the forge for."""
    return Place(sha=ci.sha, context=wishes.context)


def final_statuses(result: RunResult, place: Place, *, per_scenario: bool) -> tuple[CommitStatus, ...]:
    """The run's final status, and on request one for each scenario."""
    if not per_scenario:
        return (run_status(result, place),)
    places = scenario_places(place, {scenario.slug: scenario.name for scenario in result.scenarios})
    ends = (scenario_status(result, scenario, places[scenario.slug]) for scenario in result.scenarios)
    return (run_status(result, place), *ends)
