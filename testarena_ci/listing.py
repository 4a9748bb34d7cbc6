"""What `testarena list` prints: the plan of a run, by scenarios or by requirements, for people or for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import to_builtins

from testarena_ci.runner_commands import neutralise
from tpf.events import PlannedCase, PlannedScenario
from tpf.schedule import Plan, announced

Lines = Iterator[str]
Covered = Sequence[tuple[PlannedScenario, PlannedCase]]

# ---- scenarios and their cases


def as_tree(plan: Plan) -> Lines:
    """Scenarios with target, parameters, tags, requirements and place; below each its cases; a count at the end."""
    for scenario in announced(plan):
        parameters = [f"{name}={value}" for name, value in scenario.parameters]
        about = (*_hashed(scenario.tags), *scenario.requirements, str(scenario.source))
        yield _with_details(scenario.name, (scenario.target, *parameters, *about))
        for case in scenario.cases:
            yield "  " + _with_details(case.name, (*_hashed(case.tags), *case.requirements, *_reserved(case)))
    yield _count(plan)


def as_table(plan: Plan) -> Lines:
    """A line a case."""
    yield from _table(
        ("SCENARIO", "CASE", "TARGET", "TAGS", "REQUIREMENTS", "PARAMETERS", "PLACE"),
        [_row(scenario, case) for scenario in announced(plan) for case in scenario.cases],
    )
    yield _count(plan)


def as_json(plan: Plan) -> Lines:
    """One JSON document with everything that a program may ask for."""
    yield _json({"scenarios": [_scenario(scenario) for scenario in announced(plan)]})


def _row(scenario: PlannedScenario, case: PlannedCase) -> tuple[str, ...]:
    return (
        scenario.name,
        case.name + (" (skipped)" if case.skip else "") + (" (quarantined)" if case.quarantine else ""),
        scenario.target,
        " ".join(_both(scenario.tags, case.tags)),
        " ".join(_both(scenario.requirements, case.requirements)),
        " ".join(f"{name}={value}" for name, value in scenario.parameters),
        str(case.source),
    )


def _both(of_scenario: Sequence[str], of_case: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*of_scenario, *of_case)))


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
        "ticket": case.ticket,
        "quarantine": to_builtins(case.quarantine),
        "quarantined_parts": {name: to_builtins(said) for name, said in case.quarantined_parts},
    }


# ---- requirements and what covers them


def covered(plan: Plan) -> Mapping[str, Covered]:
    """The cases that give evidence for each requirement; that of a scenario is covered by all of its cases."""
    found: dict[str, list[tuple[PlannedScenario, PlannedCase]]] = {}
    for scenario in announced(plan):
        for case in scenario.cases:
            for requirement in _both(scenario.requirements, case.requirements):
                found.setdefault(requirement, []).append((scenario, case))
    return dict(sorted(found.items()))


def requirements_tree(plan: Plan) -> Lines:
    """Each requirement, and below it the cases that cover it."""
    for requirement, cases in covered(plan).items():
        yield _harmless(requirement)
        for scenario, case in cases:
            yield "  " + _with_details(f"{scenario.name}/{case.name}", (str(case.source), *_reserved(case)))
    yield _requirements_count(plan)


def requirements_table(plan: Plan) -> Lines:
    """A line a requirement and case."""
    rows = [
        (requirement, f"{scenario.name}/{case.name}", " ".join(_reserved(case)), str(case.source))
        for requirement, cases in covered(plan).items()
        for scenario, case in cases
    ]
    yield from _table(("REQUIREMENT", "CASE", "", "PLACE"), rows)
    yield _requirements_count(plan)


def requirements_json(plan: Plan) -> Lines:
    """One JSON document: the requirements with the cases that cover each."""
    entries = [
        {"id": requirement, "cases": [{"scenario": scenario.name, **_case(case)} for scenario, case in cases]}
        for requirement, cases in covered(plan).items()
    ]
    yield _json({"requirements": entries})


def _reserved(case: PlannedCase) -> tuple[str, ...]:
    """What keeps it from being plain evidence."""
    skipped = (f"skipped: {case.skip}",) if case.skip else ()
    expected = (f"expected to fail: {case.ticket}",) if case.ticket else ()
    whole = (case.quarantine.label,) if case.quarantine else ()
    parts = (f"{name}: {said.label}" for name, said in case.quarantined_parts)
    return (*skipped, *expected, *whole, *parts)


def _requirements_count(plan: Plan) -> str:
    requirements = covered(plan)
    covering = {(scenario.slug, case.name) for cases in requirements.values() for scenario, case in cases}
    without = plan.case_count - len(covering)
    total = _number(len(requirements), "requirement")
    return f"{total}; cases without one: {without} of {plan.case_count}"


# ---- what they share


def _count(plan: Plan) -> str:
    return f"{_number(len(plan.runs), 'scenario')}, {_number(plan.case_count, 'case')}"


def _number(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _hashed(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"#{tag}" for tag in tags)


def _with_details(name: str, details: tuple[str, ...]) -> str:
    shown = " ".join(detail for detail in details if detail)
    return _harmless(f"{name}  [{shown}]" if shown else name)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Lines:
    """Columns as wide as their widest cell; those that nobody has anything in are left out."""
    kept = [index for index, _ in enumerate(head) if any(row[index] for row in rows)]
    cells = [[_harmless(line[index]) for index in kept] for line in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def _harmless(text: str) -> str:
    return " ".join(neutralise(text).split("\n"))


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False)


Format = Callable[[Plan], Lines]
FORMATS: Final[Mapping[str, Format]] = {"tree": as_tree, "table": as_table, "json": as_json}
REQUIREMENTS: Final[Mapping[str, Format]] = {
    "tree": requirements_tree,
    "table": requirements_table,
    "json": requirements_json,
}
