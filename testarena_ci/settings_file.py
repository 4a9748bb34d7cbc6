"""Reads `testarena.yml`; a room of its own, since runs without the file need not pay for the YAML library.

# testarena.yml
scenarios: [tests/scenarios]
jobs: 4
timeout: 20min
set:
  wifi: "off"
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from testarena_ci.settings import Findings, NamedFile, Place, Setting, declared, from_text, nearest, pair
from testarena_ci.yaml_tree import Unreadable, place_of, tree_of
from tpf.errors import Problem
from tpf.result import Source


def read_file(path: Path) -> dict[str, Any]:
    """The settings that a testarena.yml gives, typed. Raises SettingsErrors with file:line for all that is wrong."""
    entries, problems = look_into(path)
    Findings(problems).end()
    return entries


def look_into(path: Path) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The settings that a testarena.yml gives, typed, and all that is wrong with it."""
    try:
        reader = _Reader(path)
        entries = dict(reader.entries(tree_of(path)))
    except FileNotFoundError:
        message = "no such file; leave --config away to run without one"
        return {}, (Problem(source=Source(file=str(path)), message=message),)
    except Unreadable as error:
        return {}, (error.problem(str(path)),)
    return entries, tuple(reader.findings.problems)


class _Reader:
    """Reads the tree of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.findings = Findings()

    def _source(self, node: yaml.Node) -> Source:
        return place_of(str(self._path), node)

    def _tell(self, node: yaml.Node, message: str) -> None:
        self.findings.problems.append(Problem(source=self._source(node), message=message))

    def entries(self, root: yaml.Node | None) -> Iterator[tuple[str, Any]]:
        """The settings by field name."""
        if root is None:
            return
        if not isinstance(root, yaml.MappingNode):
            self._tell(root, "the settings are `name: value` lines")
            return
        seen: dict[str, yaml.Node] = {}
        known = {setting.name: setting for setting in declared()}
        for key, value in root.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if name in seen:
                self._tell(key, f"{name} is set in line {seen[name].start_mark.line + 1} already: keep one of both")
            elif name in known:
                seen[name] = key
                found = self._value(known[name], value, Place(what=name, source=self._source(key)))
                yield from () if found is None else ((known[name].field, found),)
            else:
                self._tell(key, _unknown(name, tuple(known)))

    def _value(self, setting: Setting, node: yaml.Node, place: Place) -> Any:
        """A scalar, a list of scalars, or (for pairs) a mapping; None when it is wrong."""
        if setting.shape == "file":
            name = self._scalar(node, place)
            return None if name is None else self._named(name, node)
        if isinstance(node, yaml.ScalarNode):
            return from_text(setting, str(node.value), place, self.findings)
        if isinstance(node, yaml.SequenceNode) and setting.shape == "files":
            return tuple(self._files(node, place))
        if isinstance(node, yaml.SequenceNode) and setting.shape in ("lines", "words"):
            return tuple(text for item in node.value if (text := self._scalar(item, place)) is not None)
        if isinstance(node, yaml.MappingNode) and setting.shape == "pairs":
            return tuple(self._pairs(node, place))
        self.findings.tell(place, f"needs {_WANTED[setting.shape]}")
        return None

    def _pairs(self, node: yaml.MappingNode, place: Place) -> Iterator[tuple[str, str]]:
        for key, value in node.value:
            here = Place(what=place.what, source=self._source(key))
            name, text = self._scalar(key, here), self._scalar(value, here)
            if name is not None and text is not None:
                found = self.findings.tried(here, partial(pair, f"{name}={text}"))
                yield from () if found is None else (found,)

    def _files(self, node: yaml.SequenceNode, place: Place) -> Iterator[NamedFile]:
        """Each file with the place where it is named, since it is looked at later."""
        for item in node.value:
            name = self._scalar(item, place)
            if name is not None:
                yield self._named(name, item)

    def _named(self, name: str, node: yaml.Node) -> NamedFile:
        return NamedFile(path=self._path.absolute().parent / name, place=str(self._source(node)))

    def _scalar(self, node: yaml.Node, place: Place) -> str | None:
        if isinstance(node, yaml.ScalarNode):
            return str(node.value)
        self.findings.tell(place, "needs plain values")
        return None


_WANTED = {
    "one": "one value",
    "lines": "a list",
    "words": "a list",
    "pairs": "`name: value` lines",
    "file": "one value",
    "files": "a list",
}


def _unknown(name: str, known: tuple[str, ...]) -> str:
    if name == "token":
        return "a token doesn't belong into a file; pass it as the action's input `token`"
    return f"unknown setting {name!r}; {nearest(name, known)}"
