"""Checks one element at a time against its rule (attributes, text, children), and makes values of what is constant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tpf.errors import Problem
from tpf.result import Source
from tpf.scenario import wording
from tpf.scenario.declare import Attribute
from tpf.scenario.folder import Folder
from tpf.scenario.places import attribute_place, text_place
from tpf.scenario.rules import Checked, Grammar, Rule
from tpf.scenario.types import FILE, PATH
from tpf.scenario.variables import Names, unclosed
from tpf.scenario.xml import Document, Node

Children = list[tuple[Node, Rule]]

MOST_PROBLEMS = 100  # of one file: whoever has more wants to mend these first
LONGEST_ATTRIBUTE = 16_384
LONGEST_TEXT = 65_536


class TooManyProblems(Exception):
    """Enough is told of this file."""


class Checker:
    """Checks the elements of one file and collects what is wrong with them."""

    def __init__(self, grammar: Grammar, document: Document, file: str, folder: Folder) -> None:
        self.grammar = grammar
        self.document = document
        self.file = file
        self.folder = folder
        self.problems: list[Problem] = []

    def source(self, node: Node) -> Source:
        return Source(file=self.file, line=node.line, column=node.column)

    def tell(self, node: Node, message: str, attribute: str | None = None) -> None:
        """A problem of an element, of one of its attributes, or of its text (attribute "")."""
        if len(self.problems) >= MOST_PROBLEMS:
            raise TooManyProblems
        line, column = node.line, node.column
        if attribute:
            line, column = attribute_place(self.document, node, attribute)
        elif attribute == "":
            line, column = text_place(self.document, node)
        self.problems.append(Problem(source=Source(file=self.file, line=line, column=column), message=message))

    def check(self, node: Node, rule: Rule, names: Names, children: tuple[Any, ...] = ()) -> Checked:
        """What is known of an element's attributes and text; tells what is wrong with them."""
        if rule.memo is None or node.children:
            return self._check(node, rule, names, children)
        key = (node.attributes, node.text)
        known = rule.memo.get(key)
        if known is None:
            known = self._check(node, rule, names, children)
            if known.instance is not None and not _uses_names(node):
                rule.memo[key] = known
        return known

    def _check(self, node: Node, rule: Rule, names: Names, children: tuple[Any, ...]) -> Checked:
        told = len(self.problems)
        values, constant = self._values(node, rule, names)
        limits = tuple((limit.name, values[limit.field]) for limit in rule.limits if limit.field in values)
        longest = max((seconds for _, seconds in limits), default=0.0)
        checked = Checked(constant=constant, creates=tuple(_created(rule, values)), limits=limits, longest=longest)
        if len(self.problems) > told or not constant:
            return checked
        extra = {"children": children} if rule.takes_children else {}
        instance = rule.declared(**values, **extra)
        if rule.has_hook:
            self._hook(node, instance)
        if len(self.problems) > told:
            return checked
        return replace(checked, instance=instance)

    def _values(self, node: Node, rule: Rule, names: Names) -> tuple[dict[str, Any], bool]:
        """The values of attributes and text by field, where they are constant; and whether all are."""
        values: dict[str, Any] = {}
        constant = True
        for attribute, written in self._written(node, rule):
            try:
                resolved = _resolve(attribute, written, names)
                if resolved is None:
                    constant = False
                    continue
                values[attribute.field] = attribute.type.convert(resolved)
                if attribute.type in (PATH, FILE):
                    self.folder.check(resolved, must_exist=attribute.type is FILE)
            except ValueError as error:
                place = f"attribute {attribute.name}: " if attribute.name else f"<{rule.tag}>: "
                self.tell(node, f"{place}{error}", attribute.name)
        return values, constant

    def _written(self, node: Node, rule: Rule) -> Iterator[tuple[Attribute, str]]:
        """The attributes and the text as written, without those that don't belong here."""
        present = set()
        for name, value in node.attributes:
            present.add(name)
            attribute = rule.attributes.get(name)
            if attribute is None:
                self.tell(node, wording.unknown_attribute(name, rule), name)
            else:
                yield attribute, value
        for name in rule.required:
            if name not in present:
                self.tell(node, wording.missing_attribute(name, rule))
        text = text_of(node, rule)
        if rule.content is None:
            if node.text and not node.text.isspace():
                self.tell(node, f"<{rule.tag}> holds no text: {node.text.strip()[:40]!r}", "")
        elif text:
            yield rule.content, text
        elif rule.content.required:
            self.tell(node, f"<{rule.tag}> needs text: {rule.content.doc}")

    def _hook(self, node: Node, instance: Any) -> None:
        """The class's own check of what its attributes mean together."""
        for finding in instance.check():
            if isinstance(finding, str):
                self.tell(node, finding)
            else:
                attribute, message = finding
                self.tell(node, message, attribute)

    def children(self, node: Node, rule: Rule) -> Children:
        """The children that may stand here, each with its rule; tells of those that may not, and of those that lack."""
        found = []
        known = rule.child_rules
        for child in node.children:
            child_rule = known.get(child.tag) or self.grammar.child_rule(rule, child.tag)
            if child_rule is None:
                self.tell(child, wording.unknown_element(child.tag, rule, self.grammar))
            else:
                found.append((child, child_rule))
        if rule.element.once:
            self._once(found, rule)
        if any(child_rule.element.unique for child_rule in known.values()):
            self._unique(found)
        if rule.needs and len(found) == len(node.children) and not any(child.tag in rule.needs for child, _ in found):
            self.tell(node, wording.missing_child(rule, self.grammar))
        return found

    def _once(self, found: Children, parent: Rule) -> None:
        first: dict[str, Node] = {}
        for child, _ in found:
            if child.tag in parent.element.once and first.setdefault(child.tag, child) is not child:
                line = first[child.tag].line
                message = f"<{child.tag}> stands twice in <{parent.tag}>; the first is in line {line}: remove one"
                self.tell(child, message)

    def _unique(self, found: Children) -> None:
        first: dict[tuple[str, str], Node] = {}
        for child, rule in found:
            name = rule.element.unique
            value = dict(child.attributes).get(name, "").strip() if name else ""
            if value and first.setdefault((child.tag, value), child) is not child:
                line = first[child.tag, value].line
                message = f"attribute {name}: {value[:80]!r} is the {name} of the <{child.tag}> in line {line} already"
                self.tell(child, message, name)


