"""`fold(events) -> RunResult`: what the events of a run amount to, finished or not.

A case that had begun when the events stop is an error that says at which step it was; one that hadn't is an error
that says it never ran.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tpf import events as ev
from tpf.parts import Parts
from tpf.result import (
    Artifact,
    Attempt,
    BuildResult,
    CaseResult,
    DeviceLog,
    Failure,
    FailureKind,
    LogSpan,
    Metric,
    RunResult,
    ScenarioResult,
    StepResult,
    verdict_of,
)


@dataclass(slots=True)
class _Case:
    plan: ev.PlannedCase
    attempts: list[Attempt] = field(default_factory=list)
    not_run: Failure | None = None
    metrics: list[Metric] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Scenario:
    plan: ev.PlannedScenario
    cases: list[_Case]
    started: ev.ScenarioStarted | None = None
    finished: ev.ScenarioFinished | None = None
    boots: dict[str, ev.Booted] = field(default_factory=dict)  # the last one of each device
    current: ev.CaseStarted | None = None
    open_steps: list[ev.StepStarted] = field(default_factory=list)
    steps: list[StepResult] = field(default_factory=list)  # of the current attempt
    own_steps: list[StepResult] = field(default_factory=list)  # setup and teardown that belong to no case
    notes: list[str] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    parts: Parts = field(default_factory=Parts)

    def add_step(self, step: ev.StepStarted, result: StepResult) -> None:
        """Put a step where it belongs: to the current attempt, or to the scenario itself."""
        (self.own_steps if step.case is None else self.steps).append(result)

    def case(self, index: int) -> _Case:
        """A planned case. Raises ValueError."""
        if not 0 <= index < len(self.cases):
            raise ValueError(f"there is no case {index} in the scenario {self.plan.slug!r}: it has {len(self.cases)}")
        return self.cases[index]

    def owner(self, case: int | None) -> Any:
        """Whom a note, metric or artifact belongs to. Raises ValueError."""
        return self if case is None else self.case(case)


@dataclass(slots=True)
class _Run:
    started: ev.RunStarted | None = None
    finished: ev.RunFinished | None = None
    last: float = 0.0
    scenarios: dict[str, _Scenario] = field(default_factory=dict)
    builds: dict[str, tuple[ev.BuildStarted, ev.BuildFinished | None]] = field(default_factory=dict)

    def scenario(self, slug: str) -> _Scenario:
        """A planned scenario. Raises ValueError."""
        found = self.scenarios.get(slug)
        if found is None:
            raise ValueError(f"there is no scenario {slug!r} in the plan of this run")
        return found


def fold(events: Iterable[ev.Event]) -> RunResult:
    """The result of a run from its events. Raises ValueError when they can't be those of a run."""
    run = _Run()
    for event in events:
        run.last = max(run.last, event.t)
        handler = _HANDLERS.get(type(event))
        if handler is not None:
            handler(run, event)
    if run.started is None:
        raise ValueError("the journal holds no start of a run")
    return _run_result(run, run.started)


def _run_started(run: _Run, event: ev.RunStarted) -> None:
    run.started = event
    run.scenarios = {plan.slug: _scenario(plan) for plan in event.scenarios}


def _scenario(plan: ev.PlannedScenario) -> _Scenario:
    return _Scenario(plan, [_Case(case) for case in plan.cases], parts=Parts(plan.cases))


def _build_started(run: _Run, event: ev.BuildStarted) -> None:
    run.builds[event.name] = (event, None)


def _build_finished(run: _Run, event: ev.BuildFinished) -> None:
    if event.name not in run.builds:
        raise ValueError(f"the build {event.name!r} ends, and never began")
    started, _ = run.builds[event.name]
    run.builds[event.name] = (started, event)


def _scenario_started(run: _Run, event: ev.ScenarioStarted) -> None:
    run.scenario(event.scenario).started = event


def _booted(run: _Run, event: ev.Booted) -> None:
    scenario = run.scenario(event.scenario)
    scenario.boots[event.device] = event
    scenario.parts.apply(event)


