"""Panics and resets that are wanted, and those that aren't, in cases that want some."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.scripted import ScriptedMachine
from tests.support.plays import BANNER, PANIC, PANIC_BODY, Played, play

ABORT = "abort() was called at PC 0x400d1111 on core 0\n"


def firmware(device: ScriptedMachine, line: str) -> None:
    """Panics and restarts on request, as ESP-IDF does."""
    command, _, argument = line.partition(" ")
    if command == "":
        device.say(f"{BANNER}boot {device.starts}\n> ")
    elif command == "crash":
        device.say(f"going down\n{PANIC if not argument else argument + chr(10)}{PANIC_BODY}")
        device.start()
    elif command == "late":
        device.soon(lambda: firmware(device, "crash"), 0.05)
    elif command == "wdt":  # not fatal
        device.say("E (5078) task_wdt: Task watchdog got triggered. The following tasks did not reset it:\n - main\n")
        device.soon(lambda: device.say("main goes on\n> "), 0.01)
    elif command == "heap":
        device.say(
            "CORRUPT HEAP: Bad head at 0x3ffb\nassert failed: multi_heap_free multi_heap.c:1 (head)\nRebooting...\n"
        )
        device.start()
    elif command == "restart":
        device.start()
    elif command == "twice":
        device.say(PANIC + PANIC_BODY)
        device.soon(lambda: device.say(BANNER + ABORT + PANIC_BODY), 0.01)
    elif command == "hang":
        device.say("Guru Meditation Error: Core  0 pan")
    else:
        device.say(f"{line}!\n> ")


def run(folder: Path, steps: str, **rest: str) -> Played:
    return play(folder, firmware, steps, **rest)


@pytest.mark.parametrize(
    "steps",
    [
        "<send>crash</send><expect-panic/><expect>boot 2</expect>",
        '<send>crash</send><expect-panic reason="LoadProhibited|Load access fault"/><expect>boot 2</expect>',
        '<send>crash</send><wait for="50ms"/><expect-panic/><expect>boot 2</expect>',  # it came long before
        "<send>late</send><expect-panic/><expect>boot 2</expect>",  # it comes while the step waits
        "<send>crash</send><expect>going down</expect><expect-panic/><expect>boot 2</expect>",
        "<send>crash</send><expect>Guru Meditation</expect><expect-panic/><expect>Rebooting</expect>",
        "<send>crash</send><expect>register dump</expect><expect-panic/><expect>boot 2</expect>",
        '<send>crash</send><expect-panic reason="PC +: 0x400d1234"/>',  # a line of its body
        f"<send>crash {ABORT.strip()}</send><expect-panic reason='^abort'/>",
        "<send>heap</send><expect-panic reason='CORRUPT'/><send>heap</send><expect-panic reason='assert failed'/>",
        "<send>wdt</send><expect-panic reason='- main'/><expect>main goes on</expect>",
        "<send>crash</send><expect-panic/><expect-reset reason='SW_CPU'/><expect>boot 2</expect>",
        "<send>hang</send><expect-panic/><reset/><expect>boot 2</expect>",  # the line is never complete
    ],
)
def test_a_wanted_panic_passes(tmp_path: Path, steps: str) -> None:
    played = run(tmp_path, steps)
    assert played.verdicts == ["passed"], played.message


def test_the_next_case_finds_the_device_as_it_is(tmp_path: Path) -> None:
    first = '<case name="a"><send>crash</send><expect-panic/><expect>&gt; </expect></case>'
    played = run(tmp_path, first + '<case name="b"><send>ping</send><expect>ping!</expect></case>')
    assert (played.verdicts, len(played.kind.machines)) == (["passed", "passed"], 1)


def test_many_wanted_panics_are_no_reboot_loop(tmp_path: Path) -> None:
    again = "<send>crash</send><expect-panic/><expect>boot {}</expect>"
    played = run(tmp_path, "".join(again.format(number) for number in range(2, 8)))
    assert played.verdicts == ["passed"]


@pytest.mark.parametrize(
    "steps, step, headline",
    [
        (
            '<send>crash</send><expect-panic reason="StoreProhibited"/>',
            2,
            f'expected a panic that matches "StoreProhibited"; the device panicked with "{PANIC.strip()}"',
        ),
        (
            '<send>ping</send><expect>ping!</expect><expect-panic within="20ms"/>',
            3,
            "expected a panic within 20ms; there is none in what came",
        ),
        # a panic that nothing asks for, before and after one that something does
        ("<send>late</send><expect>ping!</expect><send>crash</send><expect-panic/>", 2, f"panic: {PANIC.strip()}"),
        ("<send>crash</send><expect>boot 2</expect><expect-panic/>", 2, f"panic: {PANIC.strip()}"),
        ('<send>crash</send><check value="1" equals="2"/><expect-panic/>', 2, '"1" is not "2"'),
        (
            '<send>twice</send><expect-panic/><expect within="5s">ping!</expect>',
            3,
            f"panic: {ABORT.strip()}",
        ),
        ("<expect-panic within='20ms'/><send>ping</send>", 1, "expected a panic within 20ms; there is none in"),
    ],
)
def test_what_is_wrong_is_told_at_its_step(tmp_path: Path, steps: str, step: int, headline: str) -> None:
    played = run(tmp_path, steps)
    assert played.verdicts == ["failed"]
    assert played.headline.startswith(headline)
    assert [one.verdict.bad for one in played.steps("it")].index(True) == step - 1


def test_a_failure_names_the_panic_that_came_meanwhile(tmp_path: Path) -> None:
    message = run(tmp_path, '<send>crash</send><check value="1" equals="2"/><expect-panic/>').message.splitlines()
    assert message[:2] == ['"1" is not "2"', f"meanwhile, panic: {PANIC.strip()}"]
    assert message[2].startswith("the backtrace is not decoded: the scenario names no ELF file")
    assert message[3] == "console:"


def test_a_second_panic_fails_the_case_at_its_end(tmp_path: Path) -> None:
    played = run(tmp_path, '<send>twice</send><wait for="50ms"/><expect-panic/>')
    assert played.headline == f"panic: {ABORT.strip()}"


def test_a_panic_that_comes_too_early_says_so(tmp_path: Path) -> None:
    message = run(tmp_path, "<send>crash</send><expect>boot 2</expect><expect-panic/>").message.splitlines()
    assert message[1].startswith("a later step expects a panic, but this one came too early: ")
    assert message[3] == "console:"
    assert any("Rebooting..." in line for line in message)


def test_a_panic_after_the_last_step_is_not_lost(tmp_path: Path) -> None:
    played = run(tmp_path, '<case name="a"><send>crash</send></case><case name="b"><expect>boot 2</expect></case>')
    assert "failed" in played.verdicts


def test_a_panic_of_another_case_is_none_of_this_one(tmp_path: Path) -> None:
    played = run(
        tmp_path,
        '<case name="a"><send>crash</send><expect within="5s">pong</expect></case>'
        '<case name="b"><send>crash</send><expect-panic/></case>',
    )
    assert played.verdicts == ["failed", "passed"]


# ---- resets


def test_wanted_resets_are_no_reboot_loop(tmp_path: Path) -> None:
    again = "<send>restart</send><expect-reset/><expect>boot {}</expect>"
    assert run(tmp_path, "".join(again.format(number) for number in range(2, 8))).verdicts == ["passed"]


def test_resets_that_nobody_asked_for_are_one_all_the_same(tmp_path: Path) -> None:
    again = "<send>restart</send><expect>boot {}</expect>"
    played = run(tmp_path, "".join(again.format(number) for number in range(2, 8)))
    assert played.headline.startswith("reboot loop: the device has reset 3 times and nothing asked it to")


@pytest.mark.parametrize(
    "steps, headline",
    [
        (
            '<send>restart</send><expect-reset reason="POWERON"/>',
            f'expected a reset that matches "POWERON"; the device reset with "{BANNER.strip()}"',
        ),
        ('<send>ping</send><expect>ping!</expect><expect-reset within="20ms"/>', "expected a reset within 20ms; "),
    ],
)
def test_a_reset_that_is_not_the_wanted_one(tmp_path: Path, steps: str, headline: str) -> None:
    assert run(tmp_path, f"<expect>boot 1</expect>{steps}").headline.startswith(headline)
