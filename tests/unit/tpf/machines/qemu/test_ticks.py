"""The clock of an emulator that ticks into pipes: what it is told and what holds it up, with a hand-made emulator."""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import Awaitable, Callable

import pytest

from tests.support.golden import Golden
from tpf.errors import MachineError
from tpf.machines.qemu.count import Count
from tpf.machines.qemu.ticks import Ticks, ticks_argv

PAGE = os.sysconf("SC_PAGE_SIZE")
BOOT = 1_800_000_000  # seconds since the epoch, by the clock on the emulator's board


class HandMade:
    """QEMU's side: it writes what filter-dump writes, where QEMU would block it says so."""

    def __init__(self, ticks: Ticks) -> None:
        self.told, self.gate = (os.dup(descriptor) for descriptor in ticks.descriptors[:2])
        os.write(self.told, b"\0" * 24)
        os.write(self.gate, b"\0" * 24)
        ticks.give_away()
        ticks.shut_gate()

    def tick(self, microseconds: int) -> None:
        seconds, rest = divmod(microseconds, 1_000_000)
        os.write(self.told, struct.pack("=IIIIx", BOOT + seconds, rest, 1, PAGE - 16))

    def passes(self) -> bool:
        """Whether it may go on."""
        try:
            return os.write(self.gate, b"\0" * PAGE) == PAGE
        except BlockingIOError:
            return False

    def end(self) -> None:
        os.close(self.told)
        os.close(self.gate)


def on_ticks(story: Callable[[Ticks, HandMade], Awaitable[None]]) -> None:
    async def main() -> None:
        ticks = Ticks(10_000)
        try:
            async with asyncio.timeout(30):
                await story(ticks, HandMade(ticks))
        finally:
            ticks.close()

    asyncio.run(main())


def test_arguments(golden: Golden) -> None:
    argv = ticks_argv(20_000, told=11, gate=12, seed=13)
    golden.check("argv/ticks.txt", " ".join(argv).replace(" -", "\n-") + "\n")


def test_a_tick_tells_its_time_and_needs_a_grant() -> None:
    async def story(ticks: Ticks, qemu: HandMade) -> None:
        for number in range(1, 250):
            qemu.tick(10_000 * number)
            assert not qemu.passes()
            assert await ticks.next() == 10_000 * number
            ticks.grant()
            assert qemu.passes()
        qemu.end()

    on_ticks(story)


def test_a_grant_too_many_is_noticed() -> None:
    async def story(ticks: Ticks, qemu: HandMade) -> None:
        def grant_all() -> None:
            for _ in range(10_000):
                ticks.grant()

        with pytest.raises(MachineError, match="lost count"):
            grant_all()
        qemu.end()

    on_ticks(story)


def test_ticks_that_are_free_are_granted_and_heard_of_later() -> None:
    async def story(ticks: Ticks, qemu: HandMade) -> None:
        ticks.free = True
        qemu.tick(10_000)
        qemu.tick(20_000)
        assert ticks.last() == 20_000
        assert qemu.passes()
        assert qemu.passes()
        assert not qemu.passes()
        assert ticks.last() is None
        qemu.end()

    on_ticks(story)


def test_a_record_may_come_in_pieces() -> None:
    async def story(ticks: Ticks, qemu: HandMade) -> None:
        record = struct.pack("=IIIIx", BOOT, 10_000, 1, PAGE - 16)
        os.write(qemu.told, record[:5])
        ticks.collect()
        os.write(qemu.told, record[5:])
        assert await ticks.next() == 10_000
        qemu.end()

    on_ticks(story)


def test_an_emulator_that_is_gone_ticks_no_more() -> None:
    async def story(ticks: Ticks, qemu: HandMade) -> None:
        waiting = asyncio.create_task(ticks.next())
        assert not await ticks.over(0.01)
        qemu.end()
        assert await waiting is None
        assert await ticks.over(5)
        assert await ticks.next() is None

    on_ticks(story)


def test_an_emulator_that_does_nothing_is_not_waited_for_for_ever() -> None:
    async def main() -> None:
        ticks = Ticks(10_000, patience=0.01)
        qemu = HandMade(ticks)
        with pytest.raises(MachineError, match=r"stuck, .* longer than 0.01s for 10ms of the device's time"):
            await ticks.next()
        qemu.end()
        ticks.close()

    asyncio.run(main())


def test_who_waits_for_a_tick_can_be_woken() -> None:
    async def story(ticks: Ticks, qemu: HandMade) -> None:
        asyncio.get_running_loop().call_soon(ticks.wake)
        assert await ticks.next() is None
        qemu.end()

    on_ticks(story)


def test_the_count_goes_on_from_a_tick_after_a_restart() -> None:
    count = Count(10_000)
    count.heard(10_000)
    count.heard(20_000)
    count.restart(23_456)  # the board has stopped between two ticks
    assert count.now == 30_000
    count.heard(33_456)  # a tick later
    assert count.now == 40_000


@pytest.mark.parametrize("time", [20_001, 20_000, None], ids=["at late", "at early", "not told"])
def test_a_restart_right_behind_a_tick_takes_no_time(time: int | None) -> None:
    count = Count(10_000)
    count.heard(20_000)
    count.restart(time)
    assert count.now == 20_000
    count.heard((time or 20_001) + 10_000)
    assert count.now == 30_000


@pytest.mark.parametrize("heard", [(20_000,), (20_000, 30_000)], ids=["at once", "at the next tick"])
def test_a_restart_that_the_guest_asked_for_counts_alike_whenever_it_is_granted(heard: tuple[int, ...]) -> None:
    """The guest asks between two ticks; whether QEMU's clock jumps to the second one before that is up to the host."""
    count = Count(10_000)
    for time in heard:
        count.heard(time)
    stopped = 23_456 if len(heard) == 1 else 30_000
    count.restart(stopped)
    assert count.now == 30_000
    count.heard(stopped + 10_000)
    assert count.now == 40_000
