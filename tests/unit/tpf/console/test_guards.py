from __future__ import annotations

import re

import pytest

from tpf.console.guards import DEFAULT_GUARDS, Guards, fail_on
from tpf.result import FailureKind

PANIC, LOOP, FORBIDDEN = FailureKind.PANIC, FailureKind.REBOOT_LOOP, FailureKind.FORBIDDEN_OUTPUT


@pytest.mark.parametrize(
    "line, name, kind",
    [
        ("Guru Meditation Error: Core  0 panic'ed (Store access fault). Exception was unhandled.", "panic", PANIC),
        ("Guru Meditation Error: Core  1 panic'ed (Interrupt wdt timeout on CPU1).", "panic", PANIC),
        ("abort() was called at PC 0x420058f3 on core 0", "abort", PANIC),
        ('assert failed: app_main main.c:29 (0 && "asked to")', "assert", PANIC),
        ('assertion "x > 0" failed: file "main.c", line 12, function: app_main', "assert", PANIC),
        ("Stack smashing protect failure!", "stack-smashing", PANIC),
        ("***ERROR*** A stack overflow in task main has been detected.", "stack-overflow", PANIC),
        ("CORRUPT HEAP: Bad head at 0x3ffb1e20. Expected 0xabba1234 got 0x00000000", "heap-corruption", PANIC),
        ("Brownout detector was triggered", "brownout", PANIC),
        ("E (5078) task_wdt: Task watchdog got triggered. The following tasks did not", "task-watchdog", PANIC),
        ("rst:0xc (RTC_SW_CPU_RST),boot:0x8 (SPI_FAST_FLASH_BOOT)", "reboot-loop", LOOP),
        ("rst:0x10 (RTCWDT_RTC_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)", "reboot-loop", LOOP),
    ],
)
def test_the_default_set(line: str, name: str, kind: FailureKind) -> None:
    (hit,) = Guards(DEFAULT_GUARDS).scan(f"before\n{line}\nafter", 7)
    assert (hit.name, hit.kind, hit.number, hit.line) == (name, kind, 8, line)


@pytest.mark.parametrize(
    "line",
    [
        "I (31) boot: ESP-IDF v5.3 2nd stage bootloader",
        "I (40) task_wdt: initialised",
        "help: crash KIND  abort() or assert()",
        "rst:0x5 (DEEPSLEEP_RESET),boot:0x12 (SPI_FAST_FLASH_BOOT)",  # waking up is no trouble
        "brownout detector: on",
    ],
)
def test_what_is_no_trouble(line: str) -> None:
    assert Guards(DEFAULT_GUARDS).scan(line, 1) == []


def test_hits_come_in_the_order_of_lines() -> None:
    text = "x\nout of memory 1\nGuru Meditation Error\nx\nout of memory 2\nabort() was called at PC 0x1"
    hits = Guards((*DEFAULT_GUARDS, fail_on("out of memory"))).scan(text, 10)
    assert [(hit.number, hit.name) for hit in hits] == [(11, "fail-on"), (12, "panic"), (14, "fail-on"), (15, "abort")]


def test_a_pattern_of_ones_own_is_searched_line_by_line() -> None:
    guards = Guards((fail_on(r"^bad\s+end$"), fail_on(r"(\w)\1")))
    assert [hit.number for hit in guards.scan("bad\nend\nbad  end\nxx", 1)] == [3, 4]


def test_the_headline_says_what_and_why() -> None:
    (hit,) = Guards((fail_on("out of memory"),)).scan('E (3) app: "out of memory"', 1)
    wanted = 'forbidden output: the device said "E (3) app: \\"out of memory\\"", which matches fail-on "out of memory"'
    assert (hit.headline, hit.kind) == (wanted, FORBIDDEN)


def test_a_pattern_that_takes_too_long_is_told_once() -> None:
    guards = Guards((fail_on("(a|aa)+$"), fail_on("bad")))
    line = "a" * 80 + "b"
    first, second = guards.scan(f"{line}\n{line}\nbad", 1), guards.scan(f"{line}\nbad", 4)
    assert [(hit.number, hit.kind) for hit in first] == [(1, FailureKind.STEP), (3, FORBIDDEN)]
    assert [hit.number for hit in second] == [5]


def test_each_default_pattern_is_as_good_alone_as_together() -> None:
    for guard in DEFAULT_GUARDS:
        assert re.compile(guard.pattern).groups == 0, f"{guard.name}: a group makes the search for all of them slow"
