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
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Protocol, TypeVar

from tpf.scenario.types import Type

T = TypeVar("T")
_KEY: Final = "testarena"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """What can't be told from the fields: the element's name, which elements it may hold, and examples."""

    name: str
    children: tuple[str, ...] = ()  # names of the elements it may hold; STEPS stands for every step kind
    once: tuple[str, ...] = ()  # those of the children that may stand only once
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
    creates_names: bool = False  # its value makes names for ${...}: `save`


class Declared(Protocol):
    """A class that declares an element."""

    element: Element


REQUIRED: Final = object()


def attribute(
    type_: Type[T], *, doc: str, default: T | None | object = REQUIRED, name: str = "", shown: str = "", creates_names: bool = False
) -> Any:
    """A field that is an attribute of the element. `shown` is the default as a user would write it."""
    return _field(type_, doc, default, {"name": name, "shown": shown, "creates_names": creates_names, "text": False})


def content(type_: Type[T], *, doc: str, default: T | None | object = REQUIRED) -> Any:
    """A field that is the element's text."""
    return _field(type_, doc, default, {"name": "", "shown": "", "creates_names": False, "text": True})


def _field(type_: Type[T], doc: str, default: object, rest: dict[str, Any]) -> Any:
    metadata = {_KEY: {"type": type_, "doc": doc, **rest}}
    if default is REQUIRED:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@cache
def attributes_of(declared: type[Any]) -> dict[str, Attribute]:
    """The attributes of an element by the name they are written with; the text content under ""."""
    found = {}
    for field in dataclasses.fields(declared):
        data = field.metadata.get(_KEY)
        if data is None:
            continue
        name = "" if data["text"] else (data["name"] or field.name.rstrip("_").replace("_", "-"))
        required = field.default is dataclasses.MISSING
        default = None if required else field.default
        found[name] = Attribute(
            name=name,
            field=field.name,
            type=data["type"],
            doc=data["doc"],
            required=required,
            default=default,
            shown_default=data["shown"] or ("" if default in (None, "", ()) or not isinstance(default, str | int) else str(default).lower()),
            creates_names=data["creates_names"],
        )
    return found


def doc_of(declared: type[Any]) -> str:
    """What the element is for: its class's docstring."""
    return inspect.cleandoc(declared.__doc__ or "")
