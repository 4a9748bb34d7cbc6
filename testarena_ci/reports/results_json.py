"""results.json: everything that a run told, with the verdicts derived from it. `results.schema.json` describes it.

{"schema": 1, "generator": "TestArena 1.0.0",
 "run": {"id": "...", "verdict": "failed", "counts": {"passed": 9, ...}, ...},
 "builds": [...],
 "scenarios": [{"slug": "console-answers", "verdict": "failed", "cases": [{"id": "console-answers/ping", ...}]}]}
"""

from __future__ import annotations

import math
from typing import Any

from msgspec import to_builtins

from testarena_ci.reports.anchors import case_anchors
from testarena_ci.reports.base import ReportInput
from testarena_ci.reports.json_text import encoded
from testarena_ci.reports.words import state_of, verdict_line
from tpf.result import (
    BuildResult,
    CaseResult,
    Metric,
    RunResult,
    ScenarioResult,
    verdict_of,
)


def render(report: ReportInput) -> bytes:
    """The document as one line of JSON."""
    return encoded(_document(report)) + b"\n"


def document(report: ReportInput) -> dict[str, Any]:
    """The document as plain dicts and lists; a page or a tool of ours reads the same one."""
    made: dict[str, Any] = to_builtins(_document(report))
    return made


def _document(report: ReportInput) -> dict[str, Any]:
    """Structs whose fields are those of the schema stand in it as they are: attempts, steps and logs are most of it."""
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
        "failure": result.failure,
        "counts": {
            "total": counts.total,
            "passed": counts.passed,
            "failed": counts.failed,
            "error": counts.error,
            "skipped": counts.skipped,
            "flaky": counts.flaky,
            "quarantined": counts.quarantined,
        },
        "properties": dict(result.properties),
    }


def build_document(build: BuildResult) -> dict[str, Any]:
    """One build, as it stands under `builds`."""
    return {
        "name": build.name,
        "verdict": verdict_of(build.failure),
        "command": build.command,
        "start": _seconds(build.start),
        "seconds": _seconds(build.seconds),
        "reused": build.reused,
        "failure": to_builtins(build.failure),
        "log": build.log,
        "sizes": [{"name": size.name, "used": size.used, "total": size.total} for size in build.sizes],
    }


def _scenario(scenario: ScenarioResult) -> dict[str, Any]:
    anchors = case_anchors(scenario)
    return {
        "slug": scenario.slug,
        "name": scenario.name,
        "verdict": scenario.verdict,
        "source": scenario.source,
        "target": scenario.target,
        "doc": scenario.doc,
        "tags": scenario.tags,
        "requirements": scenario.requirements,
        "parameters": dict(scenario.parameters),
        "start": None if scenario.start is None else _seconds(scenario.start),
        "seconds": _seconds(scenario.seconds),
        "worker": scenario.worker,
        "failure": scenario.failure,
        "machine": scenario.machine,
        "command": scenario.command,
        "logs": scenario.logs,
        "notes": scenario.notes,
        "metrics": [_metric(metric) for metric in scenario.metrics],
        "artifacts": scenario.artifacts,
        "cases": [_case(case, anchor) for case, anchor in zip(scenario.cases, anchors, strict=True)],
    }


def _case(case: CaseResult, anchor: str) -> dict[str, Any]:
    return {
        "id": anchor,
        "name": case.name,
        "verdict": case.verdict,
        "flaky": case.flaky,
        "seconds": _seconds(case.seconds),
        "source": case.source,
        "tags": case.tags,
        "requirements": case.requirements,
        "skip_reason": case.skip_reason,
        "ticket": case.ticket,
        "quarantine": case.quarantine,
        "quarantined": case.quarantined,
        "failure": case.failure,
        "metrics": [_metric(metric) for metric in case.metrics],
        "artifacts": case.artifacts,
        "notes": case.notes,
        "part_of": case.part_of,
        "attempts": case.attempts,
    }


def _metric(metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "value": _finite(metric.value),
        "unit": metric.unit,
        "minimum": _finite(metric.minimum),
        "maximum": _finite(metric.maximum),
    }


def _finite(value: float | None) -> float | None:
    """JSON has no NaN and no infinity: a device that prints one measured nothing."""
    return value if value is not None and math.isfinite(value) else None


def _seconds(value: float) -> float:
    return round(value, 6) if math.isfinite(value) else 0.0
