"""UART0 on standard input and output: output of the guest, and what was typed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Final

_ROOM: Final = 4096


class Console:
    """QEMU's `stdio` backend. When standard input ends, the backend counts as closed and discards output."""

    def __init__(self, connected: bool) -> None:
        self._open = connected
        self._typed: asyncio.Queue[bytes] = asyncio.Queue()
        self._rest = b""

    def listen(self) -> None:
        """Begin to take what is typed; whether there is anybody is known when this returns."""
        if not self._open:
            return
        os.set_blocking(0, False)
        try:
            asyncio.get_running_loop().add_reader(0, self._take)
        except PermissionError:  # a file, or /dev/null: it can always be read
            self._take()
        else:
            self._take()

    def _take(self) -> None:
        try:
            data = os.read(0, _ROOM)
        except BlockingIOError:
            return
        if data:
            self._typed.put_nowait(data)
            return
        self._open = False
        asyncio.get_running_loop().remove_reader(0)

    def write(self, text: str) -> None:
        """Lines end in CRLF; blocks the whole emulator while nobody reads."""
        data = text.replace("\n", "\r\n").encode() if self._open else b""
        while data:
            try:
                data = data[os.write(1, data) :]
            except BlockingIOError:  # a terminal: input and output are one
                os.set_blocking(1, True)

    def forget(self) -> None:
        """What was typed and not read is gone with a reset."""
        self._rest = b""
        while not self._typed.empty():
            self._typed.get_nowait()

    async def line(self, echo: Callable[[str], None]) -> str:
        """The next line; characters are echoed as they come. CR, LF and CRLF end it."""
        found = bytearray()
        while True:
            byte = await self._byte()
            if byte in b"\r\n":
                if byte == b"\r" and self._rest[:1] == b"\n":
                    self._rest = self._rest[1:]
                echo("\n")
                return found.decode(errors="replace")
            found += byte
            echo(byte.decode(errors="replace"))

    async def _byte(self) -> bytes:
        while not self._rest:
            self._rest = await self._typed.get()
        byte, self._rest = self._rest[:1], self._rest[1:]
        return byte
