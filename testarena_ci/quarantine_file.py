"""Reads `quarantine.yml`; a room of its own, since runs without the file need not pay for the YAML library.

# quarantine.yml
- case: over the air/rollback after a power cut
  reason: the last sector is lost now and then
  ticket: https://example.org/issues/41
  until: 2026-12-01
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import yaml

from testarena_ci.quarantine import Entry
from testarena_ci.settings import Findings, Place, nearest
from testarena_ci.yaml_tree import Unreadable, place_of, tree_of
from tpf.errors import Problem
from tpf.result import Quarantine, Source
from tpf.scenario.types import LINE, Type

_LONGEST_NAME: Final = 1000
_HOW: Final = "the file is a list of entries, `- case: scenario/case` with reason, ticket and until"


def _day(text: str) -> str:
    try:
        if dt.date.fromisoformat(text).isoformat() == text:  # there are other ways to write it: one is enough
            return text
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not a day: write year, month and day, like 2026-12-01")


def _case(text: str) -> str:
    text = text.strip()
    if not text or len(text) > _LONGEST_NAME or not text.isprintable():
        raise ValueError(
            f"needs a name on one line, `scenario` or `scenario/case`, of at most {_LONGEST_NAME} characters"
        )
    return text


_CASE: Final = Type(name="case", doc="`scenario`, `scenario/case` or `scenario/case / part`", convert=_case)
_DAY: Final = Type(name="day", doc="a day: `2026-12-01`", convert=_day)
_FIELDS: Final[Mapping[str, Type[str]]] = {"case": _CASE, "reason": LINE, "ticket": LINE, "until": _DAY}


def look_into(path: Path, shown: str) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """The right entries of a file, and all that is wrong with it; `shown` is what people call the file."""
    try:
        reader = _Reader(shown)
        entries = tuple(reader.entries(tree_of(path)))
    except FileNotFoundError:
        message = "no such file; make one, or take the setting `quarantine` out"
        return (), (Problem(source=Source(file=shown), message=message),)
    except Unreadable as error:
        return (), (error.problem(shown),)
    return entries, tuple(reader.findings.problems)


class _Reader:
    """Reads the tree of one file."""

    def __init__(self, shown: str) -> None:
        self._shown = shown
        self.findings = Findings()

    def _source(self, node: yaml.Node) -> Source:
        return place_of(self._shown, node)

    def _tell(self, node: yaml.Node, message: str) -> None:
        self.findings.problems.append(Problem(source=self._source(node), message=message))

    def entries(self, root: yaml.Node | None) -> Iterator[Entry]:
        """All entries that are right; of several for the same case the first."""
        if root is None:
            return
        if not isinstance(root, yaml.SequenceNode):
            self._tell(root, _HOW)
            return
        seen: dict[str, Source] = {}
        for node in root.value:
            entry = self._entry(node)
            if entry is not None and entry.case in seen:
                place = Place(what="case", source=entry.source)
                self.findings.tell(place, f"{entry.case!r} stands in line {seen[entry.case].line} already: keep one")
            elif entry is not None:
                seen[entry.case] = entry.source
                yield entry

    def _entry(self, node: yaml.Node) -> Entry | None:
        if not isinstance(node, yaml.MappingNode):
            self._tell(node, _HOW)
            return None
        before = len(self.findings.problems)
        fields: dict[str, tuple[str | None, Source]] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            if name in fields:
                self._tell(key, f"{name} stands twice in this entry: keep one of both")
            elif name in _FIELDS:
                fields[name] = self._value(name, value, self._source(key)), self._source(value)
            else:
                self._tell(key, f"unknown field {name!r}; {nearest(name, tuple(_FIELDS))}")
        missing = [name for name in _FIELDS if name not in fields]
        if missing:
            self._tell(node, f"the entry needs {' and '.join(missing)}, too: each says case, reason, ticket and until")
        if len(self.findings.problems) > before:
            return None
        texts = {name: text or "" for name, (text, _) in fields.items()}
        case = texts.pop("case")
        return Entry(case=case, quarantine=Quarantine(**texts), source=fields["case"][1])

    def _value(self, name: str, node: yaml.Node, source: Source) -> str | None:
        place = Place(what=name, source=source)
        if isinstance(node, yaml.ScalarNode):
            return self.findings.tried(place, lambda: _FIELDS[name].convert(str(node.value)))
        self.findings.tell(place, "needs one plain value")
        return None
