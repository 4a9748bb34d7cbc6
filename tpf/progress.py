"""Where a run stands while it runs: a state that takes one event at a time, for live views and statuses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tpf import events as ev
from tpf.parts import Parts
from tpf.result import Counts, FailureKind, Quarantine, RunState, Verdict, verdict_of


@dataclass(slots=True)
class ScenarioProgress:
    """Where one scenario stands."""

    name: str
    cases: tuple[str, ...]
    target: str
    state: RunState = RunState.WAITING
    case: int | None = None  # the current one
    step: str = ""
    attempt: int = 1
    started: float = 0.0  # seconds since the start of the run
    ended: float = 0.0
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    flaky: set[int] = field(default_factory=set)
    failed_before: set[int] = field(default_factory=set)
    failures: dict[int | None, str] = field(default_factory=dict)  # by case; None for the scenario itself
    quarantine: dict[int, Quarantine] = field(default_factory=dict)  # of cases that are in it
    parts: Parts = field(default_factory=Parts)  # cases that steps told of, beside `cases`

    @property
    def total(self) -> int:
        """How many cases there are; it grows while steps tell of parts."""
        return len(self.cases) + len(self.parts)

    @property
    def done(self) -> int:
        """How many have ended."""
        return len(self.verdicts) + len(self.parts)

    @property
    def counts(self) -> Counts:
        """How many have ended how."""
        return _counts((self,))

    def ended_verdicts(self) -> Iterator[Verdict]:
        yield from self.verdicts.values()
        yield from (part.verdict for part in self.parts)

    @property
    def quarantined(self) -> int:
        """How many of the failed are in quarantine."""
        cases = sum(self.verdicts.get(case) is Verdict.FAILED for case in self.quarantine)
        return cases + sum(part.quarantined for part in self.parts)

    @property
    def current_quarantine(self) -> Quarantine | None:
        return None if self.case is None else self.quarantine.get(self.case)

    @property
    def current_case(self) -> str:
        return "" if self.case is None else self.cases[self.case]


@dataclass(slots=True)
class Progress:
    """Where a run stands; `apply` each event in order."""

    run_id: str = ""
    started: str = ""
    now: float = 0.0
    state: RunState = RunState.WAITING
    scenarios: dict[str, ScenarioProgress] = field(default_factory=dict)
    builds: dict[str, str] = field(default_factory=dict)  # under way: name to command
    reason: str = ""  # why the run itself is not passed

    @property
    def total(self) -> int:
        return sum(scenario.total for scenario in self.scenarios.values())

    @property
    def counts(self) -> Counts:
        return _counts(self.scenarios.values())

    def apply(self, event: ev.Event) -> None:
        self.now = max(self.now, event.t)
        match event:
            case ev.RunStarted():
                self._run_started(event)
            case ev.BuildStarted():
                self.builds[event.name] = event.command
            case ev.BuildFinished():
                self.builds.pop(event.name, None)
            case ev.RunFinished():
                self._run_finished(event)
            case ev.Output():
                pass
            case _:
                self._scenario_event(event)

    def _run_started(self, event: ev.RunStarted) -> None:
        self.run_id, self.started, self.state = event.run_id, event.started, RunState.RUNNING
        for plan in event.scenarios:
            progress = ScenarioProgress(
                name=plan.name, cases=tuple(case.name for case in plan.cases), target=plan.target
            )
            progress.verdicts = {index: Verdict.SKIPPED for index, case in enumerate(plan.cases) if case.skip}
            progress.parts = Parts(plan.cases)
            progress.quarantine = {index: case.quarantine for index, case in enumerate(plan.cases) if case.quarantine}
            self.scenarios[plan.slug] = progress

    def _run_finished(self, event: ev.RunFinished) -> None:
        self.builds.clear()
        if event.failure is not None:
            self.reason = event.failure.headline
        if event.failure is not None and event.failure.kind is FailureKind.INTERRUPTED:
            self.state = RunState.ABORTED
            return
        states = [scenario.state for scenario in self.scenarios.values()]
        if event.failure is not None:
            states.append(RunState(verdict_of(event.failure)))
        order = (RunState.ERROR, RunState.FAILED, RunState.PASSED)
        self.state = next((state for state in order if state in states), RunState.ERROR)

    def _scenario_event(self, event: ev.Event) -> None:
        scenario = self.scenarios[event.scenario]  # type: ignore[attr-defined]  # all other events have one
        match event:
            case ev.Booted() | ev.PartFinished():
                scenario.parts.apply(event)
            case ev.ScenarioStarted():
                scenario.state, scenario.started = RunState.RUNNING, event.t
            case ev.CaseStarted():
                scenario.case, scenario.attempt, scenario.step = event.case, event.attempt, ""
                scenario.parts.apply(event)
            case ev.StepStarted():
                scenario.step = event.summary
            case ev.CaseFinished():
                _case_finished(scenario, event)
            case ev.CaseNotRun():
                scenario.verdicts[event.case] = Verdict.ERROR
                scenario.failures[event.case] = event.failure.headline
            case ev.ScenarioFinished():
                _scenario_finished(scenario, event)
            case _:
                pass


def _case_finished(scenario: ScenarioProgress, event: ev.CaseFinished) -> None:
    case = scenario.case
    if case is None:
        return
    verdict = verdict_of(event.failure)
    scenario.verdicts[case] = verdict
    scenario.case, scenario.step = None, ""
    if event.failure is not None:
        forgiven = scenario.quarantine.get(case) if verdict is Verdict.FAILED else None
        scenario.failures[case] = (f"{forgiven.label}: " if forgiven else "") + event.failure.headline
        scenario.failed_before.add(case)
    elif case in scenario.failed_before:
        scenario.failures.pop(case, None)
        scenario.flaky.add(case)


def _scenario_finished(scenario: ScenarioProgress, event: ev.ScenarioFinished) -> None:
    scenario.ended = event.t
    verdicts = {*scenario.ended_verdicts()}
    if not scenario.counts.failed:  # but in quarantine
        verdicts.discard(Verdict.FAILED)
    if event.failure is not None:
        scenario.failures[None] = event.failure.headline
        verdicts.add(verdict_of(event.failure))
    if Verdict.ERROR in verdicts:
        interrupted = event.failure is not None and event.failure.kind is FailureKind.INTERRUPTED
        scenario.state = RunState.ABORTED if interrupted else RunState.ERROR
    else:
        scenario.state = RunState.FAILED if Verdict.FAILED in verdicts else RunState.PASSED


def _counts(scenarios: Iterable[ScenarioProgress]) -> Counts:
    known = tuple(scenarios)
    verdicts = (verdict for scenario in known for verdict in scenario.ended_verdicts())
    flaky = sum(len(scenario.flaky) + sum(part.flaky for part in scenario.parts) for scenario in known)
    return Counts.of(verdicts, flaky, sum(scenario.quarantined for scenario in known))
