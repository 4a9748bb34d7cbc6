"""From <firmware> and <machine> to the device that a scenario runs on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tpf.scenario import wording
from tpf.scenario.check import Checker
from tpf.scenario.children import Children, children_of
from tpf.scenario.declare import attributes_of
from tpf.scenario.device_elements import MachineElement
from tpf.scenario.flash_files import check_sources, read_efuse, read_parts, read_storage
from tpf.scenario.idf_project import check_project
from tpf.scenario.model import Device, FirmwareSpec, Forward, MachineSpec
from tpf.scenario.rules import Rule, machine_attributes, machines_with_child
from tpf.scenario.variables import Names
from tpf.scenario.xml import Node

_DEFAULT_KIND = attributes_of(MachineElement)["kind"].default


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceReader:
    """Reads what one device is made of; `names` gets the names of its forwarded ports."""

    checker: Checker
    names: Names

    def device(self, parent: Node, children: Children) -> Device:
        """The device of a parent element with these children."""
        firmware = next((self.firmware(node, rule) for node, rule in children if node.tag == "firmware"), None)
        machine = next((self.machine(node, rule) for node, rule in children if node.tag == "machine"), None)
        return Device(firmware=firmware, machine=machine or self._default_machine(parent))

    def firmware(self, node: Node, rule: Rule) -> FirmwareSpec | None:
        children = children_of(self.checker, node, rule)
        written = self.fixed(node._replace(children=()), rule)
        inner = self._written(children)
        if written is None:
            return None
        check_sources(self.checker, node, written, bool(children))
        if written.project:
            check_project(self.checker, node, written.project, written.config)
        return FirmwareSpec(
            source=self.checker.source(node),
            image=written.image,
            parts=read_parts(self.checker, inner, made=bool(written.command)),
            elf=written.elf,
            command=written.command,
            project=written.project,
            config=written.config,
            target=written.target,
        )

    def machine(self, node: Node, rule: Rule) -> MachineSpec:
        """The machine, with the attributes of its kind checked; forwards define their names."""
        taken = self.names.fixed
        children = children_of(self.checker, node, rule)
        ports = [child for child in children if child[0].tag == "forward"]
        inner = self._written([child for child in children if child not in ports])
        forwards = tuple(filter(None, (self._forward(*child, taken) for child in ports)))
        own = tuple(pair for pair in node.attributes if pair[0] in rule.attributes)
        others = tuple(pair for pair in node.attributes if pair[0] not in rule.attributes)
        written = self.fixed(node._replace(attributes=own, children=()), rule)
        kind = written.kind if written else ""
        options = self._options(node._replace(attributes=others), kind) if kind else None
        for child, _ in ports:
            self._check_port(child, kind)
        return MachineSpec(
            kind=kind,
            source=self.checker.source(node),
            options=options,
            forwards=forwards,
            efuse=read_efuse(self.checker, inner),
            storage=read_storage(self.checker, inner),
        )

    def _default_machine(self, parent: Node) -> MachineSpec:
        """The machine of a scenario that says nothing about it."""
        nothing = parent._replace(tag="machine", attributes=(), text="", children=())
        options = self._options(nothing, _DEFAULT_KIND)
        return MachineSpec(kind=_DEFAULT_KIND, source=self.checker.source(parent), options=options)

    def _options(self, node: Node, kind: str) -> Any:
        """The typed options of a machine kind, from the attributes that <machine> itself doesn't know."""
        grammar = self.checker.grammar
        if kind not in grammar.vocabulary.machines:
            message = wording.unknown_choice("machine kind", kind, grammar.vocabulary.machines)
            self.checker.tell(node, f"attribute kind: {message}", "kind")
            return None
        rule = grammar.machine_options(kind)
        owners = machine_attributes(grammar.vocabulary)
        foreign = [name for name, _ in node.attributes if name in owners and name not in rule.attributes]
        for name in foreign:
            self.checker.tell(node, wording.foreign("attribute", name, kind, owners[name]), name)
        mine = tuple(pair for pair in node.attributes if pair[0] not in foreign)
        for child in node.children:
            if child.tag in grammar.rule(MachineElement).children and child.tag not in rule.children:
                owners_of_child = machines_with_child(grammar, child.tag)
                self.checker.tell(child, wording.foreign("element", f"<{child.tag}>", kind, owners_of_child))
        return self.fixed(node._replace(attributes=mine, children=(), text=""), rule)

    def _forward(self, node: Node, rule: Rule, taken: frozenset[str]) -> Forward | None:
        children_of(self.checker, node, rule)
        checked = self.checker.check(node, rule, self.names)
        for name, attribute in checked.creates:
            if name in taken:
                message = f"attribute {attribute}: ${{{name}}} has a meaning already: choose another name"
                self.checker.tell(node, message, attribute)
            self.names.define(name)
            self.names.define(f"{name}.port")
        return Forward(name=checked.instance.name, guest=checked.instance.guest) if checked.instance else None

    def _check_port(self, node: Node, kind: str) -> None:
        """Either the scenario says the port on the device, or the machine does."""
        words = self.checker.grammar.vocabulary.machines.get(kind)
        says = any(name == "guest" for name, _ in node.attributes)
        if words is None or node.tag not in self.checker.grammar.machine_options(kind).children:
            return
        if words.gives_ports and says:
            message = f"attribute guest: a machine of kind {kind} gives the device a free port: remove it"
            self.checker.tell(node, message, "guest")
        elif not words.gives_ports and not says:
            self.checker.tell(node, "<forward> needs attribute guest: the port on the device")

    def _written(self, children: Children) -> list[tuple[Node, Any]]:
        """Children with their instances; None for one with something wrong."""
        return [(node, self.whole(node, rule)) for node, rule in children]

    def whole(self, node: Node, rule: Rule) -> Any:
        """The instance of an element that holds no others."""
        children_of(self.checker, node, rule)
        return self.fixed(node, rule)

    def fixed(self, node: Node, rule: Rule) -> Any:
        """The instance of an element that must be known before the scenario runs; None when something is wrong."""
        checked = self.checker.check(node, rule, self.names)
        if not checked.constant:
            self._tell_late(node, rule)
        return checked.instance

    def _tell_late(self, node: Node, rule: Rule) -> None:
        for attribute, text in (*node.attributes, ("", node.text)):
            for name in self.names.late(text):
                place = f"attribute {attribute}" if attribute else f"<{rule.tag}>"
                self.checker.tell(
                    node, f"{place}: the value of ${{{name}}} is known only in the run: too late here", attribute
                )
