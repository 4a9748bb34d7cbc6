"""From step elements to steps, in order: names become known as steps save them, and times must fit into each other."""

from __future__ import annotations

from typing import NamedTuple

from tpf.result import Source
from tpf.scenario.check import Checker, text_of
from tpf.scenario.children import Children, children_of
from tpf.scenario.model import Step
from tpf.scenario.quick import quick_step
from tpf.scenario.rules import Checked, Rule
from tpf.scenario.variables import Names
from tpf.scenario.wording import shown_seconds
from tpf.scenario.xml import Node


class Limit(NamedTuple):
    """The time that steps have at most, and whose limit that is."""

    seconds: float
    told: str


def read_steps(checker: Checker, children: Children, names: Names, limit: Limit) -> tuple[Step, ...]:
    """The steps among some children; `names` gets what they save."""
    steps = []
    for node, rule in children:
        known = rule.memo.get((node.attributes, node.text)) if rule.memo is not None and not node.children else None
        if known is not None and rule.is_step and _is_right(known, names, limit):
            steps.append(quick_step(checker.file, node, rule, known.instance))
        elif rule.is_step:
            steps.append(_step(checker, node, rule, names, limit))
    return tuple(steps)


def _is_right(known: Checked, names: Names, limit: Limit) -> bool:
    """Whether a step like one that was right before is right here, too: most are."""
    if known.uses and not names.all_late(known.uses):
        return False
    return known.longest <= limit.seconds and (not known.creates or names.save_all(known.creates))


def check_limit(checker: Checker, node: Node, attribute: str, seconds: float, limit: Limit) -> None:
    """Tell when a time could never be used up."""
    if seconds > limit.seconds:
        message = f"attribute {attribute}: {shown_seconds(seconds)} is longer than {limit.told}"
        checker.tell(node, message, attribute)


def _step(checker: Checker, node: Node, rule: Rule, names: Names, limit: Limit) -> Step:
    """A step, or an element inside a step that only its step knows."""
    children: tuple[Step, ...] = ()
    if node.children or rule.needs:
        found = children_of(checker, node, rule)
        children = tuple(_step(checker, child, child_rule, names, limit) for child, child_rule in found)
    checked = checker.check(node, rule, names, children)
    for attribute, seconds in checked.limits:
        if seconds > limit.seconds:
            check_limit(checker, node, attribute, seconds, limit)
    for name, attribute in checked.creates:
        if name in names.fixed:
            checker.tell(
                node, f"attribute {attribute}: ${{{name}}} has a meaning already: choose another name", attribute
            )
        else:
            names.save(name)
    return Step(
        kind=node.tag,
        source=Source(file=checker.file, line=node.line, column=node.column),
        text=text_of(node, rule),
        attributes=node.attributes,
        children=children,
        bound=checked.instance,
        declared=rule.declared,
    )
