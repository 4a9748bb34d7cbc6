"""What a run is going to do, decided before it starts: which cases, under which names, in which order. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from tpf.events import PlannedCase, PlannedScenario
from tpf.scenario.model import Scenario
from tpf.selection import Selection, selected


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """A scenario with the cases that are wanted, under a name that is unique in the run and safe as a file name."""

    slug: str
    scenario: Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that a run is going to do, in order."""

    runs: tuple[PlannedRun, ...]

    @property
    def case_count(self) -> int:
        return sum(len(run.scenario.cases) for run in self.runs)


def plan(scenarios: Iterable[Scenario], selection: Selection | None = None) -> Plan:
    """The wanted cases of the scenarios, in their order; scenarios without any are left out."""
    taken: set[str] = set()
    wanted = selected(scenarios, selection or Selection())
    return Plan(runs=tuple(PlannedRun(slug=_slug(scenario.name, taken), scenario=scenario) for scenario in wanted))


def _slug(name: str, taken: set[str]) -> str:
    """A file name for a scenario: ASCII, lower case, at most 80 characters, unlike all others in the run."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:80].strip("-") or "scenario"
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    taken.add(slug)
    return slug


def announced(plan_: Plan) -> tuple[PlannedScenario, ...]:
    """The plan as the first event of a run tells it."""
    return tuple(_announce(run) for run in plan_.runs)


def _announce(run: PlannedRun) -> PlannedScenario:
    scenario = run.scenario
    return PlannedScenario(
        name=scenario.name,
        slug=run.slug,
        source=scenario.source,
        target=scenario.target,
        doc=scenario.doc,
        tags=scenario.tags,
        requirements=scenario.requirements,
        parameters=scenario.parameters,
        cases=tuple(
            PlannedCase(
                name=case.name,
                source=case.source,
                tags=case.tags,
                requirements=case.requirements,
                skip=case.skip,
                ticket=case.ticket,
                quarantine=case.quarantine,
                quarantined_parts=case.quarantined_parts,
            )
            for case in scenario.cases
        ),
    )
