"""From an element as written to its typed value: names filled in, each attribute converted by its declared type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tpf.scenario.declare import attributes_of
from tpf.scenario.model import Step
from tpf.scenario.types import Type, escape_of
from tpf.scenario.variables import fill


class BadValue(ValueError):
    """An attribute or the text has a value that its type refuses; `attribute` is "" for the text."""

    def __init__(self, attribute: str, message: str) -> None:
        super().__init__(f"attribute {attribute}: {message}" if attribute else message)
        self.attribute = attribute


def bind(declared: type[Any], attributes: Mapping[str, str], text: str, values: Mapping[str, str], **extra: Any) -> Any:
    """An instance of a declared class. Raises BadValue; unknown and missing attributes are the parser's to find."""
    arguments = dict(extra)
    for name, attribute in attributes_of(declared).items():
        written = text if name == "" else attributes.get(name)
        if written is None or (name == "" and not written and not attribute.required):
            continue
        try:
            arguments[attribute.field] = _value(attribute.type, written, values, attributes)
        except ValueError as error:
            raise BadValue(name, str(error)) from error
    return declared(**arguments)


def _value(type_: Type[Any], written: str, values: Mapping[str, str], attributes: Mapping[str, str]) -> Any:
    if type_.splits:
        return tuple(fill(word, values) for word in type_.convert(written))
    return type_.convert(written if type_.keeps_names else fill(written, values, escape_of(type_, attributes)))


def bind_step(declared: type[Any], step: Step, values: Mapping[str, str]) -> Any:
    """A step's typed value; `children` and `as_written` (its attributes) go along where the class has a field."""
    if step.bound is not None:
        return step.bound
    fields = declared.__dataclass_fields__
    extra: dict[str, Any] = {"children": step.children} if "children" in fields else {}
    if "as_written" in fields:
        extra["as_written"] = step.attributes
    return bind(declared, dict(step.attributes), step.text, values, **extra)
