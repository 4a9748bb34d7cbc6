"""A scenario as the engine runs it: frozen, checked, with its parameters filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tpf.result import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A TCP port of the device, reachable on loopback as `${name}` (``127.0.0.1:PORT``)."""

    name: str
    guest: int


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
    command: str = ""  # split as a shell would, run in the scenario's folder
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
    # the typed step, when nothing in it depends on the run; made once, at load time
    bound: Any = field(default=None, compare=False)
