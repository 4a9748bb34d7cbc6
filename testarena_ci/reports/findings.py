"""What a reader must look at, each thing once: a build that failed for twenty scenarios is one finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from testarena_ci.reports.anchors import case_anchors
from testarena_ci.reports.words import not_run
from tpf.result import (
    Attempt,
    CaseResult,
    Failure,
    FailureKind,
    Quarantine,
    RunResult,
    ScenarioResult,
    Source,
    StepResult,
    Verdict,
    verdict_of,
)

NO_REASON = Failure(kind=FailureKind.INTERNAL, message="no reason was recorded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One failure: of the run (no scenario), of scenarios that share it, or of a case (with its scenario)."""

    failure: Failure
    verdict: Verdict
    scenarios: tuple[ScenarioResult, ...] = ()
    case: CaseResult | None = None
    anchor: str = ""  # `scenario/case`, or the scenario's slug, or ""
    not_run: int = 0  # how many cases never ran because of it

    @property
    def attempt(self) -> Attempt | None:
        return self.case.attempts[-1] if self.case and self.case.attempts else None

    @property
    def quarantine(self) -> Quarantine | None:
        """Why it doesn't fail the run, when it doesn't."""
        return self.case.quarantine if self.case and self.case.quarantined else None

    @property
    def place(self) -> Source | None:
        """Where to look in the scenario file: the step that failed, else the case, else the scenario."""
        step = failing_step(self.attempt) if self.attempt else None
        own = self.case.source if self.case else self.scenarios[0].source if self.scenarios else None
        return self.failure.source or (step.source if step else own)


def failing_step(attempt: Attempt) -> StepResult | None:
    """The step that an attempt failed at: the innermost of the last ones that are not passed."""
    bad = [step for step in attempt.steps if step.verdict.bad]
    deepest = max((step.depth for step in bad), default=0)
    return next((step for step in reversed(bad) if step.depth == deepest), None)


def findings(result: RunResult) -> tuple[Finding, ...]:
    """The run's own, those of scenarios, of cases, of cases in quarantine; within these in the order of the run."""
    own = (_of_run(result, result.failure),) if result.failure else ()
    cases = sorted(_of_cases(result), key=lambda finding: finding.quarantine is not None)
    return (*own, *_of_scenarios(result.scenarios), *cases)


def _of_run(result: RunResult, failure: Failure) -> Finding:
    stopped = sum(not_run(scenario) for scenario in result.scenarios if not scenario.failure)
    return Finding(failure=failure, verdict=verdict_of(failure), not_run=stopped)


def _of_scenarios(scenarios: tuple[ScenarioResult, ...]) -> tuple[Finding, ...]:
    shared: dict[tuple[str, str], Finding] = {}
    for scenario in scenarios:
        if scenario.failure is None:
            continue
        key = (scenario.failure.kind, scenario.failure.message)
        first = shared.get(key) or Finding(
            failure=scenario.failure, verdict=verdict_of(scenario.failure), anchor=scenario.slug
        )
        shared[key] = replace(first, scenarios=(*first.scenarios, scenario), not_run=first.not_run + not_run(scenario))
    return tuple(shared.values())


def _of_cases(result: RunResult) -> Iterator[Finding]:
    for scenario in result.scenarios:
        told = scenario.failure is not None or result.failure is not None  # why cases did not run
        if not any(case.verdict.bad for case in scenario.cases):
            continue  # spares its anchors
        unexplained: Finding | None = None
        for case, anchor in zip(scenario.cases, case_anchors(scenario), strict=True):
            if not case.verdict.bad or (told and not case.attempts):
                continue
            finding = Finding(
                failure=case.failure or _unexplained(case),
                verdict=case.verdict,
                scenarios=(scenario,),
                case=case,
                anchor=anchor,
            )
            if case.attempts:
                yield finding
            else:
                first = unexplained or replace(finding, case=None, anchor=scenario.slug)
                unexplained = replace(first, not_run=first.not_run + 1)
        if unexplained:
            yield unexplained


def _unexplained(case: CaseResult) -> Failure:
    from_steps = (step.failure for attempt in case.attempts[-1:] for step in reversed(attempt.steps) if step.failure)
    return next(from_steps, None) or NO_REASON
