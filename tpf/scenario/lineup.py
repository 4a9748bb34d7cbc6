"""The devices of a scenario and what joins them: its only one, or several that are written as <device>."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from msgspec.structs import replace

from tpf.scenario import wording
from tpf.scenario.check import Checker
from tpf.scenario.children import Children, children_of
from tpf.scenario.devices import DeviceReader
from tpf.scenario.idf_project import check_build_target
from tpf.scenario.model import Device, Link, MachineSpec
from tpf.scenario.rules import Rule
from tpf.scenario.xml import Node

MOST_DEVICES: Final = 16
_PARTS: Final = ("firmware", "machine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineup:
    """All that a scenario runs on."""

    devices: tuple[Device, ...]
    links: tuple[Link, ...]
    names: tuple[str, ...]  # of the devices; none when the only one has no name
    has_own_time: bool  # a device has a time of its own: no limit of the host's says how long its steps may take


def read_lineup(reader: DeviceReader, root: Node, children: Children, target: str | None) -> Lineup:
    """The devices and links among the children of a scenario with this target; None when it isn't known for a fault."""
    written = [(node, rule) for node, rule in children if node.tag == "device"]
    if not written:
        device = reader.device(root, children)
        target = _target(reader.checker, target, device.machine)
        device = replace(device, target=target or "")
        _check_target(reader.checker, root, target, device.machine)
        check_build_target(reader.checker, root, device, target)
        devices: tuple[Device, ...] = (device,)
    else:
        if len(written) > MOST_DEVICES:
            reader.checker.tell(written[MOST_DEVICES][0], f"a scenario has at most {MOST_DEVICES} devices")
        shared = [_sharable(reader.checker, *part, len(written)) for part in children if part[0].tag in _PARTS]
        devices = tuple(_device(reader, root, node, rule, shared, target) for node, rule in written[:MOST_DEVICES])
        reader.names.define("target", target or "")
    return Lineup(
        devices=devices,
        links=_links(reader, children, {device.name: device for device in devices}),
        names=tuple(device.name for device in devices if device.name),
        has_own_time=any(device.machine.has_own_time for device in devices),
    )


def _device(reader: DeviceReader, root: Node, node: Node, rule: Rule, shared: Children, target: str | None) -> Device:
    """One <device>; what it doesn't say is the scenario's. In it, `${target}` is its own target."""
    reader.names.define("target", target or "")
    written = reader.fixed(node._replace(children=()), rule)
    own = children_of(reader.checker, node, rule)
    said = {child.tag for child, _ in own}
    if written is not None and written.target:
        target = written.target
        reader.names.define("target", target)
    device = reader.device(node, [*own, *(part for part in shared if part[0].tag not in said)])
    target = _target(reader.checker, target, device.machine)
    place = node if written is not None and written.target else root
    _check_target(reader.checker, place, target, device.machine)
    check_build_target(reader.checker, place, device, target)
    return replace(device, name=written.name if written is not None else "", target=target or "")


def _sharable(checker: Checker, node: Node, rule: Rule, devices: int) -> tuple[Node, Rule]:
    """A part of the scenario that several devices have; a forward can't be: its name would be that of several ports."""
    forward = next((child for child in node.children if child.tag == "forward"), None)
    if forward is None or devices == 1:
        return node, rule
    message = "<forward> in the <machine> of the scenario, which all devices have: write it in that of a <device>"
    checker.tell(forward, message)
    return node._replace(children=tuple(child for child in node.children if child.tag != "forward")), rule


def _target(checker: Checker, written: str | None, machine: MachineSpec) -> str | None:
    """What a device is, where nobody says: the only target that its machine takes."""
    words = checker.grammar.vocabulary.machines.get(machine.kind)
    return words.only_target if written == "" and words is not None else written


def _check_target(checker: Checker, node: Node, target: str | None, machine: MachineSpec) -> None:
    words = checker.grammar.vocabulary.machines.get(machine.kind)
    if target is None or words is None or words.check_target is None or machine.options is None:
        return
    try:
        words.check_target(target, machine.options)
    except ValueError as error:
        place = "attribute target: " if target else ""
        checker.tell(node, f"{place}{error}", "target")


def _links(reader: DeviceReader, children: Children, devices: dict[str, Device]) -> tuple[Link, ...]:
    links: list[Link] = []
    for node, rule in children:
        if node.tag != "link":
            continue
        written = reader.whole(node, rule)
        link = None if written is None else _link(reader.checker, node, written, devices)
        if link is not None:
            links.append(link)
            _check_ends(reader.checker, node, link, links, devices)
    return tuple(links)


def _link(checker: Checker, node: Node, written: Any, devices: dict[str, Device]) -> Link | None:
    """The link; None when a device is not there."""
    unknown = [name for name in written.between if name not in devices]
    for name in unknown:
        known = [one for one in devices if one]
        problem = wording.unknown_choice("device", name, known) if known else "the scenario has no <device> to join"
        checker.tell(node, f"attribute between: {problem}", "between")
    if unknown:
        return None
    first, second = written.between
    return Link(name=written.name, kind=written.kind, between=(first, second), source=checker.source(node))


def _check_ends(checker: Checker, node: Node, link: Link, links: list[Link], devices: dict[str, Device]) -> None:
    """Whether the machines at both ends can have this link, with those that they have already."""
    for name in link.between:
        device = devices[name]
        words = checker.grammar.vocabulary.machines.get(device.machine.kind)
        if words is None or device.machine.options is None:
            continue
        kinds = tuple(one.kind for one in links if name in one.between)
        try:
            if words.check_links is None:
                raise ValueError(f"a machine of kind {device.machine.kind} has no links")
            words.check_links(device.target, device.machine, kinds)
        except ValueError as error:
            checker.tell(node, f"attribute kind: device {name}: {error}", "kind")
