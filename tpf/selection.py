"""Which scenarios and cases of those that there are a run takes. Pure."""

from __future__ import annotations

import difflib
import fnmatch
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from tpf.errors import UsageError
from tpf.result import RunResult
from tpf.scenario.model import Case, Scenario

_REPETITION: Final = re.compile(r" \[\d+/\d+\]\Z")  # what `ordering.repeated` adds to a name


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which cases are wanted: those that all fields want. An empty field wants all."""

    filters: tuple[str, ...] = ()  # part of `scenario` or `scenario/case`, or a pattern with * and ?; any of them
    tags: tuple[str, ...] = ()  # of the scenario or the case; any of them; `!tag` leaves out
    cases: tuple[str, ...] = ()  # exactly `scenario/case`, or `scenario` for all of its cases; any of them
    failed: frozenset[tuple[str, str]] | None = None  # scenario and case; None when nobody asked

    def wants(self, scenario: Scenario, case: Case) -> bool:
        return (
            self._by_tag(scenario, case)
            and (not self.filters or any(_matches(text, scenario.name, case.name) for text in self.filters))
            and (not self.cases or not _names(scenario, case).isdisjoint(self.cases))
            and (self.failed is None or (scenario.name, case.name) in self.failed)
        )

    def _by_tag(self, scenario: Scenario, case: Case) -> bool:
        tags = frozenset((*scenario.tags, *case.tags))
        wanted = [tag for tag in self.tags if not tag.startswith("!")]
        unwanted = [tag[1:] for tag in self.tags if tag.startswith("!")]
        return (not wanted or any(tag in tags for tag in wanted)) and not any(tag in tags for tag in unwanted)


def _matches(pattern: str, scenario: str, case: str) -> bool:
    names = (scenario.casefold(), f"{scenario}/{case}".casefold())
    wanted = pattern.casefold()
    if any(sign in wanted for sign in "*?["):
        return any(fnmatch.fnmatchcase(name, wanted) for name in (*names, case.casefold()))
    return any(wanted in name for name in names)


def _names(scenario: Scenario, case: Case) -> frozenset[str]:
    return frozenset((scenario.name, f"{scenario.name}/{case.name}"))


def selected(scenarios: Iterable[Scenario], selection: Selection) -> tuple[Scenario, ...]:
    """The scenarios with the cases that are wanted; those without any are left out."""
    chosen = (
        replace(scenario, cases=tuple(case for case in scenario.cases if selection.wants(scenario, case)))
        for scenario in scenarios
    )
    return tuple(scenario for scenario in chosen if scenario.cases)


def check_cases(scenarios: Sequence[Scenario], wanted: Iterable[str]) -> None:
    """Raises UsageError for a name in `Selection.cases` that nothing has: a slip must not leave a test out."""
    known = {name for scenario in scenarios for case in scenario.cases for name in _names(scenario, case)}
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, sorted(known), n=1)
            hint = f"did you mean {near[0]!r}?" if near else "see them all with `testarena list`"
            raise UsageError(f"there is no case {name!r}; {hint}")


def not_passed(result: RunResult) -> frozenset[tuple[str, str]]:
    """Scenario and case of all that a run left failed or in error, under the names that they were written with.

    Failures in quarantine are not among them: they didn't fail the run.

    A failure of a scenario itself (its teardown, say) that none of its cases has is that of them all. A test that a
    step told of stands for the case of that step, and one repetition for all.
    """
    found: set[tuple[str, str]] = set()
    for scenario in result.scenarios:
        bad = [case.part_of or case.name for case in scenario.cases if case.effect.bad]
        if scenario.failure is not None and not bad:
            bad = [case.name for case in scenario.cases if not case.part_of]
        found.update((name, case) for name in (scenario.name, _REPETITION.sub("", scenario.name)) for case in bad)
    return frozenset(found)
