"""A scenario as the engine runs it: frozen, checked, with its parameters filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tpf.result import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A TCP port of the device, reachable on loopback as `${name}` (``127.0.0.1:PORT``)."""

    name: str
    guest: int | None = None  # None where the machine gives the device a port


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSpec:
    """What a scenario asks of its machine."""

    kind: str = "qemu"
    source: Source
    options: Any = None  # the kind's own `Options`, typed and checked at load time
    forwards: tuple[Forward, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareSpec:
    """Where the firmware comes from: ready-made files, or a build command that makes them."""

    source: Source
    image: str = ""  # path, relative to the scenario's folder
    elf: str = ""
    command: tuple[str, ...] = ()  # run in the scenario's folder
    project: str = ""
    config: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step as written: its kind, its attributes and text with ``${...}`` still in them, its children."""

    kind: str
    source: Source
    text: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[Step, ...] = ()
    device: str = ""  # `on`: which of the devices it talks to
    folder: Path | None = None  # where its relative paths start; None for the scenario's folder
    # the typed step, when nothing in it depends on the run; made once, at load time
    bound: Any = field(default=None, compare=False)
    # the class that declares it: its step kind, or an element that only its parent knows; for `bind_step`
    declared: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A pattern that ends a case at once when it appears in the console (`<fail-on>`)."""

    pattern: str  # a regular expression
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One device under test; `name` is "" when it is the scenario's only one."""

    name: str = ""
    firmware: FirmwareSpec | None = None
    machine: MachineSpec
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A cable between two devices."""

    name: str
    kind: str  # "serial" or "network"
    between: tuple[str, str]  # names of devices
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A test case: steps in order, within a limit."""

    name: str
    source: Source
    steps: tuple[Step, ...] = ()
    timeout: float | None = None  # seconds
    retries: int = 0
    tags: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    skip: str = ""  # the reason, when it is to be skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario with its parameters filled in: what to boot, and what must happen then."""

    name: str
    source: Source
    folder: Path  # the folder of its file: relative paths start here
    target: str
    devices: tuple[Device, ...]  # in the order in which they start
    cases: tuple[Case, ...]
    links: tuple[Link, ...] = ()
    setup: tuple[Step, ...] = ()
    teardown: tuple[Step, ...] = ()
    fail_on: tuple[Guard, ...] = ()
    doc: str = ""
    tags: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    timeout: float = 300.0  # seconds, from boot to the end of the teardown
    boot: str = "scenario"  # or "case": each case from a fresh boot
    retries: int = 0  # of each case, when the case doesn't say
    silence: float | None = None  # seconds without output while a step waits for some
