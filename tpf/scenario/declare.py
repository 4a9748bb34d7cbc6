"""Declarations of the language's elements: a dataclass is the element, its fields are the attributes and the text.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Wait:
        \"\"\"The device's time goes on for that long.\"\"\"

        element: ClassVar[Element] = Element(name="wait", example='<wait for="500ms"/>')
        for_: float = attribute(DURATION, doc="how long", name="for")

From such a class come the parser's checks, the XSD, the reference page and the typed value: they can't drift apart.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol, TypeVar, cast

from tpf.scenario.types import Type

T = TypeVar("T")
_KEY: Final = "testarena"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """What can't be told from the fields: the element's name, which elements it may hold, and examples."""

    name: str
    # the elements it may hold: a class for an element of its own, the name of a step kind, or STEPS for every step kind
    children: tuple[str | type[Any], ...] = ()
    once: tuple[str, ...] = ()  # names of children that may stand only once
    needs: tuple[str, ...] = ()  # at least one of these must stand in it: names of children, or STEPS
    # of a step: "one" talks to one of the scenario's devices, which `on` names; "inside" holds steps, for which its
    # `on` holds when they have none; "none" talks to no device
    device: str = "one"
    device_with: str = ""  # an attribute that makes a step with "inside" one that talks to a device itself
    unique: str = ""  # name of the attribute that no two such elements side by side may have the same
    example: str = ""  # a fragment that validates; shown in the reference


STEPS: Final = "*steps*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute, or the text content (`name` is "")."""

    name: str
    field: str
    type: Type[Any]
    doc: str
    required: bool
    default: Any
    shown_default: str  # as it would be written; "" when there is none worth showing
    creates_names: bool = False  # its value makes names for ${...}, so it can't hold any itself: `save`


class Declared(Protocol):
    """A class that declares an element."""

    element: Element


REQUIRED: Final = object()


def attribute(
    type_: Type[T],
    *,
    doc: str,
    default: T | object | None = REQUIRED,
    name: str = "",
    shown: str = "",
    creates_names: bool = False,
) -> Any:
    """A field that is an attribute of the element. `shown` is the default as a user would write it."""
    return _field(type_, doc, default, {"name": name, "shown": shown, "creates_names": creates_names, "text": False})


def content(type_: Type[T], *, doc: str, default: T | object | None = REQUIRED) -> Any:
    """A field that is the element's text."""
    return _field(type_, doc, default, {"name": "", "shown": "", "creates_names": False, "text": True})


def _field(type_: Type[T], doc: str, default: object, rest: dict[str, Any]) -> Any:
    metadata = {_KEY: {"type": type_, "doc": doc, **rest}}
    if default is REQUIRED:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def attributes_of(declared: type[object]) -> dict[str, Attribute]:
    """The attributes of an element by the name they are written with; the text content under ""."""
    return _attributes_of(cast(Hashable, declared))


@cache
def _attributes_of(declared: Hashable) -> dict[str, Attribute]:
    fields = (_attribute_of(field) for field in dataclasses.fields(cast(Any, declared)))
    return {found.name: found for found in fields if found is not None}


def _attribute_of(field: dataclasses.Field[Any]) -> Attribute | None:
    data = field.metadata.get(_KEY)
    if data is None:
        return None
    required = field.default is dataclasses.MISSING
    default = None if required else field.default
    return Attribute(
        name="" if data["text"] else (data["name"] or field.name.rstrip("_").replace("_", "-")),
        field=field.name,
        type=data["type"],
        doc=data["doc"],
        required=required,
        default=default,
        shown_default=data["shown"] or _shown(default),
        creates_names=data["creates_names"],
    )


def _shown(default: object) -> str:
    """A default as it would be written, where that can be told from the value."""
    if isinstance(default, bool):
        return str(default).lower()
    return str(default) if isinstance(default, str | int) and default != "" else ""


def doc_of(declared: type[Any]) -> str:
    """What the element is for: its class's docstring."""
    return inspect.cleandoc(declared.__doc__ or "")