def text_of(node: Node, rule: Rule) -> str:
    """An element's text as its class gets it: blanks between child elements are none."""
    if rule.content is None or (node.children and node.text.isspace()):
        return ""
    return node.text


def _uses_names(node: Node) -> bool:
    return "${" in node.text or any("${" in value for _, value in node.attributes)


def _resolve(attribute: Attribute, written: str, names: Names) -> str | None:
    """The value with its names filled in; None when some are known only in the run. Raises ValueError."""
    longest = LONGEST_ATTRIBUTE if attribute.name else LONGEST_TEXT
    if len(written) > longest:
        raise ValueError(f"it has {len(written)} characters; at most {longest} are allowed")
    if "${" not in written:
        return written
    if attribute.creates_names:
        raise ValueError(f"{written[:80]!r} can't hold ${{...}}: it makes names itself")
    if unclosed(written):
        raise ValueError("'${' has no '}' behind it; the characters themselves are written $${")
    resolved = names.resolve(written)
    return written if attribute.type.keeps_names else resolved


def _created(rule: Rule, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The names that the element makes, each with the attribute that says so."""
    for attribute in rule.attributes.values():
        if attribute.creates_names and attribute.field in values:
            value = values[attribute.field]
            yield from ((name, attribute.name) for name in ((value,) if isinstance(value, str) else value))
