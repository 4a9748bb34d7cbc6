"""What the history keeps of a run: frozen, bounded records made of its result, or read back from a database."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct

from tpf.result import Counts, Failure, Metric, RunResult, ScenarioResult

LONGEST_NAME: Final = 300  # characters; longer ones keep their identity by a digest
LONGEST_TEXT: Final = 500
MOST_PROPERTIES: Final = 64
METRIC: Final = "metric"
SIZE: Final = "size"


class CaseRecord(Struct, frozen=True, kw_only=True):
    """How a case ended."""

    scenario: str
    target: str
    case: str
    verdict: str
    kind: str = ""  # a FailureKind, when it is not passed
    headline: str = ""
    seconds: float = 0.0
    attempts: int = 0
    flaky: bool = False


class SuiteRecord(Struct, frozen=True, kw_only=True):
    """How long a scenario took, boots and all, and what went wrong outside of its cases."""

    scenario: str
    target: str
    verdict: str
    kind: str = ""
    headline: str = ""
    seconds: float = 0.0


class Point(Struct, frozen=True, kw_only=True):
    """A number that one run told: a metric of a case or a scenario, or the size of a firmware's part."""

    kind: str  # METRIC or SIZE
    owner: str  # `scenario/case` or `scenario`; the build's name for sizes
    name: str
    target: str = ""
    unit: str = ""
    value: float
    minimum: float | None = None
    maximum: float | None = None


class RunRecord(Struct, frozen=True, kw_only=True):
    """A run. Its parts are empty where only the run itself was asked for; `counts` are stored beside it for that."""

    run_id: str
    started: str  # ISO 8601
    commit: str
    branch: str
    verdict: str
    seconds: float
    finished: bool
    headline: str
    counts: Counts
    properties: tuple[tuple[str, str], ...] = ()
    suites: tuple[SuiteRecord, ...] = ()
    cases: tuple[CaseRecord, ...] = ()
    points: tuple[Point, ...] = ()

    @property
    def at(self) -> float:
        """The start in seconds since 1970; 0 for a text that is no time."""
        return moment(self.started)


def moment(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 time, which is UTC where it doesn't say; 0 for a text that is no time."""
    try:
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, TypeError):  # TypeError: from a database that isn't ours
        return 0.0


def bounded(text: str, limit: int = LONGEST_NAME) -> str:
    """A text that a database takes, of at most `limit` characters; two long ones that differ stay different."""
    if not text.isascii():
        text = text.encode("utf-8", "backslashreplace").decode()  # lone surrogates
    if len(text) <= limit:
        return text
    return f"{text[: limit - 18]}…{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def record_of(result: RunResult) -> RunRecord:
    """What is kept of a run, finished or not."""
    properties = tuple((bounded(name), bounded(value, LONGEST_TEXT)) for name, value in result.properties)
    known = dict(properties)
    suffix = _rounds(known.get("repeat", ""))
    return RunRecord(
        run_id=bounded(result.run_id),
        started=bounded(result.started, 64),
        commit=known.get("commit", ""),
        branch=known.get("branch", ""),
        verdict=str(result.verdict),
        seconds=result.seconds,
        finished=result.finished,
        headline=_headline(result.failure),
        counts=result.counts,
        properties=properties[:MOST_PROPERTIES],
        suites=tuple(_suite(scenario, suffix) for scenario in result.scenarios),
        cases=tuple(case for scenario in result.scenarios for case in _cases(scenario, suffix)),
        points=tuple(_points(result, suffix)),
    )


def _rounds(times: str) -> re.Pattern[str] | None:
    """What `--repeat` puts behind a scenario's name: `[2/5]`. All rounds are results of the same cases."""
    return re.compile(rf" \[\d{{1,9}}/{re.escape(times)}\]\Z") if times else None


def _name(scenario: ScenarioResult, suffix: re.Pattern[str] | None) -> str:
    return bounded(suffix.sub("", scenario.name) if suffix else scenario.name)


def _headline(failure: Failure | None) -> str:
    return bounded(failure.headline, LONGEST_TEXT) if failure else ""


def _suite(scenario: ScenarioResult, suffix: re.Pattern[str] | None) -> SuiteRecord:
    return SuiteRecord(
        scenario=_name(scenario, suffix),
        target=bounded(scenario.target),
        verdict=str(scenario.verdict),
        kind=str(scenario.failure.kind) if scenario.failure else "",
        headline=_headline(scenario.failure),
        seconds=scenario.seconds,
    )


def _cases(scenario: ScenarioResult, suffix: re.Pattern[str] | None) -> Iterator[CaseRecord]:
    name, target = _name(scenario, suffix), bounded(scenario.target)
    for case in scenario.cases:
        failure = case.failure
        yield CaseRecord(
            scenario=name,
            target=target,
            case=bounded(case.name),
            verdict=str(case.verdict),
            kind=str(failure.kind) if failure else "",
            headline=_headline(failure),
            seconds=case.seconds,
            attempts=len(case.attempts),
            flaky=case.flaky,
        )


def _points(result: RunResult, suffix: re.Pattern[str] | None) -> Iterator[Point]:
    for scenario in result.scenarios:
        owner, target = _name(scenario, suffix), bounded(scenario.target)
        yield from (_metric(metric, owner, target) for metric in _finite(scenario.metrics))
        for case in scenario.cases:
            of_case = bounded(f"{owner}/{case.name}", 2 * LONGEST_NAME)
            yield from (_metric(metric, of_case, target) for metric in _finite(case.metrics))
    for build in result.builds:
        for size in build.sizes:
            limit = None if size.total is None else float(size.total)
            yield Point(
                kind=SIZE,
                owner=bounded(build.name),
                name=bounded(size.name),
                unit="B",
                value=float(size.used),
                maximum=limit,
            )


def _finite(metrics: tuple[Metric, ...]) -> Iterator[Metric]:
    """Without those that are no numbers: a database keeps none."""
    return (metric for metric in metrics if math.isfinite(metric.value))


def _metric(metric: Metric, owner: str, target: str) -> Point:
    return Point(
        kind=METRIC,
        owner=owner,
        target=target,
        name=bounded(metric.name),
        unit=bounded(metric.unit, 40),
        value=metric.value,
        minimum=_limit(metric.minimum),
        maximum=_limit(metric.maximum),
    )


def _limit(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
