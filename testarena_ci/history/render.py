"""What `testarena history` prints: tables for people, JSON for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from testarena_ci.history.flaky import Evidence, FlakyCase
from testarena_ci.history.records import CaseRecord, RunRecord
from testarena_ci.history.trend import Change, Series
from testarena_ci.reports.text import one_line

Lines = Iterator[str]
_COMMIT: Final = 10  # characters
_WIDEST: Final = 80  # of a column
_BARS: Final = "▁▂▃▄▅▆▇█"
_MOST_BARS: Final = 60


def as_json(value: Any) -> str:
    """One document."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Lines:
    """Columns as wide as what stands in them; numbers stand right."""
    cells = [tuple(one_line(str(cell), _WIDEST) for cell in row) for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    right = [bool(rows) and isinstance(rows[0][column], int | float) for column in range(len(head))]
    for row in cells:
        put = (
            text.rjust(width) if number else text.ljust(width)
            for text, width, number in zip(row, widths, right, strict=True)
        )
        yield "  ".join(put).rstrip()


# ---- runs


def runs_table(runs: Sequence[RunRecord]) -> Lines:
    """A line a run, the newest first."""
    rows = [
        (
            run.run_id,
            run.started[:19],
            _outcome(run),
            run.counts.passed,
            run.counts.failed,
            run.counts.error,
            run.counts.flaky,
            f"{run.seconds:.1f} s",
            run.commit[:_COMMIT],
            run.branch,
        )
        for run in runs
    ]
    head = ("RUN", "STARTED", "VERDICT", "PASSED", "FAILED", "ERROR", "FLAKY", "TIME", "COMMIT", "BRANCH")
    yield from table(head, rows)


def runs_data(runs: Sequence[RunRecord]) -> list[dict[str, Any]]:
    """The runs without their parts."""
    return [_head(run) for run in runs]


def _head(run: RunRecord) -> dict[str, Any]:
    counts = run.counts
    return {
        "run": run.run_id,
        "started": run.started,
        "verdict": run.verdict,
        "finished": run.finished,
        "seconds": run.seconds,
        "commit": run.commit,
        "branch": run.branch,
        "headline": run.headline,
        "counts": {name: getattr(counts, name) for name in counts.__struct_fields__},
        "properties": dict(run.properties),
    }


def _outcome(run: RunRecord) -> str:
    return run.verdict if run.finished else f"{run.verdict} (cut off)"


def run_text(run: RunRecord) -> Lines:
    """A run with what is not passed first, then the other cases, metrics and sizes."""
    about = [("started", run.started), ("verdict", _outcome(run)), ("time", f"{run.seconds:.1f} s")]
    about += [("why", run.headline)] if run.headline else []
    yield f"run {one_line(run.run_id)}"
    yield from (f"  {name:10} {one_line(value)}" for name, value in (*about, *run.properties))
    for suite in run.suites:
        if suite.headline:
            yield f"  {suite.scenario}: {one_line(suite.headline)}"
    yield ""
    ordered = sorted(run.cases, key=lambda case: case.verdict not in ("failed", "error"))
    rows = [
        (_case_words(case), f"{case.scenario}/{case.case}", case.target, round(case.seconds, 3)) for case in ordered
    ]
    yield from table(("VERDICT", "CASE", "TARGET", "SECONDS"), rows)
    if run.points:
        yield ""
        numbers = [(f"{point.owner}/{point.name}", _number(point.value), point.unit) for point in run.points]
        yield from table(("NUMBER", "VALUE", "UNIT"), numbers)


def _case_words(case: CaseRecord) -> str:
    if case.flaky:
        return f"passed at attempt {case.attempts}"
    return f"{case.verdict}: {one_line(case.headline, 60)}" if case.headline else case.verdict


def run_data(run: RunRecord) -> dict[str, Any]:
    """A run with all its parts."""
    parts = {"scenarios": run.suites, "cases": run.cases, "numbers": run.points}
    return _head(run) | {
        key: [{name: getattr(part, name) for name in part.__struct_fields__} for part in found]
        for key, found in parts.items()
    }


# ---- flaky


def flaky_text(cases: Sequence[FlakyCase]) -> Lines:
    """Each case with its score and the evidence."""
    if not cases:
        yield "no case contradicted itself on one commit"
    for case in cases:
        target = f" ({one_line(case.name.target)})" if case.name.target else ""
        yield (
            f"{case.score:.2f}  {one_line(case.name.full)}{target}: "
            f"{case.contradictions} of {case.results} results contradict ({100 * case.rate:.0f} %)"
        )
        yield from (f"      {_evidence_words(evidence)}" for evidence in case.evidence)


def _evidence_words(evidence: Evidence) -> str:
    where = f"commit {one_line(evidence.commit[:_COMMIT])}" if evidence.commit else "commit not known"
    said = [f"{one_line(outcome.run_id, 60)} {outcome.words}" for outcome in evidence.outcomes[:_MOST_OUTCOMES]]
    rest = len(evidence.outcomes) - len(said)
    return f"{where}: {', '.join(said)}{f' and {rest} more' if rest else ''}"


_MOST_OUTCOMES: Final = 6  # of one commit, in words


def flaky_data(cases: Sequence[FlakyCase]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "scenario": case.name.scenario,
            "case": case.name.case,
            "target": case.name.target,
            "score": round(case.score, 4),
            "contradictions": case.contradictions,
            "results": case.results,
            "evidence": [
                {
                    "commit": evidence.commit,
                    "results": [
                        {"run": outcome.run_id, "verdict": outcome.verdict, "attempts": outcome.attempts}
                        for outcome in evidence.outcomes
                    ],
                }
                for evidence in case.evidence
            ],
        }
        for case in cases
    ]


