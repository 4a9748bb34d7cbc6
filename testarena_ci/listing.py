"""What `testarena list` prints: the plan of a run, for people or for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, Final

from tpf.events import PlannedCase, PlannedScenario
from tpf.schedule import Plan, announced


def as_text(plan: Plan) -> Iterator[str]:
    """A tree: scenarios with target, tags and place; below each its cases; a count at the end."""
    for scenario in announced(plan):
        yield _with_details(scenario.name, (scenario.target, *_hashed(scenario.tags), str(scenario.source)))
        for case in scenario.cases:
            skipped = (f"skipped: {case.skip}",) if case.skip else ()
            yield "  " + _with_details(case.name, (*_hashed(case.tags), *skipped))
    yield f"{len(plan.runs)} scenarios, {plan.case_count} cases"


def _hashed(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"#{tag}" for tag in tags)


def _with_details(name: str, details: tuple[str, ...]) -> str:
    shown = " ".join(detail for detail in details if detail)
    return f"{name}  [{shown}]" if shown else name


def as_json(plan: Plan) -> Iterator[str]:
    """One JSON document with everything that a program may ask for."""
    yield json.dumps({"scenarios": [_scenario(scenario) for scenario in announced(plan)]}, indent=1, ensure_ascii=False)


def _scenario(scenario: PlannedScenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "file": scenario.source.file,
        "line": scenario.source.line,
        "target": scenario.target,
        "tags": scenario.tags,
        "requirements": scenario.requirements,
        "parameters": dict(scenario.parameters),
        "cases": [_case(case) for case in scenario.cases],
    }


def _case(case: PlannedCase) -> dict[str, Any]:
    return {
        "name": case.name,
        "file": case.source.file,
        "line": case.source.line,
        "tags": case.tags,
        "requirements": case.requirements,
        "skip": case.skip,
    }


FORMATS: Final[dict[str, Callable[[Plan], Iterator[str]]]] = {"text": as_text, "json": as_json}
