"""The words that a scenario may use: its structure, the kinds of steps and the kinds of machines."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from tpf.scenario.model import MachineSpec

T = TypeVar("T")


def joined(*maps: Mapping[str, T]) -> MutableMapping[str, T]:
    """One mapping of several, of which the first that has a name counts; what they hold isn't asked for before."""
    return ChainMap({}, *cast("tuple[dict[str, T], ...]", maps))


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineWords:
    """What the language must know about a machine kind."""

    options: type[Any]  # the declared class of the attributes that this kind adds to <machine>
    # raises ValueError with a message when a machine with these options can't stand for a target ("" for none)
    check_target: Callable[[str, Any], None] | None = None
    # raises ValueError with a message when a machine for a target can't have links of these kinds; None: it has none
    check_links: Callable[[str, MachineSpec, tuple[str, ...]], None] | None = None
    only_target: str = ""  # the one target that there is for it, which nobody has to say
    gives_ports: bool = False  # a <forward> says no `guest`: the machine gives the device a free port


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Everything that the reader, the XSD and the reference page are made from."""

    steps: Mapping[str, type[Any]] = field(default_factory=dict)  # by element name: the declared class of the step kind
    machines: Mapping[str, MachineWords] = field(default_factory=dict)  # by the name that <machine kind> has
