"""A run of the history as a result again, as far as the history keeps it: no steps, no consoles, no places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from testarena_ci.history.records import METRIC, SIZE, CaseRecord, Point, RunRecord, SuiteRecord
from testarena_ci.history.schema import HistoryError
from testarena_ci.reports.text import slug
from tpf.result import (
    Attempt,
    BuildResult,
    CaseResult,
    Failure,
    FailureKind,
    FirmwareSize,
    Metric,
    RunResult,
    ScenarioResult,
    Source,
    Verdict,
)

_NOWHERE = Source(file="")
_Owner = tuple[str, str]  # `scenario/case` or `scenario`, and the target


def as_result(record: RunRecord) -> RunResult:
    """Raises HistoryError for words that no version of ours has written."""
    try:
        return _run(record)
    except ValueError as error:
        raise HistoryError(f"the run {record.run_id} in the history can't be understood: {error}") from error


def _run(record: RunRecord) -> RunResult:
    metrics = _metrics(record.points)
    cases: dict[tuple[str, str], list[CaseResult]] = defaultdict(list)
    for case in record.cases:
        cases[case.scenario, case.target].append(_case(case, metrics[f"{case.scenario}/{case.case}", case.target]))
    # which of several rounds a case was in is not kept: all stand in the first
    suites = {(suite.scenario, suite.target): suite for suite in reversed(record.suites)}
    return RunResult(
        run_id=record.run_id,
        started=record.started,
        seconds=record.seconds,
        finished=record.finished,
        scenarios=tuple(_scenario(suite, cases[key], metrics[key]) for key, suite in reversed(suites.items())),
        builds=_builds(record.points),
        failure=Failure(kind=FailureKind.INTERRUPTED, message=record.headline) if record.headline else None,
        properties=record.properties,
    )


def _scenario(suite: SuiteRecord, cases: Iterable[CaseResult], metrics: Iterable[Metric]) -> ScenarioResult:
    return ScenarioResult(
        name=suite.scenario,
        slug=slug(suite.scenario),
        source=_NOWHERE,
        target=suite.target,
        seconds=suite.seconds,
        failure=_failure(suite.kind, suite.headline),
        cases=tuple(cases),
        metrics=tuple(metrics),
    )


def _case(record: CaseRecord, metrics: Iterable[Metric]) -> CaseResult:
    verdict, failure = Verdict(record.verdict), _failure(record.kind, record.headline)
    return CaseResult(
        name=record.case,
        source=_NOWHERE,
        attempts=tuple(_attempts(record, verdict, failure)),
        skip_reason="skipped" if verdict is Verdict.SKIPPED else "",
        not_run=None if record.attempts else failure,
        metrics=tuple(metrics),
    )


def _attempts(record: CaseRecord, verdict: Verdict, failure: Failure | None) -> Iterable[Attempt]:
    """Of those before the last one it is known only how many there were, and that a flaky case failed at them."""
    before = Verdict.FAILED if record.flaky else verdict
    for number in range(1, record.attempts):
        yield Attempt(number=number, start=0.0, seconds=0.0, verdict=before)
    if record.attempts:
        yield Attempt(number=record.attempts, start=0.0, seconds=record.seconds, verdict=verdict, failure=failure)


def _failure(kind: str, headline: str) -> Failure | None:
    return Failure(kind=FailureKind(kind), message=headline) if kind else None


def _metrics(points: Iterable[Point]) -> dict[_Owner, list[Metric]]:
    found: dict[_Owner, list[Metric]] = defaultdict(list)
    for point in points:
        if point.kind == METRIC:
            limits = {"minimum": point.minimum, "maximum": point.maximum}
            found[point.owner, point.target].append(
                Metric(name=point.name, value=point.value, unit=point.unit, **limits)
            )
    return found


def _builds(points: Iterable[Point]) -> tuple[BuildResult, ...]:
    sizes: dict[str, list[FirmwareSize]] = defaultdict(list)
    for point in points:
        if point.kind == SIZE:
            total = None if point.maximum is None else int(point.maximum)
            sizes[point.owner].append(FirmwareSize(name=point.name, used=int(point.value), total=total))
    return tuple(BuildResult(name=name, command="", seconds=0.0, sizes=tuple(found)) for name, found in sizes.items())
