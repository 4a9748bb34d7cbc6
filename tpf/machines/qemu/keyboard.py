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
_DEAF: Final = 100  # ticks without a byte being taken, after which the rest is left to QEMU


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
        """Returns when the device has taken all, or takes nothing any more."""
        async with self._writing:
            room, refused = _MOST, 0
            while data and refused < _DEAF:
                offered = data[:room]
                taken = await self._offer(offered)
                room = room if taken == len(offered) else max(1, taken)
                refused = 0 if taken else refused + 1
                data = data[taken:]
                if data:
                    await self._tick()
            if data:
                await self._send(data)

    async def _offer(self, data: bytes) -> int:
        """How many bytes the UART has taken; the others are taken back."""
        left = self._waiting() + len(data)
        await self._send(data)
        while True:
            before, left = left, await self._settled()
            if left in (0, before):
                break
        return len(data) - len(os.read(self._typed, left) if left else b"")

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
