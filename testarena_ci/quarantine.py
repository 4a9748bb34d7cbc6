"""Which cases are in quarantine: their failures are shown, and don't fail the run. Pure: the day is passed in."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from tpf.errors import Problem
from tpf.result import Quarantine, Source
from tpf.scenario.model import Case, Scenario

_PART: Final = " / "  # between a case and a test that one of its steps tells of


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the file."""

    case: str  # `scenario`, `scenario/case` or `scenario/case / part`
    quarantine: Quarantine
    source: Source  # of the name


def problems(
    entries: Iterable[Entry], scenarios: Sequence[Scenario], today: dt.date, *, all_known: bool
) -> Iterator[Problem]:
    """What is wrong with the entries on a day; unless all scenarios are known, a strange scenario may be elsewhere."""
    known = _known(scenarios)
    names = frozenset(scenario.name for scenario in scenarios)
    for entry in entries:
        if entry.quarantine.until < today.isoformat():
            yield Problem(source=entry.source, message=_expired(entry, today))
        if _target(entry.case, known) is None and (all_known or _is_of(entry.case, names)):
            yield Problem(source=entry.source, message=_strange(entry.case, known))


def _expired(entry: Entry, today: dt.date) -> str:
    return (
        f"the quarantine of {entry.case!r} ended on {entry.quarantine.until} ({entry.quarantine.ticket}), "
        f"and today is {today.isoformat()}: mend the case and remove the entry, or give it a later day"
    )


def _strange(case: str, known: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(case[:200], known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "see them all with `testarena list`, or remove the entry"
    return f"there is no case {case!r}; {hint}"


def _is_of(case: str, scenarios: frozenset[str]) -> bool:
    return any(case.startswith(f"{scenario}/") for scenario in scenarios)


def _known(scenarios: Iterable[Scenario]) -> Mapping[str, str]:
    """All names that are not those of parts; each stands for itself."""
    names = (name for scenario in scenarios for name in (scenario.name, *_cases(scenario)))
    return {name: name for name in names}


def _cases(scenario: Scenario) -> Iterator[str]:
    return (_name(scenario, case) for case in scenario.cases)


def _name(scenario: Scenario, case: Case) -> str:
    return f"{scenario.name}/{case.name}"


def _target(name: str, known: Mapping[str, str]) -> tuple[str, str] | None:
    """The scenario or case that a name is about, and the part of it, if it is about one."""
    if name in known:
        return name, ""
    at = name.find(_PART)
    while at >= 0:
        if name[:at] in known and "/" in name[:at]:
            return name[:at], name[at + len(_PART) :]
        at = name.find(_PART, at + 1)
    return None


def in_quarantine(scenarios: Sequence[Scenario], entries: Iterable[Entry]) -> tuple[Scenario, ...]:
    """The scenarios with what the entries say on their cases; the nearest one counts: the case's, the scenario's."""
    known = _known(scenarios)
    whole: dict[str, Quarantine] = {}
    parts: dict[str, list[tuple[str, Quarantine]]] = {}
    for entry in entries:
        found = _target(entry.case, known)
        if found is not None and found[1]:
            parts.setdefault(found[0], []).append((found[1], entry.quarantine))
        elif found is not None:
            whole[found[0]] = entry.quarantine
    return tuple(_marked(scenario, whole, parts) for scenario in scenarios) if whole or parts else tuple(scenarios)


def _marked(
    scenario: Scenario, whole: Mapping[str, Quarantine], parts: Mapping[str, list[tuple[str, Quarantine]]]
) -> Scenario:
    cases = tuple(
        replace(
            case,
            quarantine=whole.get(_name(scenario, case), whole.get(scenario.name)),
            quarantined_parts=tuple(parts.get(_name(scenario, case), ())),
        )
        for case in scenario.cases
    )
    return replace(scenario, cases=cases)
