"""`${name}` in texts and attributes: which names a text uses, and the text with their values filled in.

``$${name}`` stands for ``${name}`` itself.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final

BUILT_IN: Final[Mapping[str, str]] = {
    "target": "the scenario's target",
    "scenario.name": "the scenario's name",
    "scenario.dir": "the folder of the scenario's file",
    "report.dir": "the folder that the run's report is written to",
    "artifacts": "a folder of the case's own: files that are put there go into the report",
}

_REFERENCE = re.compile(r"\$(\$\{)|\$\{([^{}]*)\}")


class UnknownName(ValueError):
    """A text uses a name that nothing defines; the message names the nearest known one."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(_unknown_name(name, known))
        self.name = name


def names_in(text: str) -> tuple[str, ...]:
    """The names that a text refers to, in order."""
    if "${" not in text:
        return ()
    return tuple(match[2] for match in _REFERENCE.finditer(text) if match[1] is None)


def is_constant(text: str) -> bool:
    """True when the text is the same in every run."""
    return "${" not in text or not names_in(text)


def fill(text: str, values: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    """The text with each `${name}` replaced by its value, escaped. Raises UnknownName, with the nearest known one."""
    if "${" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        if match[1] is not None:
            return "${"
        if match[2] not in values:
            raise UnknownName(match[2], values)
        return escape(values[match[2]])

    return _REFERENCE.sub(replace, text)


def put_in(text: str, values: Mapping[str, str], escape: Callable[[str], str] = str) -> str:
    """The text with some names replaced by other text, in which all but names is escaped; all else stays as it is."""
    if "${" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        value = values.get(match[2]) if match[1] is None else None
        return match[0] if value is None else _between_names(value, escape)

    return _REFERENCE.sub(replace, text)


def _between_names(text: str, change: Callable[[str], str]) -> str:
    """The text with all changed that is no `${name}`."""
    end = 0
    pieces = []
    for match in _REFERENCE.finditer(text):
        pieces += [change(text[end : match.start()]), match[0]]
        end = match.end()
    return "".join((*pieces, change(text[end:])))


def unclosed(text: str) -> bool:
    """True when a `${` has no `}`."""
    return "${" in text and "${" in _REFERENCE.sub("", text)


class Names:
    """The names that are known at one point of a scenario, while it is read in the order in which it will run."""

    def __init__(self, values: Mapping[str, str | None]) -> None:
        self._values = dict(values)  # None: the value is known only when the scenario runs
        self.fixed = frozenset(values)  # what nothing may save under
        self._unsure: frozenset[str] = frozenset()

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def copy(self) -> Names:
        """The same names, for a stretch of the scenario whose own names nobody else sees."""
        names = Names(self._values)
        names.fixed = self.fixed
        names._unsure = self._unsure
        return names

    def define(self, name: str, value: str | None = None) -> None:
        """A name that is known from here on and never changes."""
        self._values[name] = value
        self.fixed |= {name}

    def define_unsure(self, names: Collection[str]) -> None:
        """Names that have values, which are not known because of a problem that has been told already."""
        for name in names:
            self.define(name)
        self._unsure |= frozenset(names)

    def save(self, name: str) -> None:
        """A name that a step saves under."""
        self._values[name] = None

    def save_all(self, created: tuple[tuple[str, str], ...]) -> bool:
        """Save under all of these names (each with the attribute that says so); False when one is taken."""
        for name, _ in created:
            if name in self.fixed:
                return False
            self._values[name] = None
        return True

    def all_late(self, names: tuple[str, ...]) -> bool:
        """Whether all of these are known, and none has a value before the run."""
        return not names or all(self._values.get(name, "") is None for name in names)

    def late(self, text: str) -> tuple[str, ...]:
        """The names in a text whose value is known only in the run."""
        known_later = (name for name in names_in(text) if self._values.get(name, "") is None)
        return tuple(name for name in known_later if name not in self._unsure)

    def resolve(self, text: str, escape: Callable[[str], str] = str) -> str | None:
        """The text with its names filled in, escaped; None when some are known only in the run. Raises UnknownName."""
        used = names_in(text)
        for name in used:
            if name not in self._values:
                raise UnknownName(name, self._values)
        values = {name: value for name in used if (value := self._values[name]) is not None}
        return fill(text, values, escape) if len(values) == len(set(used)) else None


def _unknown_name(name: str, known: Iterable[str]) -> str:
    choices = sorted(known)
    near = difflib.get_close_matches(name[:80], choices, n=1)
    hint = f"did you mean ${{{near[0]}}}? " if near else ""
    return f"unknown name ${{{name[:80]}}}; {hint}known here: {', '.join(choices) or 'none'}"
