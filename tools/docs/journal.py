"""The events of the journal with their fields, from the classes that define them."""

from __future__ import annotations

import typing
from types import NoneType, UnionType
from typing import Any

from tools.docs.markdown import code, prose, table
from tpf.events import JOURNALED, Event, PlannedCase, PlannedScenario
from tpf.result import Artifact, Failure, LogSpan, Metric, Part, Source

_PARTS = (PlannedScenario, PlannedCase, Part, Failure, Source, LogSpan, Metric, Artifact)
_WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false", NoneType: "null"}


def tables() -> str:
    """A table of the events, and one of what their fields are made of."""
    events = ((code(name), _fields(kind), _doc(kind)) for name, kind in JOURNALED.items())
    parts = ((f"<a id='{_anchor(part)}'></a>{part.__name__}", _fields(part), _doc(part)) for part in _PARTS)
    head = ("fields", "meaning")
    return table(("event", *head), events) + "\n" + table(("part", *head), parts)


def _doc(kind: type[Any]) -> str:
    """Its docstring; a dataclass without one gets its signature, which says nothing here."""
    doc = kind.__doc__ or ""
    return "" if doc.startswith(f"{kind.__name__}(") else prose(doc)


def _fields(kind: type[Any]) -> str:
    hints = typing.get_type_hints(kind)
    common = Event.__struct_fields__ if issubclass(kind, Event) else ()
    names = [name for name in hints if name not in common]
    return ", ".join(f"{code(name)} ({_type(hints[name])})" for name in names)


def _type(hint: Any) -> str:
    """A type as JSON has it."""
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) in (typing.Union, UnionType):
        return " or ".join(_type(argument) for argument in arguments)
    if typing.get_origin(hint) is tuple:
        return _list(arguments)
    if hint in _PARTS:
        return f"[{hint.__name__}](#{_anchor(hint)})"
    return _WORDS.get(hint, "word" if issubclass(hint, str) else hint.__name__)


def _anchor(part: type[Any]) -> str:
    """Its own, for the page has parts of results.json by the same names."""
    return f"event-{part.__name__.lower()}"


def _list(arguments: tuple[Any, ...]) -> str:
    if arguments[-1] is Ellipsis:
        return f"list of {_type(arguments[0])}"
    return f"pair of {_type(arguments[0])} and {_type(arguments[1])}"
