"""Which cases cover which requirement, and how they ended."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from testarena_ci.reports.anchors import case_anchors
from testarena_ci.reports.text import one_line
from tpf.result import RunResult, ScenarioResult, Verdict, worst

_NAMED = 8  # of what covers one requirement


class Cover(Struct, frozen=True, kw_only=True):
    """A case that covers a requirement, or a scenario of which all cases do."""

    verdict: Verdict
    name: str
    anchor: str


class Requirement(Struct, frozen=True, kw_only=True):
    """A requirement is met as far as all that covers it passed."""

    name: str
    verdict: Verdict
    covers: tuple[Cover, ...]
    more: int


def requirements(result: RunResult) -> tuple[Requirement, ...]:
    """All that the run's scenarios name, those that are not met first. What nothing covers, a run can't know."""
    found: dict[str, list[Cover]] = {}
    for scenario in result.scenarios:
        for name, cover in _covers(scenario):
            found.setdefault(name, []).append(cover)
    rows = [_row(name, covers) for name, covers in sorted(found.items())]
    return tuple(sorted(rows, key=lambda row: not row.verdict.bad))


def _row(name: str, covers: list[Cover]) -> Requirement:
    verdict = worst(cover.verdict for cover in covers)
    first = sorted(covers, key=lambda cover: not cover.verdict.bad)[:_NAMED]
    return Requirement(name=one_line(name), verdict=verdict, covers=tuple(first), more=len(covers) - len(first))


def _covers(scenario: ScenarioResult) -> Iterator[tuple[str, Cover]]:
    whole = Cover(verdict=scenario.verdict, name=one_line(scenario.name, 120), anchor=scenario.slug)
    yield from ((name, whole) for name in scenario.requirements)
    if not any(case.requirements for case in scenario.cases):
        return
    for case, anchor in zip(scenario.cases, case_anchors(scenario), strict=True):
        own = [name for name in case.requirements if name not in scenario.requirements]
        yield from ((name, Cover(verdict=case.verdict, name=one_line(case.name, 120), anchor=anchor)) for name in own)
