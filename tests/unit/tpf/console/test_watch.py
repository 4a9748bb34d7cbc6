"""A panic ends what a case is doing at once, and its text is whole in the message."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.fakes.device import FakeDevice
from tpf.console import DEFAULT_GUARDS, Hit, Wanted, fail_on
from tpf.errors import DeviceFailure
from tpf.result import FailureKind

PANIC = "Guru Meditation Error: Core  0 panic'ed (Store access fault). Exception was unhandled."
RESET = "rst:0xc (RTC_SW_CPU_RST),boot:0x8 (SPI_FAST_FLASH_BOOT)\n"


def on_device(work: Callable[[FakeDevice], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(30):
            await work(FakeDevice(guards=(*DEFAULT_GUARDS, fail_on("out of memory"))))

    asyncio.run(main())


async def for_ever() -> None:
    await asyncio.get_running_loop().create_future()


async def guarded(device: FakeDevice, *events: Callable[[], object]) -> None:
    """Wait for ever under guard, while these things happen."""
    async with device.console.watch.guarded():
        for event in events:
            asyncio.get_running_loop().call_soon(event)
        await for_ever()


def test_a_panic_cancels_the_body_and_its_text_is_whole() -> None:
    async def work(device: FakeDevice) -> None:
        device.say("I (3) app: hello\n")
        with pytest.raises(DeviceFailure) as caught:
            await guarded(
                device,
                lambda: device.say(f"> crash\n{PANIC}\n\n"),
                lambda: device.say("MEPC    : 0x42005a1e\n"),
                lambda: device.say("Rebooting...\nESP-ROM:esp32c3\n"),
            )
        assert caught.value.kind is FailureKind.PANIC
        assert str(caught.value).splitlines() == [
            f"panic: {PANIC}",
            "console:",
            "      1 | I (3) app: hello",
            "      2 | > crash",
            f"      3 | {PANIC}",
            "      4 |",
            "      5 | MEPC    : 0x42005a1e",
            "      6 | Rebooting...",
        ]

    on_device(work)


def test_a_panic_that_does_not_reboot_is_told_after_a_moment_of_quiet() -> None:
    async def work(device: FakeDevice) -> None:
        with pytest.raises(DeviceFailure, match="Task watchdog"):
            await guarded(device, lambda: device.say("E (5) task_wdt: Task watchdog got triggered.\n"))

    on_device(work)


def test_the_end_of_the_device_ends_a_panics_text() -> None:
    async def work(device: FakeDevice) -> None:
        with pytest.raises(DeviceFailure, match="abort"):
            await guarded(device, lambda: device.say("abort() was called at PC 0x1 on core 0\n"), device.end)

    on_device(work)


def test_a_device_that_never_stops_talking_does_not_stop_the_verdict() -> None:
    async def work(device: FakeDevice) -> None:
        async def talk() -> None:
            while True:
                device.say("still here\n")
                await asyncio.sleep(0.001)

        device.say(f"{PANIC}\n")
        talking = asyncio.create_task(talk())
        with pytest.raises(DeviceFailure) as caught:
            await guarded(device)
        talking.cancel()
        assert len(str(caught.value).splitlines()) < 200

    on_device(work)


def test_a_trip_from_before_raises_at_once() -> None:
    async def work(device: FakeDevice) -> None:
        device.say("E app: out of memory\n")
        with pytest.raises(DeviceFailure, match=r"^forbidden output: .* matches fail-on"):
            async with device.console.watch.guarded():
                pytest.fail("the body must not run")

    on_device(work)


def test_a_trip_in_the_last_moment_of_the_body_counts() -> None:
    async def work(device: FakeDevice) -> None:
        with pytest.raises(DeviceFailure, match="out of memory"):
            async with device.console.watch.guarded():
                device.say("E app: out of memory\n")
        assert asyncio.current_task() is not None
        await asyncio.sleep(0)  # no cancellation is left over

    on_device(work)


def test_a_cancellation_from_outside_stays_one() -> None:
    async def work(device: FakeDevice) -> None:
        async def body() -> None:
            async with device.console.watch.guarded():
                await for_ever()

        task = asyncio.create_task(body())
        await asyncio.sleep(0)
        device.say("E app: out of memory\n")
        task.cancel()
        await asyncio.wait((task,))
        assert task.cancelled()

    on_device(work)


def test_a_failure_of_the_body_is_kept() -> None:
    async def work(device: FakeDevice) -> None:
        with pytest.raises(ZeroDivisionError):
            async with device.console.watch.guarded():
                raise ZeroDivisionError

    on_device(work)


def test_two_devices_can_be_guarded_at_once() -> None:
    async def work(device: FakeDevice) -> None:
        other = FakeDevice()
        with pytest.raises(DeviceFailure, match="out of memory"):
            async with other.console.watch.guarded():
                await guarded(device, lambda: device.say("out of memory\n"))

    on_device(work)


# ---- resets


@pytest.mark.parametrize(
    "story, trips",
    [
        ([RESET], False),  # the boot itself
        ([RESET] * 3, False),
        ([RESET] * 4, True),
        ([RESET, "wanted", RESET, "wanted", RESET, RESET, RESET], False),
        ([RESET, RESET, RESET, "rearm", RESET, RESET], False),
        ([RESET, RESET, RESET, "rearm", RESET, RESET, RESET], True),
        ([RESET * 3, "boot", RESET * 3], False),
    ],
)
def test_three_resets_that_nobody_asked_for_are_a_loop(story: list[str], trips: bool) -> None:
    device = FakeDevice()
    deeds = {"wanted": device.console.resetting, "rearm": device.console.watch.rearm, "boot": device.console.booted}
    for event in story:
        deeds.get(event, lambda said=event: device.say(said))()
    trip = device.console.watch.trip
    assert (trip is not None) == trips
    if trip is not None:
        assert trip.kind is FailureKind.REBOOT_LOOP
        assert trip.headline.startswith("reboot loop: the device has reset 3 times and nothing asked it to")


# ---- arming


def test_the_first_hit_counts_and_subscribers_hear_of_it_once() -> None:
    device = FakeDevice()
    heard: list[Hit] = []
    unsubscribe = device.console.watch.on_trip(heard.append)
    device.say(f"{PANIC}\nabort() was called at PC 0x1\n{PANIC}\n")
    assert [hit.number for hit in heard] == [1]
    unsubscribe()
    device.console.watch.rearm()
    device.say(f"{PANIC}\n")
    assert len(heard) == 1


# ---- forbidden by a step


@pytest.mark.parametrize(
    "said, headline",
    [
        ("retr", None),
        ("retrying in 3 s", 'forbidden output: "retrying" came; the device said "retrying in 3 s"'),
    ],
)
def test_forbidden_text_trips(said: str, headline: str | None) -> None:
    device = FakeDevice()
    device.console.forbid(Wanted(text="retrying"))
    device.say("fine\n")
    device.say(said)
    trip = device.console.watch.trip
    assert (trip.headline if trip else None) == headline
    if trip is not None:
        lines = str(device.console.watch.failure()).splitlines()[1:]
        assert lines == ["console:", "      1 | fine", "      2 | retrying in 3 s"]


def test_forbidden_from_the_cursor_on_until_the_case_is_over() -> None:
    async def work(device: FakeDevice) -> None:
        device.say("bad\ngood\n")
        await device.console.expect(Wanted(text="good"))
        device.console.forbid(Wanted(text="bad"))
        assert device.console.watch.trip is None
        device.console.next_case()
        device.say("bad\n")
        assert device.console.watch.trip is None

    on_device(work)


def test_what_came_since_the_last_match_is_forbidden_too() -> None:
    device = FakeDevice()
    device.say("bad\n")
    device.console.forbid(Wanted(line="bad"))
    assert device.console.watch.trip is not None
    assert str(device.console.watch.failure()).splitlines()[1:] == ["console:", "      1 | bad"]


def test_a_forbidden_text_is_found_over_a_match_that_moves_on() -> None:
    async def work(device: FakeDevice) -> None:
        device.console.forbid(Wanted(text="one\ntwo\nthree"))
        device.say("one\ntwo\n")
        await device.console.expect(Wanted(text="two"))
        device.say("three")
        assert device.console.watch.trip is not None

    on_device(work)


# ---- panics that a later step asks for


def tripped(device: FakeDevice) -> str | None:
    trip = device.console.watch.trip
    return trip.headline if trip is not None else None


def test_what_waits_trips_when_nothing_asks_for_it_any_more() -> None:
    device = FakeDevice()
    watch = device.console.watch
    watch.defer(FailureKind.PANIC)
    device.say(f"{PANIC}\nRebooting...\n")
    assert tripped(device) is None
    watch.defer()
    assert tripped(device) == f"panic: {PANIC}"


def test_one_panic_may_be_told_in_several_ways() -> None:
    device = FakeDevice()
    deferred = device.console.watch.deferred
    device.console.watch.defer(FailureKind.PANIC)
    heap = "CORRUPT HEAP: Bad head\nassert failed: multi_heap_free heap.c:1 (head)\nRebooting...\n"
    device.say(heap)
    device.say(heap)
    first, second = deferred.pop(), deferred.pop()
    assert first is not None
    assert second is not None
    assert (first.hit.number, second.hit.number, deferred.pop()) == (1, 4, None)


def test_a_wait_that_was_met_before_the_panic_is_met() -> None:
    async def work(device: FakeDevice) -> None:
        device.console.watch.defer(FailureKind.PANIC)
        device.say(f"going down\n{PANIC}\nRebooting...\nready\n")
        async with device.console.watch.guarded():
            await device.console.expect(Wanted(text="going down"))
            assert device.console.watch.trip is None
        with pytest.raises(DeviceFailure, match=r'came too early: "ready" came after it'):
            await device.console.expect(Wanted(text="ready"))

    on_device(work)


def test_a_wait_that_is_not_met_is_cancelled() -> None:
    async def work(device: FakeDevice) -> None:
        device.console.watch.defer(FailureKind.PANIC)

        async def waits() -> None:
            async with device.console.watch.guarded():
                asyncio.get_running_loop().call_soon(lambda: device.say(f"{PANIC}\nRebooting...\n"))
                await device.console.expect(Wanted(text="ready"))

        with pytest.raises(DeviceFailure, match="a later step expects a panic, but this one came too early"):
            await waits()

    on_device(work)


def test_a_new_case_forgets_what_was_told_and_keeps_what_was_not() -> None:
    device = FakeDevice()
    watch = device.console.watch
    device.say(f"{PANIC}\n")
    device.console.next_case()
    assert tripped(device) is not None
    assert watch.failure() is not None
    device.console.next_case()
    assert tripped(device) is None
    device.say(f"{PANIC}\n")
    device.console.booted()
    assert tripped(device) is None
