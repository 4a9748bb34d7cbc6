"""Switching the device off and on: what it keeps, and what can't be done with one that is off."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.scripted import ScriptedMachine
from tests.support.plays import BANNER, PANIC, PANIC_BODY, Played, play
from tests.support.steps import Bench, on_bench, step
from tpf.errors import StepError
from tpf.result import FailureKind


def firmware(device: ScriptedMachine, line: str) -> None:
    """Counts its starts, and keeps a word in its flash."""
    command, _, argument = line.partition(" ")
    match command:
        case "":
            device.say(f"{BANNER}start {device.starts}, kept: {device.flash.get('word', 'nothing')}\n> ")
        case "keep":
            device.flash["word"] = argument
            device.say("kept\n")
            device.soon(lambda: device.say("still here\n"), 0.02)
        case "off":
            device.end("the device switched itself off")
        case "crash":
            device.say(PANIC + PANIC_BODY)
        case _:
            raise AssertionError(f"nobody sends {line!r}")


def run(folder: Path, steps: str) -> Played:
    return play(folder, firmware, f"<expect>start 1</expect>{steps}")


@pytest.mark.parametrize(
    "off, deed, mark", [("power-off", "off", "-- power off"), ("power-cut", "cut", "-- power cut")]
)
def test_flash_survives_and_nothing_else(tmp_path: Path, off: str, deed: str, mark: str) -> None:
    played = run(
        tmp_path,
        f'<send>keep apples</send><expect>kept</expect><{off}/><wait for="30ms"/>'
        "<power-on/><expect>start 2, kept: apples</expect>",
    )
    assert played.verdicts == ["passed"], played.message
    assert played.kind.machines[0].deeds == [deed, "on"]
    assert len(played.kind.machines) == 1
    assert [line for line in played.log if line.startswith("--")] == [mark, "-- power on"]
    assert "still here" not in played.log


def test_many_power_cycles_are_no_reboot_loop(tmp_path: Path) -> None:
    again = "<power-cut/><power-on/><expect>start {}</expect>"
    assert run(tmp_path, "".join(again.format(number) for number in range(2, 8))).verdicts == ["passed"]


def test_a_device_that_switched_itself_off_can_be_switched_on(tmp_path: Path) -> None:
    assert run(tmp_path, "<send>off</send><power-on/><expect>start 2</expect>").verdicts == ["passed"]
    again = tmp_path / "again"
    again.mkdir()
    assert run(again, "<send>off</send><power-off/><power-off/><power-on/><expect>start 2</expect>").verdicts == [
        "passed"
    ]


@pytest.mark.parametrize(
    "steps, step",
    [
        ("<power-off/><send>ping</send>", 'send "ping"'),
        ("<power-cut/><expect>start 1</expect>", 'expect "start 1" within 10s'),
        ("<power-off/><reset/>", "reset"),
        ("<power-off/><expect-panic/>", "expect a panic within 10s"),
    ],
)
def test_a_device_that_is_off_can_do_nothing(tmp_path: Path, steps: str, step: str) -> None:
    played = run(tmp_path, steps)
    assert played.verdicts == ["error"]
    assert played.message == "the device is switched off: <power-on/> comes first"
    assert played.steps("it")[-1].summary == step


def test_steps_that_need_no_device_go_on(tmp_path: Path) -> None:
    played = run(tmp_path, '<power-off/><forbid>x</forbid><wait for="1ms"/><log>dark</log><run>true</run>')
    assert played.verdicts == ["passed"]


def test_a_device_that_is_on_can_not_be_switched_on(tmp_path: Path) -> None:
    played = run(tmp_path, "<power-on/>")
    assert played.message == "the device is on: <power-off/> or <power-cut/> comes first"
    assert played["it"].failure is not None
    assert played["it"].failure.kind is FailureKind.STEP


def test_the_next_case_is_told_too_and_a_retry_begins_with_a_fresh_boot(tmp_path: Path) -> None:
    played = play(
        tmp_path,
        firmware,
        '<case name="a"><power-off/></case><case name="b" retries="1"><expect>start 1</expect></case>',
    )
    assert played.verdicts == ["passed", "passed"]
    assert [attempt.verdict for attempt in played["b"].attempts] == ["error", "passed"]
    assert len(played.kind.machines) == 2


def test_what_a_case_forbids_holds_over_a_power_cycle(tmp_path: Path) -> None:
    played = run(tmp_path, "<forbid>start 2</forbid><power-cut/><power-on/><expect>kept: nothing</expect>")
    assert played.headline.startswith('forbidden output: "start 2" came')


def test_our_marks_are_no_words_of_the_device(tmp_path: Path) -> None:
    assert run(tmp_path, "<forbid>power</forbid><power-cut/><power-on/><expect>start 2</expect>").verdicts == ["passed"]


def test_numbers_in_messages_are_those_of_the_log(tmp_path: Path) -> None:
    played = run(
        tmp_path, '<power-cut/><power-on/><reset/><expect>start 3</expect><expect within="10ms">never</expect>'
    )
    quoted = [line.partition(" | ") for line in played.message.splitlines() if " | " in line]
    assert quoted
    for number, _, text in quoted:
        assert played.log[int(number) - 1].rstrip() == text
    assert [line for line in played.log if line.startswith("--")] == ["-- power cut", "-- power on", "-- reset"]


class NoSwitch:
    """A machine without a power switch."""

    pid = None
    command = ("board",)

    async def send(self, data: bytes) -> None:
        raise AssertionError(data)


@pytest.mark.parametrize("kind", ["power-off", "power-on", "power-cut"])
def test_it_needs_a_switch(tmp_path: Path, kind: str) -> None:
    async def work(bench: Bench) -> None:
        bench.machine = NoSwitch()
        with pytest.raises(StepError, match="no power switch"):
            await bench.run(step(kind))

    on_bench(tmp_path, work)
