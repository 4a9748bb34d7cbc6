"""Names of cases that work in an address: `console-answers/ping-answers-pong`, unique within a run."""

from __future__ import annotations

from testarena_ci.reports.text import slug
from tpf.result import ScenarioResult


def case_anchors(scenario: ScenarioResult) -> tuple[str, ...]:
    """One anchor for each case, in order; a second case of the same name becomes `name~2`."""
    seen: dict[str, int] = {}
    return tuple(f"{scenario.slug}/{_unique(slug(case.name), seen)}" for case in scenario.cases)


def _unique(name: str, seen: dict[str, int]) -> str:
    seen[name] = seen.get(name, 0) + 1
    return name if seen[name] == 1 else f"{name}~{seen[name]}"
