"""The steps that talk to the console and listen to it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.fakes.device import FakeDevice
from tests.support.steps import Bench, bound, on_bench, problems, step
from tpf.errors import DeviceFailure, EnvironmentLacks, MachineError, StepError
from tpf.machines.base import Exit
from tpf.result import FailureKind

# ---- send


@pytest.mark.parametrize(
    "text, attributes, sent",
    [
        ("ping", {}, b"ping\n"),
        ("ping", {"end": "cr"}, b"ping\r"),
        ("ping", {"end": "crlf"}, b"ping\r\n"),
        ("ping", {"end": "none"}, b"ping"),
        ("", {}, b"\n"),
        (" blanks stay ", {}, b" blanks stay \n"),
        ("\n    one\n      two\n  ", {}, b"one\n  two\n"),
        ("grüße", {}, "grüße\n".encode()),
        ("", {"hex": "03"}, b"\x03"),
        ("", {"hex": "1b 5b 41", "end": "lf"}, b"\x1b[A\n"),
    ],
)
def test_what_send_sends(tmp_path: Path, text: str, attributes: dict[str, str], sent: bytes) -> None:
    async def work(bench: Bench) -> None:
        await bench.run(step("send", text, **attributes))
        assert bench.device.sent == [sent]

    on_bench(tmp_path, work)


def test_send_with_a_pace_sends_a_character_at_a_time(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        await bench.run(step("send", "aé", pace="1ms"))
        assert bench.device.sent == [b"a", "é".encode(), b"\n"]

    on_bench(tmp_path, work)


def test_send_waits_for_the_echo_of_this_time(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.device.say("ping\n")  # of an earlier time
        sending = asyncio.create_task(bench.run(step("send", "ping", echo="true")))
        await asyncio.sleep(0.01)
        assert not sending.done()
        bench.device.say("> ping\npong\n")
        await sending
        await bench.run(step("expect", "pong"))

    on_bench(tmp_path, work)


@pytest.mark.parametrize(
    "text, attributes, problem",
    [
        ("ping", {"hex": "03"}, "attribute hex: <send> sends text or bytes, not both"),
        ("", {"echo": "true"}, "attribute echo: there is no text that the device could echo"),
        ("", {"echo": "true", "hex": "03"}, "attribute echo: there is no text that the device could echo"),
    ],
)
def test_what_send_can_not_mean(text: str, attributes: dict[str, str], problem: str) -> None:
    assert problems(step("send", text, **attributes)) == [problem]


# ---- expect


def test_expect_saves_a_group_a_name(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.device.say("heap: 12 of 34\nup 5 s\n")
        await bench.run(
            step("expect", r"(\d+) of (\d+)", match="regex", save="free all"),
            step("expect", r"up \d+", match="regex", save="uptime"),
        )
        assert bench.values == {"free": "12", "all": "34", "uptime": "up 5"}

    on_bench(tmp_path, work)


def test_expect_fills_in_what_was_saved(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.values["name"] = "office"
        bench.device.say("connected to office\n")
        await bench.run(step("expect", "connected to ${name}", match="exact"))

    on_bench(tmp_path, work)


def test_expect_that_times_out_says_it_all(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.device.say("pnog\n")
        with pytest.raises(DeviceFailure) as caught:
            await bench.run(step("expect", "pong", within="20ms"))
        assert caught.value.kind is FailureKind.TIMEOUT
        assert str(caught.value).splitlines() == [
            'expected "pong" within 20ms; nearest line: "pnog"',
            "console since the last match:",
            "      1 | pnog",
        ]

    on_bench(tmp_path, work)


def test_expect_has_a_last_look_at_a_prompt_that_came_late(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        waiting = asyncio.create_task(bench.run(step("expect", "> $", match="regex", within="20ms")))
        await asyncio.sleep(0)
        bench.device.say("> ")
        await waiting

    on_bench(tmp_path, work)


def test_a_panic_ends_an_expect_at_once(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        waiting = asyncio.create_task(bench.run(step("expect", "pong", within="50s")))
        await asyncio.sleep(0)
        bench.device.say("abort() was called at PC 0x1 on core 0\nRebooting...\n")
        with pytest.raises(DeviceFailure, match=r"^panic: abort\(\) was called at PC 0x1 on core 0\n"):
            await waiting

    on_bench(tmp_path, work)


@pytest.mark.parametrize(
    "text, attributes, problem",
    [
        ("(", {"match": "regex"}, "'(' is not a regular expression: missing ), unterminated subpattern at position 0"),
        ("a*", {"match": "regex"}, "'a*' matches the empty line, so it would be found at once: ask for something"),
        (
            "a\nb",
            {"match": "exact"},
            "'a\\nb' has a line break, which match=\"exact\" never finds: it looks at one line at a time",
        ),
        ("a", {"save": "x"}, 'attribute save: only match="regex" has something to save'),
        ("(a)(b)", {"match": "regex", "save": "x"}, "attribute save: one name for 2 groups of the regular expression"),
        ("a", {"match": "regex", "save": "x y"}, "attribute save: 2 names for 1 group of the regular expression"),
    ],
)
def test_what_expect_can_not_mean(text: str, attributes: dict[str, str], problem: str) -> None:
    assert problems(step("expect", text, **attributes)) == [problem]


def test_expect_is_fine_as_people_write_it() -> None:
    assert problems(step("expect", "\n      a\n      b\n    ")) == []
    assert bound(step("expect", "\n      a\n      b\n    ")).text == "a\nb"
    assert problems(step("expect", "(a) and (b)", match="regex", save="x y")) == []


def test_expect_needs_something_to_look_for() -> None:
    with pytest.raises(ValueError, match="has nothing but blanks"):
        bound(step("expect", "  \n "))


def test_a_value_in_a_regular_expression_matches_itself(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.values["name"] = r"a(.*)\d[-]$ b"
        bench.device.say("x a(.*)\\d[-]$ b 17\n")
        await bench.run(step("expect", r"^x ${name} (\d+)$", match="regex", save="number"))
        assert bench.values["number"] == "17"
        await bench.run(step("check", value="<${name}>", matches="^<${name}>$"))

    on_bench(tmp_path, work)


# ---- expect-any, expect-all


def test_expect_any_saves_from_the_one_that_came(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.device.say("error 17\n")
        connected = step("expect", r"ip (\S+)", match="regex", save="ip")
        await bench.run(step("expect-any", "", connected, step("expect", r"error (\d+)", match="regex", save="error")))
        assert bench.values == {"error": "17"}

    on_bench(tmp_path, work)


def test_expect_all_saves_from_each(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.device.say("b=2\na=1\n")
        children = (step("expect", rf"{name}=(\d)", match="regex", save=name) for name in "ab")
        await bench.run(step("expect-all", "", *children))
        assert bench.values == {"a": "1", "b": "2"}

    on_bench(tmp_path, work)


def test_expect_all_tells_what_is_missing(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.device.say("sensor ready\n")
        children = (step("expect", f"{name} ready") for name in ("sensor", "radio"))
        with pytest.raises(DeviceFailure, match=r'^expected .* within 20ms; missing: "radio ready"; nearest line'):
            await bench.run(step("expect-all", "", *children, within="20ms"))

    on_bench(tmp_path, work)


# ---- forbid


def test_forbid_holds_for_the_steps_that_follow(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        waiting = asyncio.create_task(bench.run(step("forbid", "retry"), step("wait", for_="50s")))
        await asyncio.sleep(0.01)
        bench.device.say("I (3) wifi: retry 1\n")
        with pytest.raises(DeviceFailure) as caught:
            await waiting
        assert caught.value.kind is FailureKind.FORBIDDEN_OUTPUT
        assert str(caught.value).startswith('forbidden output: "retry" came; the device said "I (3) wifi: retry 1"\n')

    on_bench(tmp_path, work)


def test_forbid_with_a_time_goes_on_when_nothing_came(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        await bench.run(step("forbid", "retry", for_="10ms"), step("log", "all quiet"))
        assert bench.record.notes == ["all quiet"]

    on_bench(tmp_path, work)


def test_what_forbid_can_not_mean() -> None:
    assert problems(step("forbid", "x*", match="regex"))
    assert problems(step("forbid", "retry", match="regex", for_="2s")) == []


# ---- reset


def test_reset_starts_over(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.device.say("ready\n> ")
        for _ in range(5):  # wanted resets are no loop
            await bench.run(step("reset"))
        with pytest.raises(DeviceFailure):
            await bench.run(step("expect", "ready", within="10ms"))
        assert bench.device.resets == 5
        assert bench.device.lines[:5] == ["ready", "> ", "-- reset", "ROM", "rst:0x1 (POWERON)"]

    on_bench(tmp_path, work)


class NoButton:
    """A machine without a reset button."""

    pid = None
    command = ("board",)

    async def send(self, data: bytes) -> None:
        raise AssertionError(data)


def test_reset_needs_a_button(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.machine = NoButton()
        with pytest.raises(StepError, match="no reset button"):
            await bench.run(step("reset"))

    on_bench(tmp_path, work)


# ---- what people read


@pytest.mark.parametrize(
    "written, summary",
    [
        (step("send", "ping"), 'send "ping"'),
        (step("send", "", hex="03 0a"), "send bytes 03 0a"),
        (step("expect", "pong", within="1s"), 'expect "pong" within 1s'),
        (step("expect", "free: (.)", match="regex", count="2"), 'expect match of "free: (.)" 2 times within 10s'),
        (step("expect-any", "", step("expect", "a"), step("expect", "b")), "expect any of 2 texts within 10s"),
        (step("expect-all", "", step("expect", "a"), within="90s"), "expect all of 1 texts within 90s"),
        (step("forbid", "x" * 200, for_="500ms"), f'forbid "{"x" * 80}…{"x" * 39}" for 500ms'),
        (step("wait", for_="2min"), "wait for 2min"),
        (step("reset"), "reset"),
        (step("log", "a\tb"), 'log "a\\tb"'),
        (step("check", value="12", min="3", max="1e6"), 'check "12" is at least 3 and is at most 1000000'),
        (step("run", "\n   expr 1\n   + 2\n"), "run expr 1 + 2"),
    ],
)
def test_a_step_says_what_it_does_in_one_line(written: object, summary: str) -> None:
    assert bound(written).summary() == summary  # type: ignore[arg-type]


def test_the_device_can_end_while_a_step_waits(tmp_path: Path) -> None:
    def device() -> FakeDevice:
        return FakeDevice({b"quit\n": b"bye\n"})

    async def work(bench: Bench) -> None:
        await bench.run(step("send", "quit"))
        bench.device.end("exit status 3")
        with pytest.raises(DeviceFailure, match=r'^expected "prompt"; the device ended: exit status 3'):
            await bench.run(step("expect", "bye"), step("expect", "prompt"))

    on_bench(tmp_path, work, device)


class Gone(NoButton):
    """A machine whose device has ended."""

    async def send(self, data: bytes) -> None:
        raise MachineError("nothing can be sent, the device is gone")


def test_sending_to_a_device_that_has_ended_is_the_firmwares_failure(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        bench.machine = Gone()
        with pytest.raises(MachineError):  # nobody knows why: not the firmware's fault
            await bench.run(step("send", "ping"))
        bench.device.say("fatal: no config\n")
        bench.device.end()
        with pytest.raises(DeviceFailure) as caught:
            await bench.run(step("send", "ping"))
        assert caught.value.kind is FailureKind.EXIT
        headline = 'can\'t send "ping"; the device ended: exit status 3'
        assert str(caught.value) == f"{headline}\nconsole before:\n      1 | fatal: no config"

    on_bench(tmp_path, work)


def test_when_the_machine_is_to_blame_for_the_end_that_is_told_instead(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        fault = EnvironmentLacks("qemu-system-riscv32: libslirp.so.0 is missing")
        bench.device.console.ended(Exit(code=127, detail="exit status 127", fault=fault))
        with pytest.raises(EnvironmentLacks, match="libslirp"):
            await bench.run(step("expect", "ping"))

    on_bench(tmp_path, work)
