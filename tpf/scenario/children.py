"""Checks what an element holds: which elements may stand in it, once or often, and what it can't do without."""

from __future__ import annotations

from tpf.scenario import wording
from tpf.scenario.check import Checker
from tpf.scenario.rules import Rule
from tpf.scenario.types import quote
from tpf.scenario.xml import Node

Children = list[tuple[Node, Rule]]


def children_of(checker: Checker, node: Node, rule: Rule) -> Children:
    """The children that may stand here, each with its rule; tells of those that may not, and of those that lack."""
    known = rule.child_rules
    try:
        found = [(child, known[child.tag]) for child in node.children]
    except KeyError:  # one that comes for the first time, or that may not stand here
        found = _found(checker, node, rule)
    if rule.element.once:
        _once(checker, found, rule)
    if rule.unique:
        _unique(checker, found)
    if rule.needs and len(found) == len(node.children) and not any(child.tag in rule.needs for child, _ in found):
        checker.tell(node, wording.missing_child(rule))
    return found


def _found(checker: Checker, node: Node, rule: Rule) -> Children:
    found = []
    for child in node.children:
        child_rule = checker.grammar.child_rule(rule, child.tag)
        if child_rule is None:
            checker.tell(child, wording.unknown_element(child.tag, rule, checker.grammar))
        else:
            found.append((child, child_rule))
    return found


def _once(checker: Checker, found: Children, parent: Rule) -> None:
    first: dict[str, Node] = {}
    for child, _ in found:
        if child.tag in parent.element.once and first.setdefault(child.tag, child) is not child:
            line = first[child.tag].line
            message = f"<{child.tag}> stands twice in <{parent.tag}>; the first is in line {line}: remove one"
            checker.tell(child, message)


def _unique(checker: Checker, found: Children) -> None:
    first: dict[tuple[str, str], Node] = {}
    for child, rule in found:
        name = rule.element.unique
        value = dict(child.attributes).get(name, "").strip() if name else ""
        if value and first.setdefault((child.tag, value), child) is not child:
            line = first[child.tag, value].line
            message = f"attribute {name}: {quote(value)} is the {name} of the <{child.tag}> in line {line} already"
            checker.tell(child, message, name)
