"""results.json: everything that a run told, with the verdicts derived from it. `results.schema.json` describes it.

{"schema": 1, "generator": "TestArena 1.0.0",
 "run": {"id": "...", "verdict": "failed", "counts": {"passed": 9, ...}, ...},
 "builds": [...],
 "scenarios": [{"slug": "console-answers", "verdict": "failed", "cases": [{"id": "console-answers/ping", ...}]}]}
"""

from __future__ import annotations

import json
import math
from typing import Any

from testarena_ci.reports.anchors import case_anchors
from testarena_ci.reports.base import ReportInput
from testarena_ci.reports.words import state_of, verdict_line
from tpf.result import (
    Artifact,
    Attempt,
    BuildResult,
    CaseResult,
    Failure,
    LogSpan,
    Metric,
    RunResult,
    ScenarioResult,
    Source,
    StepResult,
    verdict_of,
)


def render(report: ReportInput) -> str:
    """The document as one line of JSON."""
    return json.dumps(document(report), allow_nan=False, separators=(",", ":")) + "\n"


def document(report: ReportInput) -> dict[str, Any]:
    """The document as plain dicts and lists; a page or a tool of ours reads the same one."""
    result = report.result
    return {
        "schema": 1,
        "generator": report.generator,
        "run": _run(result),
        "builds": [build_document(build) for build in result.builds],
        "scenarios": [_scenario(scenario) for scenario in result.scenarios],
    }


def _run(result: RunResult) -> dict[str, Any]:
    counts = result.counts
    return {
        "id": result.run_id,
        "state": state_of(result),
        "verdict": result.verdict,
        "headline": verdict_line(result),
        "started": result.started,
        "seconds": _seconds(result.seconds),
        "finished": result.finished,
        "failure": _failure(result.failure),
        "counts": {
            "total": counts.total,
            "passed": counts.passed,
            "failed": counts.failed,
            "error": counts.error,
            "skipped": counts.skipped,
            "flaky": counts.flaky,
        },
        "properties": dict(result.properties),
    }


def build_document(build: BuildResult) -> dict[str, Any]:
    """One build, as it stands under `builds`."""
    return {
        "name": build.name,
        "verdict": verdict_of(build.failure),
        "command": build.command,
        "seconds": _seconds(build.seconds),
        "reused": build.reused,
        "failure": _failure(build.failure),
        "log": build.log,
        "sizes": [{"name": size.name, "used": size.used, "total": size.total} for size in build.sizes],
    }


def _scenario(scenario: ScenarioResult) -> dict[str, Any]:
    anchors = case_anchors(scenario)
    return {
        "slug": scenario.slug,
        "name": scenario.name,
        "verdict": scenario.verdict,
        "source": _source(scenario.source),
        "target": scenario.target,
        "doc": scenario.doc,
        "tags": scenario.tags,
        "requirements": scenario.requirements,
        "parameters": dict(scenario.parameters),
        "start": None if scenario.start is None else _seconds(scenario.start),
        "seconds": _seconds(scenario.seconds),
        "worker": scenario.worker,
        "failure": _failure(scenario.failure),
        "machine": scenario.machine,
        "command": scenario.command,
        "logs": [{"device": log.device, "path": log.path} for log in scenario.logs],
        "notes": scenario.notes,
        "metrics": [_metric(metric) for metric in scenario.metrics],
        "artifacts": [_artifact(artifact) for artifact in scenario.artifacts],
        "cases": [_case(case, anchor) for case, anchor in zip(scenario.cases, anchors, strict=True)],
    }


def _case(case: CaseResult, anchor: str) -> dict[str, Any]:
    return {
        "id": anchor,
        "name": case.name,
        "verdict": case.verdict,
        "flaky": case.flaky,
        "seconds": _seconds(case.seconds),
        "source": _source(case.source),
        "tags": case.tags,
        "requirements": case.requirements,
        "skip_reason": case.skip_reason,
        "ticket": case.ticket,
        "failure": _failure(case.failure),
        "metrics": [_metric(metric) for metric in case.metrics],
        "artifacts": [_artifact(artifact) for artifact in case.artifacts],
        "notes": case.notes,
        "part_of": case.part_of,
        "attempts": [_attempt(attempt) for attempt in case.attempts],
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "start": _seconds(attempt.start),
        "seconds": _seconds(attempt.seconds),
        "verdict": attempt.verdict,
        "failure": _failure(attempt.failure),
        "expected": _failure(attempt.expected),
        "log": [_span(span) for span in attempt.log],
        "steps": [_step(step) for step in attempt.steps],
    }


def _step(step: StepResult) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "summary": step.summary,
        "source": _source(step.source),
        "phase": step.phase,
        "depth": step.depth,
        "start": _seconds(step.start),
        "seconds": _seconds(step.seconds),
        "verdict": step.verdict,
        "failure": _failure(step.failure),
        "log": [_span(span) for span in step.log],
    }


def _failure(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    source = _source(failure.source) if failure.source else None
    code = [{"source": _source(place.source), "message": place.message} for place in failure.code]
    return {"kind": failure.kind, "message": failure.message, "source": source, "code": code}


def _source(source: Source) -> dict[str, Any]:
    return {"file": source.file, "line": source.line, "column": source.column}


def _span(span: LogSpan) -> dict[str, Any]:
    return {"device": span.device, "first": span.first, "last": span.last}


def _metric(metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "value": _finite(metric.value),
        "unit": metric.unit,
        "minimum": _finite(metric.minimum),
        "maximum": _finite(metric.maximum),
    }


def _artifact(artifact: Artifact) -> dict[str, Any]:
    return {"name": artifact.name, "path": artifact.path, "media_type": artifact.media_type}


def _finite(value: float | None) -> float | None:
    """JSON has no NaN and no infinity: a device that prints one measured nothing."""
    return value if value is not None and math.isfinite(value) else None


def _seconds(value: float) -> float:
    return round(value, 6) if math.isfinite(value) else 0.0
