"""Resets a board whose clock ticks, with the ticks counted anew from there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from tpf.machines.qemu.ticks import AFTER, Ticks, name

_PARTS: Final = ("gate", "late", "early")


class Control(Protocol):
    """What is needed of QMP."""

    async def execute(self, command: str, arguments: Mapping[str, object] | None = None) -> object: ...
    async def reset(self) -> None: ...


async def set_phase(control: Control, ticks: Ticks) -> None:
    """`late` has its first time, a little behind `early`, and keeps that distance."""
    await _configure(control, "late", "interval", ticks.microseconds)


async def restart(control: Control, ticks: Ticks) -> int | None:
    """Reset the board, which is stopped; it stays so. The clock's time, when it can be told: see `Count.restart`."""
    for part in _PARTS:  # what `early` holds goes on its way when that is switched off, and tells the time
        await _configure(control, part, "status", "off")
    time = ticks.last()
    await _configure(control, "late", "interval", ticks.microseconds + AFTER)
    for part in reversed(_PARTS):
        await _configure(control, part, "status", "on")
    await set_phase(control, ticks)
    await control.execute("set-action", {"reboot": "reset"})  # QMP's resets would stop it, too
    await control.reset()
    await control.execute("set-action", {"reboot": "shutdown"})
    return time


async def _configure(control: Control, part: str, setting: str, value: object) -> None:
    await control.execute("qom-set", {"path": f"/objects/{name(part)}", "property": setting, "value": value})