def _case_started(run: _Run, event: ev.CaseStarted) -> None:
    scenario = run.scenario(event.scenario)
    scenario.case(event.case)
    scenario.current = event
    scenario.parts.apply(event)
    scenario.steps = []


def _step_started(run: _Run, event: ev.StepStarted) -> None:
    run.scenario(event.scenario).open_steps.append(event)


def _step_finished(run: _Run, event: ev.StepFinished) -> None:
    scenario = run.scenario(event.scenario)
    if not scenario.open_steps:
        raise ValueError(f"a step of the scenario {event.scenario!r} ends, and none had begun")
    step = scenario.open_steps.pop()
    scenario.add_step(step, _step_result(step, event.t, event.failure, event.log))


def _step_result(step: ev.StepStarted, end: float, failure: Failure | None, log: tuple[LogSpan, ...]) -> StepResult:
    return StepResult(
        kind=step.kind,
        summary=step.summary,
        source=step.source,
        phase=step.phase,
        start=step.t,
        seconds=_span(step.t, end),
        verdict=verdict_of(failure),
        failure=failure,
        log=log,
        depth=step.depth,
    )


def _case_finished(run: _Run, event: ev.CaseFinished) -> None:
    scenario = run.scenario(event.scenario)
    if scenario.current is not None:
        _end_attempt(scenario, scenario.current, event)


def _end_attempt(scenario: _Scenario, started: ev.CaseStarted, end: ev.CaseFinished) -> None:
    scenario.case(started.case).attempts.append(
        Attempt(
            number=started.attempt,
            start=started.t,
            seconds=_span(started.t, end.t),
            verdict=verdict_of(end.failure),
            failure=end.failure,
            expected=end.expected,
            steps=_in_order(scenario.steps),
            log=end.log,
        )
    )
    scenario.current = None
    scenario.steps = []


def _in_order(steps: list[StepResult]) -> tuple[StepResult, ...]:
    """Steps as they began: an outer step ends after the steps within it."""
    return tuple(sorted(steps, key=lambda step: (step.start, step.depth)))


def _case_not_run(run: _Run, event: ev.CaseNotRun) -> None:
    run.scenario(event.scenario).case(event.case).not_run = event.failure


def _noted(run: _Run, event: ev.Noted) -> None:
    run.scenario(event.scenario).owner(event.case).notes.append(event.text)


def _measured(run: _Run, event: ev.Measured) -> None:
    run.scenario(event.scenario).owner(event.case).metrics.append(event.metric)


def _attached(run: _Run, event: ev.Attached) -> None:
    run.scenario(event.scenario).owner(event.case).artifacts.append(event.artifact)


def _part_finished(run: _Run, event: ev.PartFinished) -> None:
    scenario = run.scenario(event.scenario)
    scenario.owner(event.case)
    scenario.parts.apply(event)


def _scenario_finished(run: _Run, event: ev.ScenarioFinished) -> None:
    run.scenario(event.scenario).finished = event


def _run_finished(run: _Run, event: ev.RunFinished) -> None:
    run.finished = event


_HANDLERS: Final[dict[type[ev.Event], Callable[[_Run, Any], None]]] = {
    ev.RunStarted: _run_started,
    ev.BuildStarted: _build_started,
    ev.BuildFinished: _build_finished,
    ev.ScenarioStarted: _scenario_started,
    ev.Booted: _booted,
    ev.CaseStarted: _case_started,
    ev.StepStarted: _step_started,
    ev.StepFinished: _step_finished,
    ev.CaseFinished: _case_finished,
    ev.CaseNotRun: _case_not_run,
    ev.Noted: _noted,
    ev.Measured: _measured,
    ev.Attached: _attached,
    ev.PartFinished: _part_finished,
    ev.ScenarioFinished: _scenario_finished,
    ev.RunFinished: _run_finished,
}


