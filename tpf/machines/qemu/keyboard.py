"""Writes to the console of a machine that stands still: so much at a time as its UART takes.

What a UART has no room for, QEMU would bring it later, at a moment that depends on the host.
"""

from __future__ import annotations

import array
import asyncio
import fcntl
import os
import termios
from collections.abc import Awaitable, Callable
from typing import Final

_MOST: Final = 256  # bytes offered at once


class Keyboard:
    """The console's input; `typed` is a descriptor of the pipe's other end, which is ours from now on."""

    def __init__(
        self,
        typed: int,
        send: Callable[[bytes], Awaitable[None]],
        settle: Callable[[], Awaitable[object]],
        tick: Callable[[], Awaitable[None]],
    ) -> None:
        """`settle` returns when QEMU has looked at its inputs again, `tick` when the device's time has gone on."""
        self._typed = typed
        self._send = send
        self._settle = settle
        self._tick = tick
        self._writing = asyncio.Lock()

    async def type(self, data: bytes) -> None:
        """Returns when the device has taken all: who has no patience for one that takes nothing cancels it."""
        async with self._writing:
            room = _MOST
            while data:
                offered = data[:room]
                taken = await self._offer(offered)
                room = room if taken == len(offered) else max(1, taken)
                data = data[taken:]
                if data:
                    await self._tick()

    async def _offer(self, data: bytes) -> int:
        """How many bytes the UART has taken; the others are taken back, also when this is cancelled."""
        left = self._waiting() + len(data)
        try:
            await self._send(data)
            while True:
                before, left = left, await self._settled()
                if left in (0, before):
                    break
        finally:
            waiting = self._waiting()
            refused = os.read(self._typed, waiting) if waiting else b""
        return len(data) - len(refused)

    async def _settled(self) -> int:
        await self._settle()
        return self._waiting()

    def _waiting(self) -> int:
        """How many bytes lie in the pipe."""
        count = array.array("i", [0])
        fcntl.ioctl(self._typed, termios.FIONREAD, count)
        return count[0]

    def close(self) -> None:
        os.close(self._typed)
