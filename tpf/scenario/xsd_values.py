"""The part of the XML schema that says what attributes and texts look like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from xml.etree import ElementTree as ET

from tpf.scenario.declare import Attribute
from tpf.scenario.types import Type

_NAMED: Final = r"[\s\S]*\$\{[\s\S]*"  # a value with ${name} in it may look like anything

BLANK: Final = "value.blank"


def blank() -> ET.Element:
    """The type of elements without text: XSD's own empty content refuses a line break between the tags."""
    made = _restriction("xs:string", ("pattern", r"\s*"))
    made.set("name", BLANK)
    return made


def name_of(attribute: Attribute) -> str:
    """The name of the schema's type for an attribute or text."""
    type_ = attribute.type
    if not (type_.pattern or type_.choices or type_.bounds):
        return "value.some-text" if _is_needed_text(attribute) else "xs:string"
    name = f"value.{type_.name}"
    if type_.choices and type_.name == "choice":
        name += f".{'-'.join(type_.choices)}"
    if type_.bounds:
        name += ".{}-{}".format(*type_.bounds)
    return name + (".plain" if attribute.creates_names else "") + (".needed" if _is_needed_text(attribute) else "")


def types_of(attributes: Iterable[Attribute]) -> list[ET.Element]:
    """The types that attributes and texts need, in the order of their names."""
    named = {name_of(attribute): attribute for attribute in attributes}
    return [_type(name, attribute) for name, attribute in sorted(named.items()) if name != "xs:string"]


def attribute(parent: ET.Element, attribute: Attribute) -> None:
    """The declaration of an attribute, with its documentation."""
    made = ET.SubElement(parent, "xs:attribute", name=attribute.name, type=name_of(attribute))
    if attribute.required:
        made.set("use", "required")
    default = f" (default: {attribute.shown_default})" if attribute.shown_default else ""
    document(made, f"{attribute.doc}{default}: {attribute.type.doc}")


def document(parent: ET.Element, text: str) -> None:
    """What an editor shows."""
    ET.SubElement(ET.SubElement(parent, "xs:annotation"), "xs:documentation").text = text


def _is_needed_text(attribute: Attribute) -> bool:
    return attribute.name == "" and attribute.required


def _type(name: str, attribute: Attribute) -> ET.Element:
    made = _restriction("xs:string", ("minLength", "1")) if name == "value.some-text" else _value(attribute)
    if _is_needed_text(attribute) and name != "value.some-text":
        longer = ET.Element("xs:simpleType")
        restriction = ET.SubElement(longer, "xs:restriction")
        restriction.append(made)
        ET.SubElement(restriction, "xs:pattern", value=r"[\s\S]+")
        made = longer
    made.set("name", name)
    return made


def _value(attribute: Attribute) -> ET.Element:
    """The type of a value; and of one that is filled in later, where that may be."""
    facets = _facets(attribute.type)
    if attribute.creates_names:
        return facets
    made = ET.Element("xs:simpleType")
    union = ET.SubElement(made, "xs:union")
    union.append(facets)
    union.append(_restriction("xs:string", ("pattern", _NAMED)))
    return made


def _facets(type_: Type[Any]) -> ET.Element:
    if type_.choices:
        return _restriction("xs:string", *(("enumeration", choice) for choice in type_.choices))
    if type_.bounds:
        least, most = map(str, type_.bounds)
        return _restriction("xs:integer", ("minInclusive", least), ("maxInclusive", most))
    return _restriction("xs:string", ("pattern", type_.pattern))


def _restriction(base: str, *facets: tuple[str, str]) -> ET.Element:
    made = ET.Element("xs:simpleType")
    restriction = ET.SubElement(made, "xs:restriction", base=base)
    for name, value in facets:
        ET.SubElement(restriction, f"xs:{name}", value=value)
    return made
