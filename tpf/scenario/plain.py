"""The short way for what nearly all elements are: right, whatever stands around them. In any doubt, it says nothing.

`Checker` takes the long way then, which finds out what is wrong, or what is known before the run of the names in it.
"""

from __future__ import annotations

from typing import Any, Final

from tpf.scenario.declare import Attribute
from tpf.scenario.rules import Checked, Rule
from tpf.scenario.variables import names_in, unclosed
from tpf.scenario.xml import Node, own_part

LONGEST_ATTRIBUTE: Final = 16_384
LONGEST_TEXT: Final = 65_536


def known_plainly(node: Node, rule: Rule) -> Checked | None:
    """What is known of an element, if all names in it (`uses`) have their values only in the run.

    Each one of equal elements is the same, so that is looked at once. Not for what depends on folders or children.
    """
    key = own_part(node)
    known = rule.memo.get(key)
    if known is None:
        known = _checked(node, rule)
        if known is not None:
            rule.memo[key] = known
    return known


def text_of(node: Node, rule: Rule) -> str:
    """An element's text as its class gets it: blanks between child elements are none."""
    if rule.content is None or (node.children and node.text.isspace()):
        return ""
    return node.text


def _checked(node: Node, rule: Rule) -> Checked | None:
    values: dict[str, Any] = {}
    try:
        uses = _read(node, rule, values)
    except (KeyError, ValueError):  # an attribute that doesn't belong here, or a value that isn't plain
        return None
    if not rule.needed_fields <= values.keys():
        return None
    if rule.takes_children:
        values["children"] = ()
    instance = rule.declared(**values)
    if rule.has_hook and [*instance.check()]:
        return None
    creates = tuple(created(rule, values)) if rule.creators else ()
    limits = limits_of(rule, values) if rule.limits else ()
    return Checked(
        instance=None if uses else instance,
        constant=not uses,
        uses=uses,
        creates=creates,
        limits=limits,
        longest=max([seconds for _, seconds in limits]) if limits else 0.0,
        attributes=node.attributes,
        text=text_of(node, rule),
        is_free=not (uses or creates),
    )


def _read(node: Node, rule: Rule, values: dict[str, Any]) -> tuple[str, ...]:
    """Gets the values, by field, and returns the names in them. Raises KeyError or ValueError in any doubt."""
    uses: tuple[str, ...] = ()
    for name, written in node.attributes:
        attribute = rule.attributes[name]
        if len(written) > LONGEST_ATTRIBUTE:
            raise ValueError(name)
        values[attribute.field] = attribute.type.convert(written)
        if "${" in written:
            uses += _names(attribute, written)
    text, content = node.text, rule.content
    if not text or ((content is None or node.children) and text.isspace()):
        return uses
    if content is None or len(text) > LONGEST_TEXT:
        raise ValueError(text)
    values[content.field] = content.type.convert(text)
    return uses + _names(content, text) if "${" in text else uses


def _names(attribute: Attribute, written: str) -> tuple[str, ...]:
    """The names in a value that can be looked at as it stands, with `${...}` in it. Raises ValueError in any doubt."""
    found = names_in(written)
    if not found or unclosed(written) or attribute.creates_names or attribute.type.keeps_names:
        raise ValueError(written)
    return found


def limits_of(rule: Rule, values: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    """The attributes that say how long an element with these values may take, in seconds."""
    return tuple([(limit.name, values[limit.field]) for limit in rule.limits if limit.field in values])


def created(rule: Rule, values: dict[str, Any]) -> list[tuple[str, str]]:
    """The names that an element with these values makes, each with the attribute that says so."""
    found = []
    for attribute in rule.creators:
        value = values.get(attribute.field, ())
        found += [(name, attribute.name) for name in ((value,) if isinstance(value, str) else value)]
    return found
