"""The life of one emulated board: copies of its images, what can be done to it, power cycles, end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from tpf.errors import MachineError
from tpf.machines.base import BootRequest, Machine, Receiver, switched_off
from tpf.machines.qemu import images
from tpf.machines.qemu.contents import Material
from tpf.machines.qemu.emulator import Emulator
from tpf.machines.qemu.lookup import find_emulator, search_of
from tpf.machines.qemu.plan import Plan
from tpf.machines.qemu.ports import addresses
from tpf.machines.qemu.storage import fill


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
    def to_keep(self) -> tuple[Path, ...]:
        keep = self._plan.options.keep == "failed" and self._plan.flash is not None
        return (self._plan.image,) if keep else ()

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
async def booted(plan: Plan, request: BootRequest, make: Callable[[Plan], QemuMachine]) -> AsyncIterator[Machine]:
    """A running board; leaving the context ends it. Raises EnvironmentLacks and UsageError."""
    machine = make(await _prepared(plan, request))
    try:
        await machine.power_on()
        yield machine
    finally:
        await machine.power_off(cut=False)


async def _prepared(plan: Plan, request: BootRequest) -> Plan:
    """Find the emulator, and make the private copies of all images."""
    emulator = await find_emulator(plan.board, search_of(request), sure=False)
    for copy in (plan.flash, plan.efuse):
        if copy is not None:
            request.folder.mkdir(parents=True, exist_ok=True)
            await asyncio.to_thread(images.make, copy)
    if not plan.image.is_file():
        raise images.missing(plan.image)
    await fill(plan.image, plan.storage, plan.table, _material(request))
    return replace(plan, board=replace(plan.board, emulator=emulator))


def _material(request: BootRequest) -> Material:
    build = request.firmware.build
    return Material(
        checkout=request.checkout,
        folder=request.folder,
        processes=request.processes,
        config=build.config if build is not None else {},
        environment=build.environment if build is not None else (),
    )
