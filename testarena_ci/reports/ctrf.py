"""ctrf.json: the run in the Common Test Report Format (https://ctrf.io), for its bots, dashboards and actions.

{"reportFormat": "CTRF", "specVersion": "0.0.0", "results": {
  "tool": {"name": "TestArena", "version": "1.0.0"},
  "summary": {"tests": 2, "passed": 1, "failed": 1, "skipped": 0, "pending": 0, "other": 0, ...},
  "tests": [{"name": "ping answers pong", "status": "passed", "duration": 102, "suite": ["console answers"], ...}]}}

The format knows no errors: they are `failed`, with `rawStatus` "error". Quarantined failures are `other`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import starmap
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from testarena_ci.reports.anchors import case_anchors
from testarena_ci.reports.base import ReportInput
from testarena_ci.reports.ctrf_model import Attachment, Attempt, Case, Report, Results, Step, Summary, Tool
from testarena_ci.reports.json_text import encoded
from testarena_ci.reports.text import clipped, moment, one_line, plain
from testarena_ci.reports.trouble import RUN, trouble_name, trouble_of_run
from tpf import __version__
from tpf.result import Artifact, CaseResult, Failure, RunResult, ScenarioResult, StepResult, Verdict, verdict_of
from tpf.result import Attempt as Tried

_STATUS: Final = {
    Verdict.PASSED: "passed",
    Verdict.FAILED: "failed",
    Verdict.ERROR: "failed",
    Verdict.SKIPPED: "skipped",
}
_VERSION: Final = "0.0.0"  # of the format: its only published one
_TEXT: Final = 16 << 10  # characters of a failure
_STEPS: Final = 200  # of a case that is not passed
_ENVIRONMENT: Final = {"repository": "repositoryName", "commit": "commit", "branch": "branchName", "run": "buildId"}


def render(report: ReportInput) -> bytes:
    """The file, one line of JSON."""
    result = report.result
    clock = _Clock.of(result)
    tests = [*_of_run(result), *(test for scenario in result.scenarios for test in _of_scenario(scenario, clock))]
    made = Results(
        tool=Tool(name="TestArena", version=__version__),
        summary=_summary(result, tests, clock),
        tests=tests,
        environment=_environment(result),
    )
    document = Report(
        report_format="CTRF",
        spec_version=_VERSION,
        results=made,
        generated_by=report.generator,
        timestamp=clock.text,
    )
    return encoded(document) + b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clock:
    """The format's times: milliseconds since 1970, whole ones."""

    began: datetime | None

    @classmethod
    def of(cls, result: RunResult) -> _Clock:
        return cls(began=moment(result.started))

    @property
    def text(self) -> str | None:
        return self.began.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if self.began else None

    def at(self, offset: float) -> int:
        return (int(self.began.timestamp() * 1000) if self.began else 0) + _milliseconds(offset)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000) if math.isfinite(seconds) else 0


def _summary(result: RunResult, tests: list[Case], clock: _Clock) -> Summary:
    by = Counter(test.status for test in tests)
    return Summary(
        tests=len(tests),
        passed=by["passed"],
        failed=by["failed"],
        skipped=by["skipped"],
        pending=by["pending"],
        other=by["other"],
        flaky=sum(test.flaky for test in tests),
        suites=len(result.scenarios),
        start=clock.at(0.0),
        stop=clock.at(result.seconds),
        duration=_milliseconds(result.seconds),
    )


def _environment(result: RunResult) -> dict[str, Any] | None:
    known = {_ENVIRONMENT[name]: value for name, value in result.properties if name in _ENVIRONMENT}
    return known or None


def _of_run(result: RunResult) -> Iterator[Case]:
    """A test for what went wrong with the run itself."""
    failure = trouble_of_run(result)
    if failure:
        yield _trouble(RUN, RUN, failure)


