"""The XML schema of the language, made from the same declarations as the reader: editors complete and check with it.

    <scenario name="..." xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
              xsi:noNamespaceSchemaLocation="testarena.xsd">

What XSD 1.0 can't say (an element once among others in any order, names that are known, times that fit), the reader
says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from xml.etree import ElementTree as ET

from tpf.scenario import xsd_values
from tpf.scenario.declare import STEPS, Attribute, doc_of
from tpf.scenario.device_elements import MachineElement
from tpf.scenario.elements import ON, StepsElement
from tpf.scenario.rules import Grammar, Rule
from tpf.scenario.rules import machine_attributes as attributes_by_kind
from tpf.scenario.types import TEXT
from tpf.scenario.vocabulary import Vocabulary

_ANY: Final = {"minOccurs": "0", "maxOccurs": "unbounded"}


def schema(vocabulary: Vocabulary) -> str:
    """The XSD of a vocabulary."""
    return _Schema(Grammar(vocabulary)).text()


class _Schema:
    """Grows the tree of the schema; `types` has the name of each element's complex type."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self.rules = list(grammar.everything())
        self.types: dict[type[Any], str] = {}
        self.uniques = 0
        for rule in self.rules:
            name = f"element.{rule.tag}"
            taken = sum(known.partition("-")[0] == name for known in self.types.values())
            self.types[rule.declared] = f"{name}-{taken + 1}" if taken else name

    def text(self) -> str:
        root = ET.Element("xs:schema", {"xmlns:xs": "http://www.w3.org/2001/XMLSchema"})
        root.append(
            ET.Comment(" Made from the declarations of the language: don't edit it. `testarena schema` makes it anew. ")
        )
        self._element(root, self.grammar.root)
        self._element(root, self.grammar.rule(StepsElement))
        choice = ET.SubElement(ET.SubElement(root, "xs:group", name="steps"), "xs:choice")
        for declared in self.grammar.vocabulary.steps.values():
            self._element(choice, self.grammar.rule(declared))
        for rule in self.rules:
            self._complex_type(root, rule)
        root.extend(xsd_values.types_of(self._all_attributes()))
        root.append(xsd_values.blank())
        ET.indent(root)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, "unicode")}\n'

    def _all_attributes(self) -> Iterable[Attribute]:
        for rule in self.rules:
            yield from self._attributes(rule)
            if rule.content is not None:
                yield rule.content

    def _attributes(self, rule: Rule) -> Iterable[Attribute]:
        yield from rule.attributes.values()
        if rule.declared is MachineElement:
            yield from machine_attributes(attributes_by_kind(self.grammar.vocabulary))
        if rule.is_step and rule.element.device != "none":
            yield ON

    def _element(self, parent: ET.Element, rule: Rule, **occurs: str) -> None:
        element = ET.SubElement(parent, "xs:element", {"name": rule.tag, "type": self.types[rule.declared], **occurs})
        for tag, declared in rule.children.items():
            field = self.grammar.rule(declared).element.unique
            if field:
                self.uniques += 1
                unique = ET.SubElement(element, "xs:unique", name=f"unique.{self.uniques}")
                ET.SubElement(unique, "xs:selector", xpath=tag)
                ET.SubElement(unique, "xs:field", xpath=f"@{field}")

    def _complex_type(self, parent: ET.Element, rule: Rule) -> None:
        holder = made = ET.SubElement(parent, "xs:complexType", name=self.types[rule.declared])
        xsd_values.document(made, doc_of(rule.declared))
        if not rule.children:
            base = xsd_values.name_of(rule.content) if rule.content is not None else xsd_values.BLANK
            holder = ET.SubElement(ET.SubElement(made, "xs:simpleContent"), "xs:extension", base=base)
        elif rule.content is not None:
            made.set("mixed", "true")
        if rule.children:
            self._children(made, rule)
        for attribute in self._attributes(rule):
            xsd_values.attribute(holder, attribute)

    def _children(self, parent: ET.Element, rule: Rule) -> None:
        """Any order; but at least one of those that it needs."""
        if set(rule.children) == set(rule.element.once) and not rule.needs:
            self._some(ET.SubElement(parent, "xs:all"), rule, rule.children, minOccurs="0")
            return
        if rule.needs:
            parent = ET.SubElement(parent, "xs:sequence")
            before = {tag: declared for tag, declared in rule.children.items() if tag not in rule.needs}
            needed = {tag: declared for tag, declared in rule.children.items() if tag in rule.needs}
            if before:
                self._some(ET.SubElement(parent, "xs:choice", _ANY), rule, before)
            self._some(ET.SubElement(parent, "xs:choice"), rule, needed)
        self._some(ET.SubElement(parent, "xs:choice", _ANY), rule, rule.children)

    def _some(self, parent: ET.Element, rule: Rule, children: Mapping[str, type[Any]], **occurs: str) -> None:
        steps = set(self.grammar.vocabulary.steps) if STEPS in rule.element.children else set()
        for tag, declared in children.items():
            if tag not in steps:
                self._element(parent, self.grammar.rule(declared), **occurs)
        if steps & set(children):
            ET.SubElement(parent, "xs:group", ref="steps")


def machine_attributes(by_kind: Mapping[str, Mapping[str, Attribute]]) -> Iterable[Attribute]:
    """The attributes of all machine kinds as those of one element: none required, each saying whose it is."""
    for name, owners in by_kind.items():
        first, *others = owners.values()
        yield Attribute(
            name=name,
            field=first.field,
            type=first.type if all(other.type == first.type for other in others) else TEXT,
            doc="; ".join(f"{kind}: {owner.doc}" for kind, owner in owners.items()),
            required=False,
            default=None,
            shown_default="" if others else first.shown_default,
        )
