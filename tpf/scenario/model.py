"""A scenario as the engine runs it: frozen, checked, with its parameters filled in.

Structs of msgspec and not dataclasses, like events and results: a step is made in a tenth of the time (a run may have
100 000), and a class is defined in a fiftieth of half a millisecond.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec import Struct

from tpf.result import Quarantine, Source


class Forward(Struct, frozen=True, kw_only=True):
    """A TCP port of the device, reachable on loopback as `${name}` (``127.0.0.1:PORT``)."""

    name: str
    guest: int | None = None  # None where the machine gives the device a port


class Storage(Struct, frozen=True, kw_only=True):
    """What a partition of the flash is filled with before the boot."""

    partition: str  # its label
    file: str  # path of a file or folder, relative to the scenario's folder
    format: str = ""  # "" for what the partition's type and the file's name tell
    source: Source


class MachineSpec(Struct, frozen=True, kw_only=True):
    """What a scenario asks of its machine."""

    kind: str = "qemu"
    source: Source
    options: Any = None  # the kind's own `Options`, typed and checked at load time
    forwards: tuple[Forward, ...] = ()
    efuse: str = ""  # path of an eFuse image, relative to the scenario's folder
    storage: tuple[Storage, ...] = ()

    @property
    def has_own_time(self) -> bool:
        """Whether its time is its own, which stands still while nobody waits for the device."""
        return getattr(self.options, "clock", "wall") == "virtual"


class FlashPart(Struct, frozen=True, kw_only=True):
    """A file and its place in the flash."""

    offset: int  # bytes
    file: str  # path, relative to the scenario's folder
    source: Source


class FirmwareSpec(Struct, frozen=True, kw_only=True):
    """Where the firmware comes from: ready-made files, a build command that makes them, or an ESP-IDF project."""

    source: Source
    image: str = ""  # path, relative to the scenario's folder; of a file, or of the build folder of an ESP-IDF project
    parts: tuple[FlashPart, ...] = ()  # what the flash image is made of, in place of a ready-made one
    elf: str = ""
    command: tuple[str, ...] = ()  # run in the scenario's folder
    project: str = ""  # folder of an ESP-IDF project, relative to the scenario's
    config: tuple[str, ...] = ()  # files of settings, relative to the project's folder; none for ESP-IDF's own choice
    target: str = ""  # what the project is built for, when it is not the device's


class Step(Struct, frozen=True, kw_only=True, gc=False):
    """One step as written: its kind, its attributes and text with ``${...}`` still in them, its children."""

    kind: str
    source: Source
    text: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple[Step, ...] = ()
    device: str = ""  # `on`: which of the devices it talks to
    folder: Path | None = None  # where its relative paths start; None for the scenario's folder
    # the typed step, when nothing in it depends on the run; made once, at load time
    bound: Any = None
    # the class that declares it: its step kind, or an element that only its parent knows; for `bind_step`
    declared: Any = None


class Guard(Struct, frozen=True, kw_only=True):
    """A pattern that ends a case at once when it appears in the console (`<fail-on>`)."""

    pattern: str  # a regular expression
    source: Source


class Device(Struct, frozen=True, kw_only=True):
    """One device under test; `name` is "" when it is the scenario's only one."""

    name: str = ""
    firmware: FirmwareSpec | None = None
    machine: MachineSpec
    target: str = ""


class Link(Struct, frozen=True, kw_only=True):
    """A cable between two devices."""

    name: str
    kind: str  # "serial" or "network"
    between: tuple[str, str]  # names of devices
    source: Source


class Case(Struct, frozen=True, kw_only=True, gc=False):
    """A test case: steps in order, within a limit."""

    name: str
    source: Source
    steps: tuple[Step, ...] = ()
    timeout: float | None = None  # seconds
    retries: int = 0
    tags: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    skip: str = ""  # the reason, when it is to be skipped
    ticket: str = ""  # the fault for which it is expected to fail
    allow: tuple[str, ...] = ()  # names of guards that it lets through
    retry_panics: bool = False  # try again after a panic, too
    quarantine: Quarantine | None = None  # whoever plans the run says so, never the file
    quarantined_parts: tuple[tuple[str, Quarantine], ...] = ()  # tests of its steps, by name


class Scenario(Struct, frozen=True, kw_only=True):
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
    allow: tuple[str, ...] = ()  # names of guards of the default set that are let through
    doc: str = ""
    tags: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    timeout: float = 300.0  # seconds, from boot to the end of the teardown
    boot: str = "scenario"  # or "case": each case from a fresh boot
    retries: int = 0  # of each case, when the case doesn't say
    retry_panics: bool = False  # of each case, when the case doesn't say; and of the first boot
    silence: float | None = None  # seconds without output while a step waits for some
