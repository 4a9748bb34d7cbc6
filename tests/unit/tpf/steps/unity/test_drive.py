"""Driving Unity's menu, whatever its tests do to the chip."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.scripted import ScriptedMachine
from tests.fakes.unity_firmware import (
    PANIC,
    Body,
    Test,
    UnityFirmware,
    crashes,
    exits,
    fails,
    hangs,
    ignores,
    passes,
    restarts,
)
from tests.support.plays import Played, play
from tpf.result import CaseResult, FailureKind, Verdict


def run(folder: Path, firmware: UnityFirmware, step: str = "<unity/>") -> Played:
    return play(folder, firmware, step)


def parts(played: Played) -> dict[str, CaseResult]:
    return {case.name.removeprefix("it / "): case for case in played.result.cases if case.part_of}


def ends(played: Played) -> list[str]:
    return [str(case.verdict) for case in parts(played).values()]


def message(case: CaseResult) -> str:
    assert case.failure is not None
    return case.failure.message


def test_each_test_is_a_case_with_its_place_and_time(tmp_path: Path) -> None:
    firmware = UnityFirmware(
        (Test("adds", passes, "[math]"), Test("fails", fails, "[math][fail]"), Test("not", ignores))
    )
    played = run(tmp_path, firmware)
    assert ends(played) == ["passed", "failed", "skipped"]
    found = parts(played)
    assert str(found["adds"].source) == "main/main.c:4"
    assert found["adds"].seconds == 0.012
    assert found["adds"].notes == ("[math]",)
    assert found["fails"].failure is not None
    assert (found["fails"].failure.kind, message(found["fails"])) == (FailureKind.MISMATCH, "Expected 5 Was 4")
    assert found["not"].skip_reason == "not today"
    assert played["it"].verdict is Verdict.FAILED
    assert message(played["it"]).split("\n") == ["1 of 3 tests did not pass: fails", "fails: Expected 5 Was 4"]
    assert firmware.asked == ["", "1", "2", "3"]


def test_the_lines_of_a_test_are_its_own(tmp_path: Path) -> None:
    played = run(tmp_path, UnityFirmware((Test("a", passes), Test("b", passes))))
    (attempt,) = parts(played)["b"].attempts
    (span,) = attempt.log
    own = played.log[span.first - 1 : span.last]
    assert own[0] == "Running b..."
    assert "./main/main.c:1:b:PASS" in own
    assert not any(":a:" in line for line in own)


@pytest.mark.parametrize(
    "name",
    [
        'a <name> & "quotes"',
        "tab\tinside",
        "12",
        "",
        "ends with ...",
        "Running other...",
        "x:FAIL: y",
        "*",
        "a; b",
        "ü",
    ],
)
def test_names_may_hold_anything(tmp_path: Path, name: str) -> None:
    played = run(tmp_path, UnityFirmware((Test(name, passes, "[a]"), Test("last", passes))))
    assert ends(played) == ["passed", "passed"]


@pytest.mark.parametrize(
    "body, kind, headline",
    [
        (crashes, FailureKind.PANIC, f"panic: {PANIC.splitlines()[0]}"),
        (
            restarts,
            FailureKind.MISMATCH,
            "the chip restarted before the test had a result: rst:0xc (RTC_SW_CPU_RST),boot:0x8 (SPI_FAST_FLASH_BOOT)",
        ),
        (hangs, FailureKind.TIMEOUT, "the test had no result within 100ms"),
        (exits, FailureKind.EXIT, "expected what Unity says; the device ended: killed by SIGSEGV"),
    ],
)
def test_what_kills_the_chip_fails_its_test_and_the_run_goes_on(
    tmp_path: Path, body: Body, kind: FailureKind, headline: str
) -> None:
    tests = (
        Test("before", passes),
        Test("bad", body),
        Test("after", passes),
        Test("bad too", body),
        Test("end", passes),
    )
    played = run(tmp_path, UnityFirmware(tests), '<unity each="100ms"/>')
    assert ends(played) == ["passed", "failed", "passed", "failed", "passed"]
    failure = parts(played)["bad"].failure
    assert failure is not None
    assert (failure.kind, failure.headline) == (kind, headline)
    assert len(played.kind.machines) == 1


def test_a_crash_is_told_with_its_text(tmp_path: Path) -> None:
    played = run(tmp_path, UnityFirmware((Test("bad", crashes),)))
    lines = message(parts(played)["bad"]).split("\n")
    assert lines[1] == "console:"
    assert any("MEPC" in line for line in lines)
    assert lines[-1].endswith("Rebooting...")


def test_many_crashes_are_no_reboot_loop(tmp_path: Path) -> None:
    tests = tuple(Test(f"bad {number}", crashes if number % 2 else restarts) for number in range(8))
    assert ends(run(tmp_path, UnityFirmware(tests))) == ["failed"] * 8


def test_a_crash_after_the_result_fails_it(tmp_path: Path) -> None:
    def late(firmware: UnityFirmware, device: ScriptedMachine, name: str) -> None:
        firmware.ready = False
        passes(firmware, device, name)
        device.soon(lambda: crashes(firmware, device, name), 0.02)

    played = run(tmp_path, UnityFirmware((Test("late", late), Test("after", passes))))
    assert ends(played) == ["failed", "passed"]
    assert message(parts(played)["late"]).startswith("panic: ")


def test_a_restart_after_the_result_is_the_tests_own_business(tmp_path: Path) -> None:
    def late(firmware: UnityFirmware, device: ScriptedMachine, name: str) -> None:
        passes(firmware, device, name)
        device.start()

    played = run(tmp_path, UnityFirmware((Test("leaks", late), Test("after", passes)), ready=False))
    assert ends(played) == ["passed", "passed"]


def test_a_firmware_that_panics_whenever_it_starts_ends_the_run(tmp_path: Path) -> None:
    def breaks(firmware: UnityFirmware, device: ScriptedMachine, name: str) -> None:
        firmware.broken = True
        crashes(firmware, device, name)

    tests = (Test("a", passes), Test("bad", breaks), Test("never", passes))
    played = run(tmp_path, UnityFirmware(tests))  # at once: nobody waits for the 60 s of a test
    assert ends(played) == ["passed", "failed", "error"]
    headline = f"before Unity's menu came: panic: {PANIC.splitlines()[0]}"
    assert played.headline == headline
    assert message(parts(played)["never"]) == f"never ran to its end: {headline}"


# ---- stages


def test_stages_run_in_order_over_the_restarts_between(tmp_path: Path) -> None:
    stages = (("one", restarts), ("two", passes), ("three", passes))
    firmware = UnityFirmware((Test("survives", tags="[reset]", stages=stages), Test("after", passes)))
    played = run(tmp_path, firmware)
    assert ends(played) == ["passed", "passed"]
    assert firmware.asked == ["", "1", "1", "1", "2", "1", "3", "2"]


@pytest.mark.parametrize(
    "stages, tags, headline",
    [
        ((("one", fails), ("two", passes)), "", "Expected 5 Was 4"),
        ((("one", restarts), ("two", fails)), "", "Expected 5 Was 4"),
        ((("one", crashes), ("two", passes)), "", f"panic: {PANIC.splitlines()[0]}"),
        ((("one", crashes), ("two", passes)), "[reset=abort,SW_CPU_RESET]", f"panic: {PANIC.splitlines()[0]}"),
        ((("one", crashes), ("two", passes)), "[reset=Store access fault,SW_CPU_RESET]", None),
        ((("one", restarts), ("two", restarts)), "", "the chip restarted before the test had a result: rst:0xc"),
    ],
)
def test_what_may_happen_in_a_stage(
    tmp_path: Path, stages: tuple[tuple[str, object], ...], tags: str, headline: str | None
) -> None:
    test = Test("staged", tags=tags, stages=stages)  # type: ignore[arg-type]
    played = run(tmp_path, UnityFirmware((test, Test("after", passes))))
    assert ends(played) == ["failed" if headline else "passed", "passed"]
    if headline:
        assert message(parts(played)["staged"]).startswith(headline)


# ---- what is left out


def test_tests_that_are_switched_off_and_those_for_two_boards(tmp_path: Path) -> None:
    both = (("server", hangs), ("client", hangs))
    firmware = UnityFirmware(
        (
            Test("off", fails, "[ignore]"),
            Test("disabled", fails, "[x][disabled]"),
            Test("two", tags="[multi_device]", stages=both),
        )
    )
    played = run(tmp_path, firmware)
    assert {name: case.skip_reason for name, case in parts(played).items()} == {
        "off": "it is tagged [ignore]",
        "disabled": "it is tagged [disabled]",
        "two": "it needs several devices",
    }
    assert firmware.asked == [""]


def test_the_choice(tmp_path: Path) -> None:
    firmware = UnityFirmware(
        (
            Test("a", passes, "[x]"),
            Test("b", passes, "[x][slow]"),
            Test("c", fails, "[y]"),
            Test("off", passes, "[ignore]"),
        )
    )
    played = run(tmp_path, firmware, '<unity groups="x" exclude="[slow]"/><unity tests="off"/>')
    assert list(parts(played)) == ["a", "off"]
    assert played.verdicts == ["passed"] * 3


def test_a_choice_of_nothing_names_what_there_is(tmp_path: Path) -> None:
    played = run(tmp_path, UnityFirmware((Test("adds", passes, "[math]"),)), '<unity tests="ads"/>')
    assert played.message == 'no test is "ads"; did you mean "adds"? the firmware has 1:\n  adds [math]'
    assert played.verdicts == ["failed"]


# ---- what can't be true


def test_a_summary_that_does_not_agree_is_an_error(tmp_path: Path) -> None:
    def lies(firmware: UnityFirmware, device: ScriptedMachine, name: str) -> None:
        firmware.result(device, name, "PASS", tests=2, failures=1)

    def silent(firmware: UnityFirmware, device: ScriptedMachine, name: str) -> None:
        firmware.result(device, name, "")

    def garbled(firmware: UnityFirmware, device: ScriptedMachine, name: str) -> None:
        firmware.result(device, name, "FA", failures=1)

    played = run(tmp_path, UnityFirmware((Test("lies", lies), Test("silent", silent), Test("garbled", garbled))))
    assert ends(played) == ["error", "error", "failed"]
    found = parts(played)
    told = "it says 2 tests, 1 failures, 0 ignored; seen were 1 tests, 0 failures, 0 ignored"
    assert message(found["lies"]).startswith(f"Unity's summary and the results don't agree: {told}\nconsole:")
    assert message(found["silent"]).startswith("no result of the test came: Unity's summary says 1 tests, 0")
    assert message(found["garbled"]).startswith("the test failed, and the line that says why is torn")


def test_a_torn_name_is_the_only_result_there_is(tmp_path: Path) -> None:
    def torn(firmware: UnityFirmware, device: ScriptedMachine, name: str) -> None:
        firmware.result(device, name[3:], "PASS")

    assert ends(run(tmp_path, UnityFirmware((Test("adds numbers", torn),)))) == ["passed"]


# ---- the menu


def test_a_menu_that_an_earlier_step_waited_for(tmp_path: Path) -> None:
    played = run(tmp_path, UnityFirmware((Test("a", passes),)), "<expect>Press ENTER to see the list</expect><unity/>")
    assert ends(played) == ["passed"]


def test_a_torn_menu_is_read_again(tmp_path: Path) -> None:
    firmware = UnityFirmware((Test("a", passes), Test("b", passes)), torn_menus=1)
    assert ends(run(tmp_path, firmware)) == ["passed", "passed"]
    assert firmware.asked[:2] == ["", ""]


def test_a_menu_that_stays_torn(tmp_path: Path) -> None:
    played = run(tmp_path, UnityFirmware((Test("a", passes), Test("b", passes)), torn_menus=9))
    assert played.headline == "Unity's menu can't be read: the menu is torn: it has no test 1"


def test_an_empty_menu(tmp_path: Path) -> None:
    assert run(tmp_path, UnityFirmware(())).headline == "Unity's menu lists no test"


def test_an_older_menu_that_does_not_say_when_it_is_ready(tmp_path: Path) -> None:
    played = run(tmp_path, UnityFirmware(tuple(Test(name, passes) for name in "abc"), ready=False))
    assert ends(played) == ["passed"] * 3


# ---- limits


def test_a_test_may_say_its_own_limit(tmp_path: Path) -> None:
    def slow(firmware: UnityFirmware, device: ScriptedMachine, name: str) -> None:
        device.soon(lambda: passes(firmware, device, name), 0.1)

    firmware = UnityFirmware((Test("slow", slow, "[timeout=5]"), Test("slow too", slow)))
    played = run(tmp_path, firmware, '<unity each="30ms"/>')
    assert ends(played) == ["passed", "failed"]


def test_the_whole_run_has_a_limit_and_what_came_is_kept(tmp_path: Path) -> None:
    tests = (Test("a", passes), Test("hangs", hangs), Test("never", passes))
    played = run(tmp_path, UnityFirmware(tests), '<unity each="50ms" within="50ms"/>')
    assert played.headline == 'the Unity run took longer than 50ms; it was at "hangs"'
    assert parts(played)["a"].verdict is Verdict.PASSED
    assert parts(played)["never"].verdict is Verdict.ERROR
    assert message(parts(played)["never"]) == "never ran to its end: the step was ended"
