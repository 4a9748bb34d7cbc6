"""What was looked for, and what became of it: checks in sections, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What became of a check."""

    OK = "ok"
    MISSING = "missing"  # a run needs it
    OPTIONAL = "optional"  # not there, but a run can do without
    LOW = "low"  # little of it is left
    NOTE = "note"  # something to know


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked for."""

    name: str
    state: State
    detail: str  # its version and place, or what is wrong
    ways: tuple[str, ...] = ()  # how to get it, one each


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What is needed for one purpose."""

    name: str  # for programs: `build`
    title: str  # for people: `to build it`
    checks: tuple[Check, ...]
    verb: str = ""  # what can't be done without what is missing: `be built`

    @property
    def missing(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.state is State.MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """All that was looked at for one target."""

    target: str
    sections: tuple[Section, ...]

    @property
    def able(self) -> bool:
        return not any(section.missing for section in self.sections)

    def missing(self) -> Iterator[tuple[Section, tuple[Check, ...]]]:
        """The sections in which something is missing, with that."""
        return ((section, section.missing) for section in self.sections if section.missing)


def there(name: str, detail: str) -> Check:
    return Check(name=name, state=State.OK, detail=detail)


def lacking(name: str, detail: str, *ways: str, needed: bool = True) -> Check:
    """Something that isn't there, or doesn't work."""
    state = State.MISSING if needed else State.OPTIONAL
    return Check(name=name, state=state, detail=detail, ways=tuple(way for way in ways if way))
