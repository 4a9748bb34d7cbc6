"""Waiting for a device's text: nothing lost, nothing late, and messages that say it all."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest

from tests.fakes.device import FakeDevice
from tpf.console import Found, Wanted
from tpf.console.window import LARGEST
from tpf.errors import DeviceFailure, StepError
from tpf.result import FailureKind

PONG = Wanted(text="pong")


def on_device(work: Callable[[FakeDevice], Awaitable[None]], **arguments: float) -> None:
    async def main() -> None:
        async with asyncio.timeout(30):
            await work(FakeDevice(silence=arguments.get("silence")))

    asyncio.run(main())


async def later(*calls: Callable[[], object]) -> None:
    """Let what waits begin to wait, then do these one after another."""
    for call in calls:
        await asyncio.sleep(0)
        call()


def test_text_that_came_before_the_wait_counts_once() -> None:
    async def work(device: FakeDevice) -> None:
        device.say("pong 1\npong 2\n")
        first = await device.console.expect(PONG)
        second = await device.console.expect(PONG)
        assert [one.line for one in (*first, *second)] == ["pong 1", "pong 2"]
        with pytest.raises(DeviceFailure, match="the device said"):
            device.console.overdue(PONG, within=1)

    on_device(work)


def test_a_wait_is_met_the_moment_the_last_byte_comes() -> None:
    async def work(device: FakeDevice) -> None:
        waiting = asyncio.create_task(device.console.expect(PONG))
        await later(lambda: device.say("po"), lambda: device.say("ng"))
        (found,) = await waiting
        assert (found.text, found.line, found.number) == ("pong", "pong", 1)

    on_device(work)


def test_a_prompt_counts_for_a_regular_expression_once_it_is_quiet() -> None:
    async def work(device: FakeDevice) -> None:
        waiting = asyncio.create_task(device.console.expect(Wanted(pattern=re.compile(r"(\w+)> $"))))
        await later(lambda: device.say("esp"), lambda: device.say("32> "))
        (found,) = await waiting
        assert found.groups == ("esp32",)
        device.say("ping\n")
        assert (await device.console.expect(Wanted(text="ping")))[0].line == "esp32> ping"

    on_device(work)


def test_all_in_any_order_and_the_cursor_is_behind_the_furthest() -> None:
    async def work(device: FakeDevice) -> None:
        device.say("b\nx\na\nb again\n")
        found = await device.console.expect(Wanted(text="a"), Wanted(text="b"))
        assert [(one.text, one.number) for one in found] == [("a", 3), ("b", 1)]
        assert (await device.console.expect(Wanted(text="b")))[0].line == "b again"

    on_device(work)


def test_the_first_of_several() -> None:
    async def work(device: FakeDevice) -> None:
        device.say("connecting\nfailed\nconnected\n")
        wanted = (Wanted(text="connected"), Wanted(line="failed"))
        (found,) = await device.console.expect(*wanted, any_of=True)
        assert found.wanted is wanted[1]
        assert (await device.console.expect(wanted[0]))[0].number == 3

    on_device(work)


def test_waits_side_by_side_take_nothing_from_each_other() -> None:
    async def work(device: FakeDevice) -> None:
        waits = [asyncio.create_task(device.console.expect(Wanted(text=text))) for text in ("two", "one")]
        await later(lambda: device.say("one\n"), lambda: device.say("two\n"))
        assert [found.number for (found,) in await asyncio.gather(*waits)] == [2, 1]

    on_device(work)


def test_a_cancelled_wait_leaves_the_cursor_where_it_was() -> None:
    async def work(device: FakeDevice) -> None:
        waiting = asyncio.create_task(device.console.expect(PONG))

        def say_and_cancel() -> None:
            device.say("pong\n")
            waiting.cancel()

        await later(say_and_cancel)
        await asyncio.wait((waiting,))
        assert device.console.overdue(PONG, within=1)[0].number == 1

    on_device(work)


def test_numbers_go_on_over_boots_but_text_does_not() -> None:
    async def work(device: FakeDevice) -> None:
        device.say("pong\nopen line")
        device.console.booted()
        device.say("boot\npong\n")
        assert (await device.console.expect(PONG))[0].number == 4
        assert [batch.first for batch in device.batches] == [1, 2, 3]
        assert device.lines == ["pong", "open line", "boot", "pong"]
        assert device.console.recent.last == 4

    on_device(work)


def test_lines_for_the_log_keep_their_colours_and_matching_does_not_see_them() -> None:
    async def work(device: FakeDevice) -> None:
        device.say("\x1b[0;32mI (3) wifi: \x1b[1mconnected\x1b[0m\r\n")
        assert (await device.console.expect(Wanted(line="I (3) wifi: connected")))[0].number == 1
        assert device.lines == ["\x1b[0;32mI (3) wifi: \x1b[1mconnected\x1b[0m"]

    on_device(work)


def test_what_a_flood_left_unread_is_bounded_and_its_end_is_found() -> None:
    async def work(device: FakeDevice) -> None:
        for _ in range(LARGEST // 50_000):
            device.say(("x" * 99 + "\n") * 1000)
        device.say("the end\n")
        (found,) = await device.console.expect(Wanted(line="the end"))
        assert found.number == LARGEST // 50_000 * 1000 + 1
        device.say(("y" * 99 + "\n") * 100_000)
        with pytest.raises(DeviceFailure, match=r"older output, \d+ bytes, is no longer kept"):
            device.console.overdue(PONG, within=1)

    on_device(work)


# ---- ends


def test_the_end_of_the_device_ends_a_wait() -> None:
    async def work(device: FakeDevice) -> None:
        waiting = asyncio.create_task(device.console.expect(PONG))
        await later(lambda: device.say("bye"), device.end)
        with pytest.raises(DeviceFailure) as caught:
            await waiting
        assert caught.value.kind is FailureKind.EXIT
        assert str(caught.value).splitlines() == [
            'expected "pong"; the device ended: exit status 3',
            "console before:",
            "      1 | bye",
        ]

    on_device(work)


def test_what_the_device_said_last_still_counts() -> None:
    async def work(device: FakeDevice) -> None:
        waiting = asyncio.create_task(device.console.expect(Wanted(line="pong")))
        await later(lambda: device.say("pong"), device.end)
        assert len(await waiting) == 1
        with pytest.raises(DeviceFailure, match="the device ended"):
            await device.console.expect(PONG)

    on_device(work)


def test_a_reset_brings_an_ended_device_back() -> None:
    async def work(device: FakeDevice) -> None:
        device.end()
        device.console.resetting()
        device.say("pong\n")
        assert len(await device.console.expect(PONG)) == 1

    on_device(work)


def test_silence_ends_a_wait_but_not_before_the_limit() -> None:
    async def work(device: FakeDevice) -> None:
        device.say("last words\n")
        waiting = asyncio.create_task(device.console.expect(PONG))
        for _ in range(4):
            await asyncio.sleep(0.05)
            device.say(".")
        assert not waiting.done()
        with pytest.raises(DeviceFailure) as caught:
            await waiting
        assert caught.value.kind is FailureKind.SILENCE
        headline = 'expected "pong"; the device said nothing for 150ms, which is the silence limit'
        assert str(caught.value).startswith(f"{headline}\nconsole before:\n      1 | last words")

    on_device(work, silence=0.15)


def test_a_regular_expression_that_never_ends_is_the_steps_trouble() -> None:
    async def work(device: FakeDevice) -> None:
        waiting = asyncio.create_task(device.console.expect(Wanted(pattern=re.compile("(a|aa)+$"))))
        await later(lambda: device.say("a" * 80 + "b\n"))
        with pytest.raises(StepError, match="took more than"):
            await waiting

    on_device(work)


# ---- messages


def overdue(said: str, *wanted: Wanted, any_of: bool = False) -> list[str]:
    """The lines of the message for a wait that ran out of time."""
    device = FakeDevice()
    device.say(said)
    with pytest.raises(DeviceFailure) as caught:
        device.console.overdue(*wanted, any_of=any_of, within=1)
    assert caught.value.kind is FailureKind.TIMEOUT
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    "said, wanted, headline",
    [
        ("", PONG, 'expected "pong" within 1s; the device said nothing'),
        ("\n\n", PONG, 'expected "pong" within 1s; the device said nothing'),
        ("pnog\n", PONG, 'expected "pong" within 1s; nearest line: "pnog"'),
        ("a\nI (3) app: Pong\nb", PONG, 'expected "pong" within 1s; nearest line: "I (3) app: Pong"'),
        ("hello\n", PONG, 'expected "pong" within 1s; the device said "hello"'),
        ("hello\nworld\n", PONG, 'expected "pong" within 1s; none of the 2 lines that came is like it'),
        (
            "pong\n",
            Wanted(text="pong", count=3),
            'expected "pong" 3 times within 1s; it came once; nearest line: "pong"',
        ),
        ("pong \n", Wanted(line="pong"), 'expected the line "pong" within 1s; nearest line: "pong "'),
        (
            "fre: 12\n",
            Wanted(pattern=re.compile(r"free: (\d+)")),
            'expected match of "free: (\\\\d+)" within 1s; nearest line: "fre: 12"',
        ),
    ],
)
def test_the_headline_says_it_all(said: str, wanted: Wanted, headline: str) -> None:
    assert overdue(said, wanted)[0] == headline


def test_what_is_missing_of_several() -> None:
    wanted = (Wanted(text="alpha"), Wanted(text="beta"), Wanted(text="gamma"))
    headline = 'expected "alpha" and "beta" and "gamma" within 1s; missing: "beta" and "gamma"; nearest line: "gama"'
    assert overdue("alpha\ngama\n", *wanted)[0] == headline
    assert overdue("x\n", *wanted, any_of=True)[0].startswith('expected "alpha" or "beta" or "gamma" within 1s;')


def test_the_console_that_was_searched_follows() -> None:
    said = "".join(f"line {number}\n" for number in range(1, 201))
    lines = overdue(said + "> ", PONG)[1:]
    assert lines[0] == "console since the last match:"
    assert lines[1] == "      1 | line 1"
    assert lines[-1] == "    201 | >"
    assert "        … 141 lines left out" in lines
    assert len(lines) == 62


def test_after_a_match_the_message_begins_with_the_line_that_matched() -> None:
    async def work(device: FakeDevice) -> None:
        device.say("boot\n> ping\npnog\n")
        await device.console.expect(Wanted(text="> "))
        with pytest.raises(DeviceFailure) as caught:
            device.console.overdue(PONG, within=1)
        assert str(caught.value).splitlines()[1:] == [
            "console since the last match:",
            "      2 | > ping",
            "      3 | pnog",
        ]

    on_device(work)


def test_hostile_lines_stay_short_in_messages() -> None:
    lines = overdue("pon" * 30_000 + "\n" + '"\\' * 200 + "\n", PONG)
    assert all(len(line) < 600 for line in lines)


def test_found_has_what_a_step_needs() -> None:
    device = FakeDevice()
    device.say("a free: 42 b\n")
    (found,) = device.console.overdue(Wanted(pattern=re.compile(r"free: (\d+)")), within=1)
    assert found == Found(
        wanted=found.wanted, text="free: 42", groups=("42",), line="a free: 42 b", number=1, end=10, decided=13
    )


# ---- lines of ours


def test_marks_are_numbered_and_logged_and_nobody_finds_them() -> None:
    async def work(device: FakeDevice) -> None:
        device.console.forbid(Wanted(text="boot"))
        device.say("ready\n> ")
        device.console.flush("-- boot 2")
        device.say("hello\n")
        (found,) = await device.console.expect(Wanted(text="hello"))
        assert device.lines[found.number - 1] == "hello"
        assert device.lines == ["ready", "> ", "-- boot 2", "hello"]
        assert device.console.watch.trip is None

    on_device(work)


# ---- looking out for a text while others wait


def test_a_text_is_seen_though_another_wait_has_used_it_up() -> None:
    async def work(device: FakeDevice) -> None:
        device.say("ready\n")
        with device.console.sightings.of(Wanted(pattern=re.compile("read(y|ily)"))) as sighting:
            assert sighting.seen() is None
            device.say("readily\nand more\n" * 100)
            await device.console.expect(Wanted(text="and more", count=100))
            found = sighting.seen()
            assert found is not None
            assert found.number == 2

    on_device(work)
