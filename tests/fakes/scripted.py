"""A machine for tests of steps in whole scenarios: a Python function is the firmware. It has a button and a switch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar

from tpf.errors import MachineError
from tpf.machines.base import BootRequest, Exit, Machine, Receiver
from tpf.scenario.declare import Element

Firmware = Callable[["ScriptedMachine", str], None]  # is called with "" at each start, then with each line it is sent


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedOptions:
    """A script."""

    element: ClassVar[Element] = Element(name="machine", example='<machine kind="script"/>')


@dataclass(slots=True)
class ScriptedMachine:
    """A device whose firmware says and does what a test wants."""

    firmware: Firmware
    receiver: Receiver
    flash: dict[str, str] = field(default_factory=dict)  # what survives all but a fresh boot
    starts: int = 0
    deeds: list[str] = field(default_factory=list)
    on: bool = False
    pid: int | None = None
    command: tuple[str, ...] = ("script",)

    def say(self, text: str) -> None:
        self.receiver.feed(text.encode())

    def soon(self, deed: Callable[[], None], seconds: float = 0.0) -> None:
        """Do something later, unless the device is off or has started anew by then."""
        start = self.starts

        def act() -> None:
            if self.on and self.starts == start:
                deed()

        asyncio.get_running_loop().call_later(seconds, act)

    def start(self) -> None:
        self.on = True
        self.starts += 1
        self.soon(lambda: self.firmware(self, ""))

    def end(self, detail: str) -> None:
        self.on = False
        self.receiver.ended(Exit(code=3, detail=detail))

    async def send(self, data: bytes) -> None:
        if not self.on:
            raise MachineError("nothing can be sent, the device is gone")
        for line in data.decode().removesuffix("\n").split("\n"):
            self.firmware(self, line)

    async def reset(self) -> None:
        self.deeds.append("reset")
        self.start()

    async def power_off(self, *, cut: bool) -> None:
        self.deeds.append("cut" if cut else "off")
        self.on = False

    async def power_on(self) -> None:
        self.deeds.append("on")
        self.start()


@dataclass(slots=True)
class ScriptedKind:
    """The machine kind `script`; `machines` are those that it booted."""

    firmware: Firmware
    machines: list[ScriptedMachine] = field(default_factory=list)
    name: str = "script"
    Options: type = ScriptedOptions
    targets: tuple[str, ...] = ()

    def describe(self, request: BootRequest) -> str:
        return "script"

    def check(self, request: BootRequest) -> None:
        pass

    @asynccontextmanager
    async def boot(self, request: BootRequest, receiver: Receiver) -> AsyncIterator[Machine]:
        machine = ScriptedMachine(self.firmware, receiver)
        self.machines.append(machine)
        machine.start()
        try:
            yield machine
        finally:
            machine.on = False
