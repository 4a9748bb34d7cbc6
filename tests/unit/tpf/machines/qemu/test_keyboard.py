"""What is typed on a machine that stands still, with UARTs that take more or less of it at a time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import pytest

from tpf.machines.qemu.keyboard import Keyboard


class Uart:
    """Takes bytes out of a pipe as long as it has room, which the guest makes at each tick."""

    def __init__(self, room: int, *, deaf: bool = False) -> None:
        self._source, self._sink = os.pipe2(os.O_NONBLOCK)
        self._room = room
        self._free = 0 if deaf else room
        self._deaf = deaf
        self.heard: list[bytes] = [b""]  # by ticks
        self.at_tick: Callable[[], object] = lambda: None
        self.keyboard = Keyboard(os.dup(self._source), self._send, self._settle, self._tick)

    async def _send(self, data: bytes) -> None:
        os.write(self._sink, data)

    async def _settle(self) -> None:
        """As a QEMU that looks at its inputs, it takes a byte at a time."""
        if self._free:
            try:
                self.heard[-1] += os.read(self._source, 1)
            except BlockingIOError:
                return
            self._free -= 1

    async def _tick(self) -> None:
        self._free = 0 if self._deaf else self._room
        self.heard.append(b"")
        self.at_tick()
        await asyncio.sleep(0)

    def type(self, *texts: bytes) -> None:
        async def main() -> None:
            async with asyncio.timeout(30):
                for text in texts:
                    await self.keyboard.type(text)

        asyncio.run(main())

    def left(self) -> bytes:
        """What lies in the pipe."""
        try:
            return os.read(self._source, 1 << 16)
        except BlockingIOError:
            return b""


def test_a_uart_without_a_buffer_gets_a_byte_a_tick() -> None:
    uart = Uart(room=1)
    uart.type(b"ping\n")
    assert uart.heard == [b"p", b"i", b"n", b"g", b"\n"]


@pytest.mark.parametrize("room", [3, 16, 128])
def test_a_uart_with_a_buffer_gets_it_full_at_each_tick(room: int) -> None:
    text = bytes(range(256)) * 3
    uart = Uart(room=room)
    uart.type(text)
    assert b"".join(uart.heard) == text
    assert {len(piece) for piece in uart.heard[:-1]} == {room}
    assert uart.left() == b""


def test_nothing_is_left_for_a_moment_that_the_host_would_choose() -> None:
    uart = Uart(room=2)
    uart.type(b"abc")
    assert (uart.heard, uart.left()) == ([b"ab", b"c"], b"")
    uart.type(b"de")  # no tick in between: it has room for one
    assert (uart.heard, uart.left()) == ([b"ab", b"cd", b"e"], b"")


def test_a_device_that_is_deaf_is_given_up_by_who_waits() -> None:
    uart = Uart(room=1, deaf=True)

    async def main() -> None:
        task = asyncio.create_task(uart.keyboard.type(b"anybody?\n"))
        uart.at_tick = lambda: len(uart.heard) == 200 and task.cancel()
        await asyncio.wait((task,))
        assert task.cancelled()

    asyncio.run(main())
    assert uart.left() == b"", "what it has not taken was never typed"
