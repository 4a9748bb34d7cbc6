"""Files of steps that scenarios share: read once, bounded, and filled in with what a <use> gives for their params.

    <use file="shared/login.xml"><param name="user" value="admin"/></use>

Params are filled in as they are written, before anything else is looked at: a step of the file that says `${user}` is
read as if it said `admin`. So a value can be a name itself, `${saved}`, whose value only the run knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tpf.errors import Problem
from tpf.result import Source
from tpf.scenario import wording
from tpf.scenario.find import Unreadable, read, shown
from tpf.scenario.rules import Grammar
from tpf.scenario.types import quote
from tpf.scenario.variables import put_in
from tpf.scenario.xml import Document, Malformed, Node, parse

ROOT: Final = "steps"
DEEPEST: Final = 8  # files that use one another
MOST_ELEMENTS: Final = 50_000  # that are read for one file: over all combinations of its params, with all that it uses
_COST_OF_A_FILE: Final = 50  # in elements
# What editors write to find the schema. It means nothing to us, and is allowed nowhere but in the root.
_FOR_EDITORS: Final = frozenset({"xmlns:xsi", "xsi:noNamespaceSchemaLocation"})
_USED_IN: Final = " (used in "


class Library:
    """The files of steps that are used in one load, each read once."""

    def __init__(self) -> None:
        self._known: dict[Path, Document | Unreadable | Malformed] = {}

    def document(self, path: Path) -> Document:
        """A file's tree. Raises Unreadable or Malformed."""
        if path not in self._known:
            try:
                self._known[path] = parse(read(path)[0], ROOT)
            except (Unreadable, Malformed) as error:
                self._known[path] = error
        found = self._known[path]
        if isinstance(found, Document):
            return found
        raise found


@dataclass(slots=True, kw_only=True)
class Reading:
    """What the reading of one scenario file shares: the files that it uses, and how many elements it may still read."""

    library: Library
    cwd: Path  # places are told relative to this folder where they can be
    left: int = MOST_ELEMENTS

    def spend(self, elements: int) -> bool:
        """Whether so many elements more can be read."""
        self.left -= elements
        return self.left >= 0

    def open(self, root: Node) -> bool:
        """Whether one more file can be read. To begin with one is work, too."""
        return self.spend(count(root) + _COST_OF_A_FILE)

    def shown(self, path: Path) -> str:
        return shown(path, self.cwd)


def without_editors_words(root: Node) -> Node:
    """The root of a file as it counts."""
    return root._replace(attributes=tuple(pair for pair in root.attributes if pair[0] not in _FOR_EDITORS))


def count(node: Node) -> int:
    """How many elements there are."""
    return 1 + sum(map(count, node.children))


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """What a file of steps declares, and what a use of it gives."""

    declared: Mapping[str, str | None]  # by name: the default as written; None when there is none
    given: Mapping[str, str] = field(default_factory=dict)  # by name: the value as written

    @property
    def values(self) -> dict[str, str]:
        """By name; a default can hold the names of params that are declared before it."""
        known: dict[str, str] = {}
        for name, default in self.declared.items():
            if name in self.given:
                known[name] = self.given[name]
            elif default is not None:
                known[name] = put_in(default, known)
        return known

    def missing(self) -> tuple[str, ...]:
        return tuple(name for name, default in self.declared.items() if default is None and name not in self.given)

    def unknown(self, name: str, file: str) -> str:
        """The message about a param that the file doesn't declare; "" when it does."""
        if name in self.declared:
            return ""
        return f"attribute name: unknown param {quote(name)}{wording.or_list(name, self.declared, f'{file} has:')}"


def filled_in(node: Node, values: Mapping[str, str], grammar: Grammar) -> Node:
    """An element of a used file with the values of its params put in; not into attributes that make names."""
    if not values:
        return node
    written = dict(node.attributes)

    def put(name: str, text: str) -> str:
        if name and (node.tag, name) in grammar.makers:
            return text
        escape = grammar.escapes.get((node.tag, name))
        return put_in(text, values, str if escape is None else lambda value: escape(value, written))

    return node._replace(
        attributes=tuple((name, put(name, text)) for name, text in node.attributes),
        text=put("", node.text),
        children=tuple(filled_in(child, values, grammar) for child in node.children),
    )


def place_of_use(use: Source, outer: str) -> str:
    """What messages about a used file end with; `outer` is what those about the file that uses it end with."""
    return f"{_USED_IN}{use}{', ' + outer.removeprefix(_USED_IN) if outer else ')'}"


def each_once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """A problem of a file that is used in many places is told for the first of them alone."""
    found: dict[tuple[Source, str], Problem] = {}
    for problem in problems:
        found.setdefault((problem.source, problem.message.partition(_USED_IN)[0]), problem)
    return tuple(found.values())