# ---- trends and times


def trend_text(series: Sequence[Series]) -> Lines:
    """Each series with a drawing, its percentiles, and the runs at which its level changed."""
    for one in series:
        target = f" ({one_line(one.target)})" if one.target else ""
        yield f"{one_line(one.name)}{target}: {len(one.samples)} runs"
        if not one.samples:
            continue
        first, last = _number(one.values[0]), _number(one.values[-1])
        yield f"  {bars(one.values)}  {first} -> {last} {one_line(one.unit)}".rstrip()
        yield "  " + "  ".join(f"{name} {_number(value)}" for name, value in percentiles(one).items())
        yield from (f"  {_change_words(one, change)}" for change in one.changes)


def bars(values: Sequence[float]) -> str:
    """The latest values as a line of bars."""
    shown = values[-_MOST_BARS:]
    low, span = min(shown), max(shown) - min(shown)
    if not span or not math.isfinite(span):
        return _BARS[0] * len(shown)
    return "".join(_BARS[min(len(_BARS) - 1, int((value - low) / span * len(_BARS)))] for value in shown)


def _change_words(series: Series, change: Change) -> str:
    sample = series.samples[change.at]
    where = f"run {one_line(sample.run_id, 60)}"
    where += f", commit {one_line(sample.commit[:_COMMIT])}" if sample.commit else ""
    part = f"{100 * change.relative:+.1f} %" if math.isfinite(change.relative) else "from nothing"
    return f"changed {part}: {_number(change.before)} -> {_number(change.after)} at {where}"


def percentiles(series: Series) -> dict[str, float]:
    """p50, p90, p95 and the largest."""
    shares = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "max": 1.0}
    return {name: series.percentile(share) for name, share in shares.items()}


def trend_data(series: Sequence[Series]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "name": one.name,
            "target": one.target,
            "kind": one.kind,
            "unit": one.unit,
            "percentiles": percentiles(one) if one.samples else {},
            "samples": [
                {"run": sample.run_id, "commit": sample.commit, "value": sample.value} for sample in one.samples
            ],
            "changes": [_change(one, change) for change in one.changes],
        }
        for one in series
    ]


def _change(series: Series, change: Change) -> dict[str, Any]:
    sample = series.samples[change.at]
    return {"run": sample.run_id, "commit": sample.commit, "before": change.before, "after": change.after}


def slow_table(series: Sequence[Series]) -> Lines:
    """A line a case or scenario, the slowest first."""
    rows = [
        (one.name, one.target, len(one.samples), *(f"{value:.3f}" for value in percentiles(one).values()))
        for one in series
    ]
    yield from table(("NAME", "TARGET", "RUNS", "P50 s", "P90 s", "P95 s", "MAX s"), rows)


def slow_data(series: Sequence[Series]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {"name": one.name, "target": one.target, "runs": len(one.samples), "seconds": percentiles(one)}
        for one in series
    ]


def _number(value: float) -> str:
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:.4g}"
