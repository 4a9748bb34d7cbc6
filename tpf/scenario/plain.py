"""The short way for what nearly all elements are: right, and without ${...}. Where there is any doubt, it says nothing.

`Checker` takes the long way then, which finds out what is wrong, or what only the run knows.
"""

from __future__ import annotations

from typing import Any, Final

from tpf.scenario.rules import Checked, Rule
from tpf.scenario.xml import Node

LONGEST_ATTRIBUTE: Final = 16_384
LONGEST_TEXT: Final = 65_536


def checked_plainly(node: Node, rule: Rule) -> Checked | None:
    """What is known of an element whose check depends on nothing else."""
    try:
        values = _values(node, rule)
    except (KeyError, ValueError):  # an attribute that doesn't belong here, or a wrong value
        return None
    if values is None or not rule.needed_fields <= values.keys():
        return None
    instance = rule.declared(**values)
    if rule.has_hook and any(True for _ in instance.check()):
        return None
    limits = tuple([(limit.name, values[limit.field]) for limit in rule.limits if limit.field in values])
    return Checked(
        instance=instance,
        creates=tuple(created(rule, values)) if rule.creators else (),
        limits=limits,
        longest=max([seconds for _, seconds in limits]) if limits else 0.0,
    )


def _values(node: Node, rule: Rule) -> dict[str, Any] | None:
    """By field. Raises KeyError or ValueError, or returns None, for what isn't plain."""
    values = {}
    for name, written in node.attributes:
        if "${" in written or len(written) > LONGEST_ATTRIBUTE:
            return None
        attribute = rule.attributes[name]
        values[attribute.field] = attribute.type.convert(written)
    text, content = node.text, rule.content
    if not text or ((content is None or node.children) and text.isspace()):
        return values
    if content is None or "${" in text or len(text) > LONGEST_TEXT:
        return None
    values[content.field] = content.type.convert(text)
    return values


def created(rule: Rule, values: dict[str, Any]) -> list[tuple[str, str]]:
    """The names that an element with these values makes, each with the attribute that says so."""
    found = []
    for attribute in rule.creators:
        value = values.get(attribute.field, ())
        found += [(name, attribute.name) for name in ((value,) if isinstance(value, str) else value)]
    return found