def _run_result(run: _Run, started: ev.RunStarted) -> RunResult:
    for scenario in run.scenarios.values():
        _end_what_was_cut_off(scenario, run.last)
    failure = (
        run.finished.failure
        if run.finished
        else _cut_off("the run ended before it was finished; it was killed, or is still running")
    )
    return RunResult(
        run_id=started.run_id,
        started=started.started,
        seconds=run.last,
        finished=run.finished is not None,
        scenarios=tuple(_scenario_result(scenario, run.last) for scenario in run.scenarios.values()),
        builds=tuple(_build_result(begun, done, run.last) for begun, done in run.builds.values()),
        failure=failure,
        properties=(("testarena", started.version), *started.properties),
    )


def _cut_off(message: str) -> Failure:
    return Failure(kind=FailureKind.INTERRUPTED, message=message)


def _end_what_was_cut_off(scenario: _Scenario, end: float) -> None:
    """Give an end to the case and steps that were under way when the events stopped."""
    at = f", at the step {scenario.open_steps[-1].summary}" if scenario.open_steps else ""
    failure = _cut_off(f"the run ended while this case was running{at}")
    while scenario.open_steps:
        step = scenario.open_steps.pop()
        scenario.add_step(step, _step_result(step, end, failure, ()))
    if scenario.current is not None:
        cut = ev.CaseFinished(t=end, scenario=scenario.plan.slug, failure=failure)
        _end_attempt(scenario, scenario.current, cut)


def _scenario_result(scenario: _Scenario, end: float) -> ScenarioResult:
    plan, started, finished = scenario.plan, scenario.started, scenario.finished
    boots = tuple(scenario.boots.values())
    return ScenarioResult(
        name=plan.name,
        slug=plan.slug,
        source=plan.source,
        target=plan.target,
        doc=plan.doc,
        tags=plan.tags,
        requirements=plan.requirements,
        parameters=plan.parameters,
        cases=tuple(_case_results(scenario)),
        start=started.t if started else None,
        seconds=_span(started.t, finished.t if finished else end) if started else 0.0,
        worker=started.worker if started else 0,
        failure=finished.failure if finished else None,
        steps=_in_order(scenario.own_steps),
        logs=tuple(DeviceLog(device=boot.device, path=boot.log) for boot in boots),
        machine=", ".join(dict.fromkeys(boot.machine for boot in boots)),
        command=boots[0].command if boots else (),
        notes=tuple(scenario.notes),
        metrics=tuple(scenario.metrics),
        artifacts=tuple(scenario.artifacts),
    )


def _case_results(scenario: _Scenario) -> Iterator[CaseResult]:
    """Each planned case with its parts behind it, then those that belong to none."""
    for number, case in enumerate(scenario.cases):
        yield _case_result(case)
        yield from (part.result(case.plan, case.plan.source) for part in scenario.parts.of(number))
    yield from (part.result(None, scenario.plan.source) for part in scenario.parts.of(None))


def _case_result(case: _Case) -> CaseResult:
    ran = bool(case.attempts or case.plan.skip)
    never = case.not_run or Failure(kind=FailureKind.NOT_RUN, message="never ran: the run ended before its turn")
    return CaseResult(
        name=case.plan.name,
        source=case.plan.source,
        attempts=tuple(case.attempts),
        tags=case.plan.tags,
        requirements=case.plan.requirements,
        skip_reason=case.plan.skip,
        ticket=case.plan.ticket,
        quarantine=case.plan.quarantine,
        metrics=tuple(case.metrics),
        artifacts=tuple(case.artifacts),
        notes=tuple(case.notes),
        not_run=None if ran else never,
    )


def _span(begin: float, end: float) -> float:
    """Seconds between two times, to the microsecond: what is beyond is noise of the subtraction."""
    return round(end - begin, 6)


def _build_result(begun: ev.BuildStarted, done: ev.BuildFinished | None, end: float) -> BuildResult:
    return BuildResult(
        name=begun.name,
        command=begun.command,
        start=begun.t,
        seconds=_span(begun.t, done.t if done else end),
        failure=done.failure if done else _cut_off("the run ended while this build was running"),
        log=begun.log,
        reused=bool(done and done.reused),
        sizes=done.sizes if done else (),
    )
