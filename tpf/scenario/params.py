"""Params of a scenario: their values, the combinations that these make, and the name that each of these has.

<param name="baud" values="9600 115200"/>
<param name="wifi" values="on off"/>        4 combinations: `console [baud=9600, wifi=on]`, ...
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tpf.scenario.check import Checker
from tpf.scenario.children import Children, children_of
from tpf.scenario.variables import BUILT_IN, Names, names_in

MOST_COMBINATIONS: Final = 100  # of one scenario
MOST_PARAMS: Final = 12

Combination = tuple[tuple[str, str], ...]  # each param's name and value, in the order of the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """A name and the values that it takes, one after the other."""

    name: str
    values: tuple[str, ...]


def read_params(checker: Checker, children: Children, given: Mapping[str, str]) -> tuple[Param, ...] | None:
    """The params among a scenario's children; `given` are values of --set. None when one of them is wrong."""
    names = Names(given)
    found: list[Param] = []
    told = len(checker.problems)
    for node, rule in children:
        if node.tag != "param":
            continue
        children_of(checker, node, rule)
        written = checker.check(node, rule, names).instance
        if written is None:
            continue
        if written.name in BUILT_IN:
            message = f"attribute name: ${{{written.name}}} has a meaning already: choose another name"
            checker.tell(node, message, "name")
        values = (given[written.name],) if written.name in given else written.values
        found.append(Param(name=written.name, values=values))
        if len(found) == MOST_PARAMS + 1:
            checker.tell(node, f"this is param {len(found)}; a scenario has at most {MOST_PARAMS}")
        elif math.prod(len(param.values) for param in found) > MOST_COMBINATIONS:
            counts = " x ".join(f"{len(param.values)}" for param in found)
            checker.tell(
                node,
                f"attribute values: with it there are {counts} combinations of params; at most {MOST_COMBINATIONS} are "
                "allowed: take fewer values, or make several scenarios of it",
                "values",
            )
            break
    return tuple(found) if len(checker.problems) == told else None


def combinations(params: tuple[Param, ...]) -> tuple[Combination, ...]:
    """All of them: the last param changes fastest. One empty one when there are no params."""
    names = [param.name for param in params]
    products = itertools.product(*(param.values for param in params))
    return tuple(tuple(zip(names, values, strict=True)) for values in products)


def full_name(name: str, written: str, combination: Combination) -> str:
    """A scenario's name with the values that it doesn't mention itself; `written` is the name with `${...}` in it."""
    mentioned = names_in(written)
    shown = ", ".join(f"{param}={value}" for param, value in combination if param not in mentioned)
    return f"{name} [{shown}]" if shown else name
