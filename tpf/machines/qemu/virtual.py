"""A board on virtual time: its clock stands still but while somebody waits for it, and jumps over what it sleeps."""

from __future__ import annotations

import asyncio
import fcntl
import itertools
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from tpf.machines.base import BootRequest, Exit, Receiver, switched_off
from tpf.machines.hosted import pipes
from tpf.machines.qemu.emulator import Emulator
from tpf.machines.qemu.keyboard import Keyboard
from tpf.machines.qemu.machine import QemuMachine
from tpf.machines.qemu.plan import Plan
from tpf.machines.qemu.stepping import Stepping
from tpf.machines.qemu.ticks import Ticks

_SECOND: Final = 1_000_000  # microseconds
_ROOM: Final = 1 << 20  # bytes of output that a tick may bring: a guest whose console is full loses time


class VirtualEmulator(Emulator):
    """An emulator that starts stopped, and goes on by `run_for` alone."""

    def __init__(
        self, plan: Plan, request: BootRequest, receiver: Receiver, at_tick: Callable[[], object] = lambda: None
    ) -> None:
        """`at_tick` is called at each tick that goes by because the device takes no more of what it is sent."""
        self._ticks = Ticks(round(plan.options.tick * _SECOND))
        self._held = Held(receiver)
        super().__init__(plan, request, self._held, self._ticks.argv, *self._ticks.descriptors)
        self._stepping = Stepping(self.control, self._ticks, self._pass_on)
        self._keyboard: Keyboard | None = None
        self._at_tick = at_tick

    @property
    def seconds(self) -> float:
        return self._stepping.count.now / _SECOND

    async def start(self) -> None:
        wires = pipes()
        self._keyboard = Keyboard(os.dup(wires.stdin), self._hosted.send, self._settle, self._tick)
        with suppress(OSError):  # more than this user may have
            fcntl.fcntl(wires.source, fcntl.F_SETPIPE_SZ, _ROOM)
        try:
            self.launch(wires)
        finally:
            self._ticks.give_away()
        await self._stepping.begin()

    async def send(self, data: bytes) -> None:
        await self.rest()
        if self._keyboard is not None:
            await self._keyboard.type(data)

    async def run_for(self, seconds: float, enough: Callable[[], bool]) -> None:
        await self._stepping.run_for(seconds * _SECOND, enough)

    async def rest(self) -> None:
        await self._stepping.rest()

    async def reset(self) -> None:
        await self._stepping.reset()

    async def stop(self, *, at_once: bool = False) -> None:
        await self._stepping.close()
        if self._keyboard is not None:
            self._keyboard.close()
        await super().stop(at_once=at_once)

    async def _settle(self) -> None:
        await self.control.execute("query-status")

    async def _tick(self) -> None:
        await self._stepping.run_for(1, lambda: True)
        self._at_tick()

    def _pass_on(self) -> None:
        self._hosted.catch_up()
        self._held.pass_on()


class VirtualMachine(QemuMachine):
    """A board whose time goes on by `run_for` alone; while it is off, it just goes by."""

    def __init__(self, plan: Plan, request: BootRequest, receiver: Receiver) -> None:
        super().__init__(plan, request, receiver)
        self._before = 0.0  # seconds of earlier emulators
        self._told: list[Callable[[], object]] = []

    def at_ticks(self, told: Callable[[], object]) -> None:
        self._told.append(told)

    @property
    def device_time(self) -> float:
        return self._before + (self._virtual.seconds if self._virtual is not None else 0.0)

    async def run_for(self, seconds: float, enough: Callable[[], bool]) -> None:
        if self._virtual is not None:
            await self._virtual.run_for(seconds, enough)
        else:
            await self._go_by(seconds, enough)

    async def _go_by(self, seconds: float, enough: Callable[[], bool]) -> None:
        """Time without power."""
        start, tick = self._before, self._plan.options.tick
        for number in itertools.count(1):
            self._before = start + min(number * tick, seconds)
            if enough() or number * tick >= seconds:
                return
            await asyncio.sleep(0)

    async def reset(self) -> None:
        if self._virtual is None:
            raise switched_off()
        await self._virtual.reset()

    async def screenshot(self, path: Path) -> None:
        if self._virtual is not None:
            await self._virtual.rest()
        await super().screenshot(path)

    async def power_off(self, *, cut: bool) -> None:
        self._before = self.device_time
        await super().power_off(cut=cut)

    def _make(self) -> Emulator:
        return VirtualEmulator(self._plan, self._request, self._receiver, self._tell)

    def _tell(self) -> None:
        for told in self._told:
            told()

    @property
    def _virtual(self) -> VirtualEmulator | None:
        return self._running if isinstance(self._running, VirtualEmulator) else None


class Held:
    """Keeps what a device says until it is known when it said so."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._data = bytearray()

    def feed(self, data: bytes) -> None:
        self._data += data

    def pass_on(self) -> None:
        data, self._data = bytes(self._data), bytearray()
        if data:
            self._receiver.feed(data)

    def ended(self, exit_: Exit) -> None:
        self.pass_on()
        self._receiver.ended(exit_)
