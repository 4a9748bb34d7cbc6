"""A channel carries every byte both ways, and never makes anybody wait for us."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import pytest

from tests.support.processes import soon
from tpf.processes.channel import Channel

EVERY_BYTE = bytes(range(256))
DEADLINE = 20.0


def pair(on_data: Callable[[bytes], object]) -> tuple[Channel, int, int]:
    """A channel, and the descriptors of the other side: to write to it, and to read from it."""
    source, its_sink = os.pipe()
    its_source, sink = os.pipe()
    return Channel(source=source, sink=sink, on_data=on_data), its_sink, its_source


def test_all_bytes_come_in_order_until_the_end() -> None:
    async def main() -> bytes:
        got = bytearray()
        channel, sink, source = pair(got.extend)
        async with channel:
            for start in range(0, 256, 7):
                os.write(sink, EVERY_BYTE[start : start + 7])
                await asyncio.sleep(0)
            os.close(sink)
            assert await channel.drained(DEADLINE)
        os.close(source)
        return bytes(got)

    assert asyncio.run(main()) == EVERY_BYTE


def test_bytes_that_come_one_by_one_are_taken_together() -> None:
    """An emulator writes a byte at a time: that must not be a call for each."""

    async def main() -> list[bytes]:
        pieces: list[bytes] = []
        channel, sink, source = pair(pieces.append)
        async with channel:
            for _ in range(2000):
                os.write(sink, b"x")
            os.close(sink)
            await channel.drained(DEADLINE)
        os.close(source)
        return pieces

    pieces = asyncio.run(main())
    assert sum(map(len, pieces)) == 2000
    assert len(pieces) < 20


def test_nobody_waits_for_ever_for_the_end() -> None:
    async def main() -> bool:
        channel, sink, source = pair(lambda _: None)
        async with channel:
            drained = await channel.drained(0.01)
        os.close(sink)
        os.close(source)
        return drained

    assert asyncio.run(main()) is False


def test_more_than_fits_into_the_pipe_is_sent_when_there_is_room() -> None:
    data = EVERY_BYTE * 4096  # 1 MiB

    async def main() -> bytes:
        got = bytearray()
        channel, its_sink, its_source = pair(lambda _: None)
        async with channel, Channel(source=its_source, on_data=got.extend) as other:
            await channel.send(data)
            channel.close()
            await other.drained(DEADLINE)
        os.close(its_sink)
        return bytes(got)

    assert asyncio.run(main()) == data


def test_two_senders_do_not_mix() -> None:
    async def main() -> bytes:
        got = bytearray()
        channel, its_sink, its_source = pair(lambda _: None)
        async with channel, Channel(source=its_source, on_data=got.extend) as other:
            await asyncio.gather(channel.send(b"a" * 300_000), channel.send(b"b" * 300_000))
            channel.close()
            await other.drained(DEADLINE)
        os.close(its_sink)
        return bytes(got)

    assert asyncio.run(main()) == b"a" * 300_000 + b"b" * 300_000


def test_sending_to_nobody_is_an_error() -> None:
    async def main() -> None:
        channel, its_sink, its_source = pair(lambda _: None)
        os.close(its_source)
        os.close(its_sink)
        async with channel:
            await channel.send(b"hello")

    with pytest.raises(BrokenPipeError):
        asyncio.run(main())


def test_closing_frees_a_sender_that_waits_for_room() -> None:
    async def main() -> None:
        channel, its_sink, its_source = pair(lambda _: None)
        sending = asyncio.ensure_future(channel.send(bytes(1 << 20)))
        await asyncio.sleep(0)
        channel.close()
        try:
            await asyncio.wait_for(sending, DEADLINE)
        finally:
            os.close(its_sink)
            os.close(its_source)

    with pytest.raises(BrokenPipeError):
        asyncio.run(main())


def test_a_pseudo_terminal_ends_when_its_last_program_does() -> None:
    async def main() -> bytes:
        got = bytearray()
        ours, theirs = os.openpty()
        async with Channel(source=ours, on_data=got.extend) as channel:
            os.write(theirs, b"bye")
            assert await soon(lambda: bool(got))
            os.close(theirs)
            assert await channel.drained(DEADLINE)
        return bytes(got)

    assert asyncio.run(main()) == b"bye"


def test_closing_twice_does_no_harm() -> None:
    async def main() -> None:
        channel, its_sink, its_source = pair(lambda _: None)
        channel.close()
        channel.close()
        os.close(its_sink)
        os.close(its_source)

    asyncio.run(main())
