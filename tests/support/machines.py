"""For tests of machines: somebody who listens to a device, and requests to boot one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tpf.machines import KINDS
from tpf.machines.base import BootRequest, BuildFacts, Exit, Firmware
from tpf.machines.cables import LinkEnd
from tpf.process import Processes
from tpf.result import Source
from tpf.scenario.model import Forward, MachineSpec, Storage

DEADLINE = 60.0  # seconds; far more than a device needs on a busy machine


class Ear:
    """Hears what a device says."""

    def __init__(self) -> None:
        self.heard = bytearray()
        self.exit: Exit | None = None
        self._news = asyncio.Event()

    def feed(self, data: bytes) -> None:
        assert self.exit is None, "output after the end"
        self.heard += data
        self._news.set()

    def ended(self, exit_: Exit) -> None:
        assert self.exit is None, "two ends"
        self.exit = exit_
        self._news.set()

    async def until(self, text: bytes) -> bytes:
        """Everything up to and with a text; what comes after is for the next time."""
        async with asyncio.timeout(DEADLINE):
            while text not in self.heard:
                assert self.exit is None, f"{self.exit} before {text!r}, after {bytes(self.heard[-500:])!r}"
                self._news.clear()
                await self._news.wait()
        before, found, rest = self.heard.partition(text)
        self.heard = bytearray(rest)
        return bytes(before + found)

    async def end(self) -> Exit:
        async with asyncio.timeout(DEADLINE):
            while self.exit is None:
                self._news.clear()
                await self._news.wait()
        return self.exit


def request(
    processes: Processes | None = None,
    *,
    kind: str = "qemu",
    target: str = "",
    image: Path | None = None,
    elf: Path | None = None,
    folder: Path = Path("/run/boot-1"),
    checkout: Path = Path("/scenarios"),
    forwards: tuple[Forward, ...] = (),
    links: tuple[LinkEnd, ...] = (),
    efuse: str = "",
    storage: tuple[Storage, ...] = (),
    build: BuildFacts | None = None,
    **options: Any,
) -> BootRequest:
    return BootRequest(
        spec=MachineSpec(
            kind=kind,
            source=Source(file="boot.xml", line=4, column=3),
            options=KINDS[kind].Options(**options),
            forwards=forwards,
            efuse=efuse,
            storage=storage,
        ),
        target=target,
        firmware=Firmware(image=image, elf=elf, build=build),
        folder=folder,
        checkout=checkout,
        links=links,
        processes=processes or Processes({}),
    )
