"""Waits on a device whose time is its own: they end by its clock, however long or short that is on the host."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest

from tests.fakes.clockwork import Clockwork
from tpf.console import Console, Lines, Wanted
from tpf.device_time import limited
from tpf.errors import DeviceFailure
from tpf.machines.virtual_time import VirtualTime
from tpf.result import FailureKind

LONG = 600.0  # seconds
Story = Callable[[Console, Clockwork], Awaitable[None]]


def on_clockwork(timetable: Mapping[float, str | None], story: Story, silence: float | None = None) -> list[Lines]:
    """Let a story happen on a device with this timetable; the lines that it has said."""
    heard: list[Lines] = []

    async def main() -> None:
        console = Console(on_lines=heard.append, silence_limit=silence)
        machine = Clockwork(timetable, console)
        console.keep_time(VirtualTime(machine))
        async with asyncio.timeout(30):
            await story(console, machine)

    asyncio.run(main())
    return heard


def test_ten_minutes_go_by_at_once() -> None:
    async def story(console: Console, machine: Clockwork) -> None:
        (found,) = await console.expect(Wanted(text="done"), within=2 * LONG)
        assert found.line == "done"
        assert machine.device_time == pytest.approx(LONG)

    on_clockwork({LONG: "done\n"}, story)


def test_time_stands_still_unless_somebody_waits() -> None:
    async def story(console: Console, machine: Clockwork) -> None:
        await console.expect(Wanted(text="one"), within=5)
        before = machine.device_time
        await asyncio.sleep(0.05)
        assert machine.device_time == before == pytest.approx(1)
        await console.time.go_on(None, 0.5)
        assert machine.device_time == pytest.approx(1.5)

    on_clockwork({1: "one\n", 2: "two\n"}, story)


def test_a_wait_is_over_when_its_time_is() -> None:
    async def story(console: Console, machine: Clockwork) -> None:
        with pytest.raises(TimeoutError):
            await console.expect(Wanted(text="late"), within=60)
        assert machine.device_time == pytest.approx(60)
        with pytest.raises(DeviceFailure, match=r'expected "late" within 60s; the device said "early"'):
            console.overdue(Wanted(text="late"), within=60)

    on_clockwork({1: "early\n", 61: "late\n"}, story)


def test_text_that_is_there_needs_no_time() -> None:
    async def story(console: Console, machine: Clockwork) -> None:
        await console.expect(Wanted(text="one"), within=5)
        await console.expect(Wanted(text="two"), within=5)
        assert machine.device_time == pytest.approx(1)
        assert len(machine.runs) == 1

    on_clockwork({1: "one\ntwo\n"}, story)


def test_silence_is_measured_by_the_devices_clock() -> None:
    async def story(console: Console, machine: Clockwork) -> None:
        with pytest.raises(DeviceFailure) as caught:
            await console.expect(Wanted(text="done"), within=LONG)
        assert caught.value.kind is FailureKind.SILENCE
        assert machine.device_time == pytest.approx(305)

    on_clockwork({5: "hello\n"}, story, silence=300)


def test_an_open_line_counts_when_it_was_still_for_a_moment_of_the_devices() -> None:
    async def story(console: Console, machine: Clockwork) -> None:
        await console.expect(Wanted(line="demo> "), within=5)
        assert 1.05 <= machine.device_time < 1.08

    on_clockwork({1: "demo> "}, story)


def test_a_panic_is_told_to_its_end_before_the_step_fails() -> None:
    async def story(console: Console, machine: Clockwork) -> None:
        with pytest.raises(DeviceFailure) as caught:
            async with console.watch.guarded():
                await console.expect(Wanted(text="done"), within=60)
        assert "Backtrace: 0x1:0x2" in str(caught.value)
        assert machine.device_time < 2

    panic = "Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.\n"
    on_clockwork({1: panic, 1.2: "Backtrace: 0x1:0x2\n", 9: "later\n"}, story)


def test_a_device_that_ends_leaves_nobody_waiting() -> None:
    async def story(console: Console, machine: Clockwork) -> None:
        with pytest.raises(DeviceFailure) as caught:
            await console.expect(Wanted(text="done"), within=60)
        assert caught.value.kind is FailureKind.EXIT
        before = console.time.now()
        await console.time.go_on(None, 60)
        assert console.time.now() - before == pytest.approx(60)

        async def rounds() -> None:
            async with limited(console.time, 50):
                while True:
                    await console.time.go_on(None, 20)

        with pytest.raises(TimeoutError):
            await rounds()

    on_clockwork({1: None}, story)


def test_lines_that_came_at_one_tick_are_one_batch() -> None:
    async def story(console: Console, machine: Clockwork) -> None:
        await console.time.go_on(None, 3)

    assert [lines.texts for lines in on_clockwork({1: "a\nb\n", 2: "c\n"}, story)] == [["a", "b"], ["c"]]


def test_callbacks_come_in_the_order_of_their_times_unless_cancelled() -> None:
    called: list[str] = []

    async def story(console: Console, machine: Clockwork) -> None:
        console.time.call_later(2, lambda: called.append("second"))
        console.time.call_later(1, lambda: called.append("first"))
        console.time.call_later(1.5, lambda: called.append("cancelled")).cancel()
        await console.time.go_on(None, 1.9)
        assert called == ["first"]
        await console.time.go_on(None, 0.2)

    on_clockwork({}, story)
    assert called == ["first", "second"]


def test_a_limit_runs_out_at_its_tick_and_time_stands_still_there() -> None:
    async def story(console: Console, machine: Clockwork) -> None:
        with pytest.raises(TimeoutError):
            async with limited(console.time, 60):
                await console.expect(Wanted(text="done"))
        assert machine.device_time == pytest.approx(60)
        with pytest.raises(TimeoutError):
            async with limited(console.time, 5):
                await console.time.go_on(None, LONG)
        assert machine.device_time == pytest.approx(65)
        async with limited(console.time, 5):
            await console.time.go_on(None, 4.9)
        await console.time.go_on(None, 1)
        assert machine.device_time == pytest.approx(70.9)

    on_clockwork({}, story)


def test_time_stands_still_from_the_tick_at_which_a_guard_trips() -> None:
    async def story(console: Console, machine: Clockwork) -> None:
        console.forbid(Wanted(text="bad"))
        with pytest.raises(DeviceFailure):
            async with console.watch.guarded():
                await console.time.go_on(None, 60)
        assert machine.device_time == pytest.approx(1)

    on_clockwork({1: "bad\n"}, story)


def test_a_wait_asks_for_no_tick_more_than_it_lasts() -> None:
    """Sums of times such as 0.28 + 0.1 are not the tick that they mean, but a little more or less."""

    async def story(console: Console, machine: Clockwork) -> None:
        for number in range(1, 200):
            with pytest.raises(TimeoutError):
                await console.expect(Wanted(text="never"), within=0.1)
            assert machine.device_time == pytest.approx(number / 10)
        assert len(machine.runs) == 199

    on_clockwork({}, story)


def test_time_flows_beside_the_hosts_for_who_speaks_to_the_device_by_another_road() -> None:
    async def story(console: Console, machine: Clockwork) -> None:
        loop = asyncio.get_running_loop()
        began, heard = loop.time(), asyncio.Event()
        console.time.call_later(0.2, heard.set)
        async with console.time.flowing():
            await heard.wait()
            assert 0.2 <= machine.device_time <= loop.time() - began + 0.05
        stopped = machine.device_time
        await asyncio.sleep(0.05)
        assert machine.device_time == stopped

    on_clockwork({}, story)


def test_time_goes_on_from_boot_to_boot() -> None:
    async def main() -> None:
        first = VirtualTime(Clockwork({}, Console(on_lines=lambda lines: None)))
        await first.go_on(None, 5)
        second = VirtualTime(Clockwork({}, Console(on_lines=lambda lines: None)), first.now())
        await second.go_on(None, 2)
        assert second.now() == pytest.approx(7)

    asyncio.run(main())
