"""From step elements to steps, in order: names become known as steps save them, and times must fit into each other."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from tpf.result import Source
from tpf.scenario import wording
from tpf.scenario.check import Checker
from tpf.scenario.children import Children, children_of
from tpf.scenario.declare import STEPS
from tpf.scenario.model import Step
from tpf.scenario.plain import known_plainly
from tpf.scenario.rules import Checked, Rule
from tpf.scenario.types import DURATION
from tpf.scenario.use import USE, open_used
from tpf.scenario.variables import Names
from tpf.scenario.wording import shown_seconds
from tpf.scenario.xml import Node


class Limit(NamedTuple):
    """The time that steps have at most, and whose limit that is."""

    seconds: float
    whose: str
    unless: str = ""

    @property
    def told(self) -> str:
        return f"{self.whose}, {shown_seconds(self.seconds)}{self.unless}"


class Surroundings(Struct, frozen=True, kw_only=True):
    """What steps are read in: whose limit holds, which files are open, and what names their params have."""

    limit: Limit
    devices: tuple[str, ...] = ()  # names of the scenario's; none when its only one has no name
    on: str = ""  # the device of steps that name none
    chain: tuple[Path, ...] = ()  # files that use one another, the innermost last
    params: frozenset[str] = frozenset()  # of the innermost: nothing may be saved under them


def read_steps(checker: Checker, children: Children, names: Names, around: Surroundings) -> tuple[Step, ...]:
    """The steps among some children; `names` gets what they save."""
    steps = []
    longest = -1.0 if around.devices else around.limit.seconds  # with several, a step may say which: the long way
    for node, rule in children:
        known = None
        if rule.is_plain and not node.children:
            known = rule.memo.get((node.attributes, node.text)) or known_plainly(node, rule)
        if known is not None and known.longest <= longest and (known.is_free or _fits(known, names, around)):
            steps.append(_made(checker, node, rule, around, known))
        elif rule.is_step:
            steps.append(_step(checker, node, rule, names, around))
    return tuple(steps)


def _fits(known: Checked, names: Names, around: Surroundings) -> bool:
    """Whether a step that is right by itself is so where it stands, with its names. Saves what it saves."""
    if not names.all_late(known.uses) or (known.creates and around.params):
        return False
    return names.save_all(known.creates)


def check_limit(checker: Checker, node: Node, attribute: str, seconds: float, limit: Limit) -> None:
    """Tell when a time could never be used up."""
    if seconds > limit.seconds:
        message = f"attribute {attribute}: {shown_seconds(seconds)} is longer than {limit.told}"
        checker.tell(node, message, attribute)


def _step(checker: Checker, node: Node, rule: Rule, names: Names, around: Surroundings) -> Step:
    """A step, or an element inside a step that only its step knows."""
    if rule.is_step:
        node, around = _on_device(checker, node, rule, names, around)
    if rule.is_step and rule.tag == USE:
        return _use(checker, node, rule, names, around)
    children: tuple[Step, ...] = ()
    if node.children or rule.needs:
        found = children_of(checker, node, rule)
        inside = _inside(node, rule, names, around)
        children = tuple(_step(checker, child, child_rule, names, inside) for child, child_rule in found)
    checked = checker.check(node, rule, names, children)
    for attribute, seconds in checked.limits:
        if seconds > around.limit.seconds:
            check_limit(checker, node, attribute, seconds, around.limit)
    _save(checker, node, checked, names, around)
    return _made(checker, node, rule, around, checked, children)


def _use(checker: Checker, node: Node, rule: Rule, names: Names, around: Surroundings) -> Step:
    """A <use> with the steps of its file, each of which keeps its own place."""
    used = open_used(checker, node, rule, names, around.chain)
    if used is None:
        return _made(checker, node, rule, around, Checked())
    within = replace(around, chain=(*around.chain, used.path), params=used.params)
    steps = read_steps(used.checker, used.children, names, within)
    known = Checked(instance=dataclasses.replace(used.written, children=steps), attributes=node.attributes)
    return _made(checker, node, rule, around, known, steps)


def _made(
    checker: Checker, node: Node, rule: Rule, around: Surroundings, known: Checked, children: tuple[Step, ...] = ()
) -> Step:
    return Step(
        kind=node.tag,
        source=Source(file=checker.file, line=node.line, column=node.column),
        text=known.text,
        attributes=known.attributes,
        children=children,
        bound=known.instance,
        device=around.on or (around.devices[0] if around.devices else ""),
        declared=rule.declared,
        folder=checker.folder.given if around.chain else None,
    )


def _inside(node: Node, rule: Rule, names: Names, around: Surroundings) -> Surroundings:
    """What the steps in a step are read in: what it saves is there when they run, and its time is theirs."""
    for name, value in node.attributes if STEPS in rule.element.children else ():
        attribute = rule.attributes.get(name)
        if attribute is not None and attribute.creates_names and value not in names.fixed:
            names.save(value)
        if attribute in rule.limits:
            around = _with_limit(around, value, f"the {name} of <{rule.tag}>")
    return around


def _with_limit(around: Surroundings, written: str, whose: str) -> Surroundings:
    try:
        seconds = DURATION.convert(written)
    except ValueError:  # told elsewhere, or known only in the run
        return around
    if seconds >= around.limit.seconds:
        return around
    return replace(around, limit=Limit(seconds, whose))


def _save(checker: Checker, node: Node, checked: Checked, names: Names, around: Surroundings) -> None:
    for name, attribute in checked.creates:
        if name in names.fixed or name in around.params:
            message = f"attribute {attribute}: ${{{name}}} has a meaning already: choose another name"
            checker.tell(node, message, attribute)
        else:
            names.save(name)


def _talks(node: Node, rule: Rule) -> bool:
    """Whether the step talks to a device itself."""
    return rule.element.device == "one" or any(name == rule.element.device_with for name, _ in node.attributes)


def _on_device(
    checker: Checker, node: Node, rule: Rule, names: Names, around: Surroundings
) -> tuple[Node, Surroundings]:
    """The step without its `on`, and what its inside is read in: with the device that it names."""
    written = dict(node.attributes).get("on")
    if written is None:
        if len(around.devices) > 1 and not around.on and _talks(node, rule):
            checker.tell(node, wording.missing_on(rule, around.devices))
        return node, around
    rest = node._replace(attributes=tuple(pair for pair in node.attributes if pair[0] != "on"))
    problem = ""
    try:
        device = names.resolve(written)
    except ValueError as error:
        device, problem = None, str(error)
    if rule.element.device == "none":
        problem = f"<{rule.tag}> talks to no device: remove it"
    elif device is None:
        problem = problem or "its value is known only in the run: too late here"
    elif device not in around.devices:
        problem = wording.unknown_device(device, around.devices)
    if problem:
        checker.tell(node, f"attribute on: {problem}", "on")
        device = around.devices[0] if around.devices else ""
    return rest, replace(around, on=device or "")
