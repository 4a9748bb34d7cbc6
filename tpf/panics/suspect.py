"""A device that may have panicked, and what runs on it."""

from __future__ import annotations

from msgspec import Struct

from tpf.console import Console
from tpf.machines.base import Firmware


class Suspect(Struct, frozen=True, kw_only=True):
    """The same over all boots of a device."""

    console: Console
    firmware: Firmware
    target: str
    core_dumps: list[str] = []  # paths, relative to the report folder, of those that nobody has been told of yet