def _of_scenario(scenario: ScenarioResult, clock: _Clock) -> Iterator[Case]:
    suite = [one_line(scenario.name) or scenario.slug]
    if scenario.failure:
        yield _trouble(suite[0], trouble_name(scenario.failure), scenario.failure)
    parameters = dict(scenario.parameters) or None
    for case, anchor in zip(scenario.cases, case_anchors(scenario), strict=True):
        yield _test(case, anchor, scenario, suite, parameters, clock)


def _trouble(suite: str, name: str, failure: Failure) -> Case:
    return Case(
        name=name,
        status=_STATUS[verdict_of(failure)],
        duration=0,
        suite=[suite],
        raw_status=verdict_of(failure),
        message=one_line(failure.headline, 2000),
        trace=_trace(failure),
        file_path=failure.source.file if failure.source else None,
        line=failure.source.line or None if failure.source else None,
    )


def _test(
    case: CaseResult,
    anchor: str,
    scenario: ScenarioResult,
    suite: list[str],
    parameters: dict[str, str] | None,
    clock: _Clock,
) -> Case:
    tried, failure = len(case.attempts), case.failure or case.expected_failure
    shown = case.verdict.bad or case.flaky
    return Case(
        id=str(uuid5(NAMESPACE_URL, f"testarena:{anchor}")),
        name=one_line(case.name) or "(no name)",
        status="other" if case.quarantined else _STATUS[case.verdict],
        duration=_milliseconds(case.seconds),
        start=clock.at(case.attempts[0].start) if tried else None,
        stop=clock.at(case.attempts[-1].start + case.attempts[-1].seconds) if tried else None,
        suite=suite,
        message=_message(case, failure),
        trace=_trace(failure) if failure else None,
        line=case.source.line or None,
        file_path=case.source.file,
        raw_status="quarantined" if case.quarantined else case.verdict,
        tags=list(case.tags) or None,
        labels={"requirements": list(case.requirements)} if case.requirements else None,
        retries=tried - 1 if tried > 1 else None,
        retry_attempts=list(starmap(_attempt, enumerate(case.attempts[:-1], 1))) or None,
        flaky=case.flaky,
        thread_id=str(scenario.worker),
        device=scenario.target or None,
        attachments=_attachments(case, scenario, with_logs=shown) or None,
        parameters=parameters,
        steps=[_step(step) for step in case.attempts[-1].steps[:_STEPS]] if tried and shown else None,
    )


def _message(case: CaseResult, failure: Failure | None) -> str | None:
    if case.quarantined and case.quarantine and failure:
        return one_line(f"{case.quarantine.label}: {failure.headline}", 2000)
    return one_line(failure.headline, 2000) if failure else one_line(case.skip_reason) or None


def _trace(failure: Failure) -> str:
    places = "".join(f"\ncode {place.source}: {one_line(place.message)}" for place in failure.code)
    at = f"\nat {failure.source}" if failure.source else ""
    return plain(clipped(failure.message, _TEXT) + at + places)


def _attempt(number: int, attempt: Tried) -> Attempt:
    return Attempt(
        attempt=number,
        status=_STATUS[attempt.verdict],
        duration=_milliseconds(attempt.seconds),
        message=one_line(attempt.failure.headline, 2000) if attempt.failure else None,
        trace=_trace(attempt.failure) if attempt.failure else None,
    )


def _step(step: StepResult) -> Step:
    return Step(name=one_line(step.summary) or step.kind, status=_STATUS[step.verdict])


def _attachments(case: CaseResult, scenario: ScenarioResult, *, with_logs: bool) -> list[Attachment]:
    made = [_attachment(artifact) for artifact in case.artifacts]
    if with_logs:
        names = [(f"console {log.device}".rstrip(), log.path) for log in scenario.logs]
        made += [Attachment(name=name, content_type="text/plain", path=path) for name, path in names]
    return made


def _attachment(artifact: Artifact) -> Attachment:
    return Attachment(name=artifact.name, content_type=artifact.media_type, path=artifact.path)
