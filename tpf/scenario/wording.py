"""What the reader says about an element or attribute that is not right; pure texts."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from tpf.scenario.declare import STEPS
from tpf.scenario.rules import Grammar, Rule
from tpf.scenario.types import NAME, quote

_QUOTED = "'{}'"


def nearest(name: str, choices: Iterable[str]) -> str:
    """The choice that was probably meant; "" when none is near."""
    by_case = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(name[:80].lower().replace("_", "-"), by_case, n=1)
    return by_case[near[0]] if near else ""


def or_list(name: str, choices: Iterable[str], who: str, shape: str = "{}") -> str:
    """``; did you mean <send>? case holds: ...``: the nearest choice, then all of them."""
    known = list(choices)
    near = nearest(name, known)
    hint = f"; did you mean {shape.format(near)}?" if near else ";"
    return f"{hint} {who} {listed(known) or 'nothing'}"


def listed(names: Iterable[str], shape: str = "{}", last: str = ", ") -> str:
    """Names in one line."""
    shown = [shape.format(name) for name in names]
    return last.join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def from_outside(name: str) -> str:
    """``; --set wifi=VALUE gives it a value``; "" for what can't be a name."""
    try:
        return f"; --set {NAME.convert(name)}=VALUE gives it a value"
    except ValueError:
        return ""


def unknown_element(tag: str, parent: Rule, grammar: Grammar) -> str:
    """An element that its parent may not hold."""
    shown = tag[:80]
    if not parent.children:
        return f"<{shown}> can't stand in <{parent.tag}>, which holds no elements"
    elsewhere = grammar.parents(tag)
    if elsewhere:
        return f"<{shown}> can't stand in <{parent.tag}>; it stands in {listed(elsewhere, '<{}>', ' or ')}"
    word = "step" if any(name in grammar.vocabulary.steps for name in parent.children) else "element"
    return f"unknown {word} <{shown}>{or_list(tag, parent.children, f'<{parent.tag}> holds:', '<{}>')}"


def unknown_attribute(name: str, rule: Rule) -> str:
    """An attribute that its element doesn't have."""
    if name == "xmlns" or ":" in name:
        return f"attribute {name[:80]}: a scenario has no namespaces: remove it"
    if not rule.attributes:
        return f"unknown attribute {name[:80]}; <{rule.tag}> has no attributes"
    return f"unknown attribute {name[:80]}{or_list(name, rule.attributes, f'<{rule.tag}> has:')}"


def foreign(what: str, name: str, kind: str, kinds: Iterable[str]) -> str:
    """An attribute or child of <machine> that only other kinds have."""
    others = listed(kinds)
    return f"{what} {name}: a machine of kind {kind} has none" + (f"; kinds that have it: {others}" if others else "")


def unknown_choice(what: str, name: str, choices: Iterable[str]) -> str:
    """A value that is none of the known ones."""
    return f"unknown {what} {quote(name)}{or_list(name, sorted(choices), 'known:', _QUOTED)}"


def unknown_device(name: str, devices: Iterable[str]) -> str:
    """`on` names a device that is not there."""
    known = list(devices)
    if not known:
        return "the scenario has one device, so there is none to choose: remove it"
    return unknown_choice("device", name, known)


def missing_on(rule: Rule, devices: Iterable[str]) -> str:
    """A step that could talk to one device or another."""
    return f"<{rule.tag}> needs attribute on: the scenario has several devices: {listed(devices, last=' and ')}"


def missing_attribute(name: str, rule: Rule) -> str:
    """An attribute that must stand in its element."""
    return f"<{rule.tag}> needs attribute {name}: {rule.attributes[name].doc}"


def missing_child(rule: Rule) -> str:
    """An element that lacks what makes it worth having."""
    if STEPS in rule.element.needs:
        return f"<{rule.tag}> is empty: it needs at least one step"
    return f"<{rule.tag}> needs at least one {listed(sorted(rule.needs), '<{}>', ' or ')}"


def shown_seconds(seconds: float) -> str:
    """A time as one would write it."""
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s" if seconds >= 1 else f"{seconds * 1000:g}ms"
