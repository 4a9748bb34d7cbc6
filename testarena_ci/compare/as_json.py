"""A comparison as JSON for programs.

{"schema": 1, "worse": true, "counts": {"newly-failing": 1, ...}, "unchanged": 9, "base": {...}, "now": {...},
 "cases": [{"change": "newly-failing", "scenario": "console", "case": "ping", "before": {...}, "now": {...}}],
 "times": [...], "metrics": [...], "sizes": [...]}
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import msgspec

from testarena_ci.compare.model import Comparison


def document(comparison: Comparison) -> dict[str, Any]:
    """As plain dicts and lists: the record's own fields, and what it derives."""
    return {
        "schema": 1,
        "worse": comparison.worse,
        "counts": {str(change): number for change, number in comparison.counts},
        "unchanged": comparison.unchanged,
        "base": _run(comparison.base),
        "now": _run(comparison.now),
        "cases": [_plain(case) for case in comparison.cases],
        "times": [
            {**_plain(one), "ratio": one.ratio if math.isfinite(one.ratio) else None} for one in comparison.times
        ],
        "metrics": [
            {**_plain(one), "relative": one.relative, "beyond": one.beyond, "worse": one.worse}
            for one in comparison.metrics
        ],
        "sizes": [{**_plain(one), "delta": one.delta} for one in comparison.sizes],
    }


def render(comparison: Comparison) -> str:
    return json.dumps(document(comparison), allow_nan=False, indent=2)


def _run(run: Any) -> dict[str, Any]:
    plain = _plain(run)
    return {**plain, "counts": {**plain["counts"], "total": run.counts.total}}


def _plain(record: Any) -> Any:
    return msgspec.to_builtins(asdict(record))
