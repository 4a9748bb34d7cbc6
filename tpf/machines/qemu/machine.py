"""The life of one emulated board: copies of its images, what can be done to it, power cycles, end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tpf.errors import MachineError
from tpf.machines.base import BootRequest, Machine, Receiver, switched_off
from tpf.machines.qemu import images
from tpf.machines.qemu.emulator import Emulator
from tpf.machines.qemu.plan import Plan
from tpf.machines.qemu.ports import addresses


class QemuMachine:
    """A board; while its power is on, an emulator runs. Its images outlive that."""

    def __init__(self, plan: Plan, request: BootRequest, receiver: Receiver) -> None:
        self._plan = plan
        self._request = request
        self._receiver = receiver
        self._running: Emulator | None = None
        self.command: tuple[str, ...] = ()  # of the last emulator

    @property
    def _emulator(self) -> Emulator:
        if self._running is None:
            raise switched_off()
        return self._running

    @property
    def pid(self) -> int | None:
        return self._running.pid if self._running is not None else None

    async def send(self, data: bytes) -> None:
        await self._emulator.send(data)

    async def reset(self) -> None:
        await self._emulator.control.reset()

    async def screenshot(self, path: Path) -> None:
        await self._emulator.control.screenshot(path.absolute())

    async def forwarded(self) -> dict[str, str]:
        forwards = self._request.spec.forwards
        if not forwards:
            return {}
        answer = await self._emulator.control.ask_human_monitor("info usernet")
        try:
            return addresses(forwards, answer)
        except ValueError as error:
            raise MachineError(f"{error}; its answer to `info usernet` was:\n{answer}") from error

    async def power_on(self) -> None:
        await self.power_off(cut=False)  # of one that has ended by itself
        self._running = self._make()
        self.command = self._running.command
        await self._running.start()

    def _make(self) -> Emulator:
        return Emulator(self._plan, self._request, self._receiver)

    async def power_off(self, *, cut: bool) -> None:
        running, self._running = self._running, None
        if running is not None:
            await running.stop(at_once=cut)


@asynccontextmanager
async def booted(plan: Plan, machine: QemuMachine, folder: Path) -> AsyncIterator[Machine]:
    """A running board; leaving the context ends it. Raises EnvironmentLacks and UsageError."""
    for copy in (plan.flash, plan.efuse):
        if copy is not None:
            folder.mkdir(parents=True, exist_ok=True)
            await asyncio.to_thread(images.make, copy)
    if not plan.image.is_file():
        raise images.missing(plan.image)
    try:
        await machine.power_on()
        yield machine
    finally:
        await machine.power_off(cut=False)
