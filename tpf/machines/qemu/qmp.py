"""QEMU's control channel, by `qemu.qmp` over our end of a socketpair; connected at the first use.

Importing this costs `qemu.qmp`: only those who need control do.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from qemu.qmp import EventListener, QMPClient, QMPError

from tpf.errors import MachineError

_LIMIT: Final = 10.0  # seconds for any answer: an emulator that takes longer hangs, or its host does
_SCREEN_HINTS: Final = {
    "no console": (
        '; the board has no display: give it one, as with <machine args="-device virtio-gpu-device"/> on a virt board; '
        "ESP32s have one in newer versions of Espressif's QEMU alone (its component esp_lcd_qemu_rgb draws on it)"
    ),
    "'format'": "; pictures in PNG need QEMU 7.1 or newer",
}
_EXPECTED: Final = (QMPError, EOFError, OSError, TimeoutError)


class Qmp:
    """Control of one emulator; owns the socket."""

    def __init__(self, ours: socket.socket) -> None:
        self._socket = ours
        self._client = QMPClient()
        # a logger of nobody: what goes wrong is raised, and needn't be logged, too
        self._client.logger = logging.Logger("qmp", logging.CRITICAL + 1)  # noqa: LOG001
        self._connected = False
        self._listening: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def execute(
        self, command: str, arguments: Mapping[str, object] | None = None, *, out_of_band: bool = False
    ) -> object:
        """Raises MachineError when the emulator refuses, is gone, or takes too long.

        A few commands can be had out of band: they are answered also while the emulator is stuck in something else.
        """
        async with self._control(command) as client:
            return await client.execute(command, arguments, oob=out_of_band)

    async def listen(self, event: str, on_event: Callable[[Mapping[str, object]], None]) -> None:
        """From now on, call back at each such event with its data."""
        async with self._control(f"events {event}") as client:
            listener = EventListener(event)
            client.register_listener(listener)
        self._listening = asyncio.create_task(_tell(listener, on_event))

    async def ask_human_monitor(self, command: str) -> str:
        """What QEMU's monitor for people answers: some things only it knows."""
        return str(await self.execute("human-monitor-command", {"command-line": command}))

    async def reset(self) -> None:
        """Press the reset button; returns when the board has been reset."""
        async with self._control("system_reset") as client:
            with client.listener("RESET") as resets:
                await client.execute("system_reset")
                await resets.get()

    async def screenshot(self, path: Path) -> None:
        """What the first display shows, as PNG: QEMU writes such from 7.1 on."""
        try:
            await self.execute("screendump", {"filename": str(path), "format": "png"})
        except MachineError as error:
            hint = next((hint for words, hint in _SCREEN_HINTS.items() if words in str(error)), "")
            raise MachineError(f"{error}{hint}") from error

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
        if self._connected:
            with suppress(*_EXPECTED):
                async with asyncio.timeout(_LIMIT):
                    await self._client.disconnect()
        self._socket.close()

    @asynccontextmanager
    async def _control(self, command: str) -> AsyncIterator[QMPClient]:
        try:
            async with asyncio.timeout(_LIMIT):
                await self._connect()
                yield self._client
        except _EXPECTED as error:
            reason = f"no answer in {_LIMIT:g}s" if isinstance(error, TimeoutError) else str(error) or repr(error)
            raise MachineError(f"QEMU did not do {command}: {reason}") from error

    async def _connect(self) -> None:
        async with self._lock:
            if not self._connected:
                await self._client.connect(self._socket)
                self._connected = True


async def _tell(listener: EventListener, on_event: Callable[[Mapping[str, object]], None]) -> None:
    async for message in listener:
        data = message.get("data")
        on_event(data if isinstance(data, Mapping) else {})
