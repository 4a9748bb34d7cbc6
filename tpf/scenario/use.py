"""Opens the file that a <use> names: checks what it gives for the file's params, and that no file uses itself."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tpf.scenario.check import Checker
from tpf.scenario.children import Children, children_of
from tpf.scenario.elements import StepsElement
from tpf.scenario.find import Unreadable
from tpf.scenario.folder import Folder
from tpf.scenario.rules import Rule
from tpf.scenario.types import quote
from tpf.scenario.used import DEEPEST, MOST_ELEMENTS, Params, filled_in, without_editors_words
from tpf.scenario.variables import Names
from tpf.scenario.wording import listed
from tpf.scenario.xml import Document, Malformed, Node

USE: Final = "use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A file that is used, ready to be read: with values in place of its params."""

    written: Any  # the typed <use>
    path: Path
    checker: Checker
    children: Children
    params: frozenset[str]


def open_used(checker: Checker, node: Node, rule: Rule, names: Names, chain: tuple[Path, ...]) -> Used | None:
    """The file of a <use>; None when something is wrong with the use, or with the file as a whole."""
    told = len(checker.problems)
    given = _given(checker, node, rule, names)
    right = len(checker.problems) == told
    checked = checker.check(node._replace(children=()), rule, names)
    for name in () if checked.constant else names.late(dict(node.attributes).get("file", "")):
        checker.tell(node, f"attribute file: the value of ${{{name}}} is known only in the run: too late here", "file")
    if checked.instance is None:
        return None
    written = checked.instance
    path = Path(os.path.realpath(checker.folder.path / written.file))
    problem = _endless(checker, written.file, path, chain)
    if problem:
        checker.tell(node, f"attribute file: {problem}", "file")
        return None
    shown = checker.folder.given / written.file
    folder = Folder(given=shown.parent, path=path.parent, bounds=checker.folder.bounds)
    document = _document(checker, node, path, shown, folder)
    if document is None:
        return None
    inner = checker.inside(document, checker.reading.shown(shown), folder, node)
    root, root_rule = without_editors_words(document.root), checker.grammar.rule(StepsElement)
    inner.check(root._replace(children=()), root_rule, names)
    children = children_of(inner, root, root_rule)
    params = Params(declared=_declared(inner, children), given={name: value for _, name, value in given})
    if not _fits(checker, node, written.file, params, given) or not right:
        return None
    values = params.values
    return Used(
        written=written,
        path=path,
        checker=inner,
        children=[(filled_in(child, values, checker.grammar), rule) for child, rule in children if rule.is_step],
        params=frozenset(params.declared),
    )


def _given(checker: Checker, node: Node, rule: Rule, names: Names) -> list[tuple[Node, str, str]]:
    """What stands in the use: the elements with the names and the values as written."""
    found = []
    for child, child_rule in children_of(checker, node, rule):
        children_of(checker, child, child_rule)
        checker.check(child, child_rule, names)
        written = dict(child.attributes)
        found.append((child, written.get("name", ""), written.get("value", "")))
    return found


def _endless(checker: Checker, file: str, path: Path, chain: tuple[Path, ...]) -> str:
    """What is wrong with one more file inside those that are open; "" when all is well."""
    if path in chain:
        loop = " > ".join(one.name for one in (*chain[chain.index(path) :], path))
        return f"{quote(file)} would use itself without end: {loop}"
    if len(chain) >= DEEPEST:
        return f"{quote(file)} is file {len(chain) + 1} in files that use one another; at most {DEEPEST} are read"
    return ""


def _document(checker: Checker, node: Node, path: Path, shown: Path, folder: Folder) -> Document | None:
    """The tree of the file; None when it is none, which is told at its place in the file."""
    try:
        document = checker.reading.library.document(path)
    except Unreadable as error:
        checker.tell(node, f"attribute file: {quote(dict(node.attributes)['file'])} {error}", "file")
        return None
    except Malformed as error:
        inner = checker.inside(checker.document, checker.reading.shown(shown), folder, node)
        inner.tell_at(error.line, error.column, str(error))
        return None
    if not checker.reading.open(document.root):
        message = f"with this file there are more than {MOST_ELEMENTS} elements, the most that is read for one scenario"
        checker.tell(node, f"attribute file: {message}", "file")
        return None
    return document


def _declared(inner: Checker, children: Children) -> dict[str, str | None]:
    """The params of the file, with their defaults as written."""
    found = {}
    nothing = Names({})
    for node, rule in children:
        if node.tag == "param":
            children_of(inner, node, rule)
            checked = inner.check(node._replace(attributes=_but(node, "default")), rule, nothing)
            if checked.instance is not None:
                found[checked.instance.name] = dict(node.attributes).get("default")
    return found


def _but(node: Node, name: str) -> tuple[tuple[str, str], ...]:
    """The attributes without one of them."""
    return tuple(pair for pair in node.attributes if pair[0] != name)


def _fits(checker: Checker, node: Node, file: str, params: Params, given: list[tuple[Node, str, str]]) -> bool:
    """Whether the use gives what the file needs, and nothing else."""
    fits = True
    for child, name, _ in given:
        problem = params.unknown(name, file) if name else ""
        if problem:
            checker.tell(child, problem, "name")
            fits = False
    missing = params.missing()
    if missing:
        needed = listed(missing, '<param name="{}" value="..."/>')
        checker.tell(node, f"<use> needs {needed}: {file} has no default for {'it' if len(missing) == 1 else 'them'}")
    return fits and not missing
