from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tpf.panics.model import Panic, PanicKind
from tpf.panics.text import parse

DATA = Path(__file__).parents[3] / "data" / "panics"
FIRST = (0x400D59F3, 0x400D5A14, 0x400E8C31, 0x400893D1)  # addresses of the composed texts


def read(name: str) -> Panic:
    """What a recorded or composed text tells; CRLF and colours are left in it."""
    panic = parse((DATA / f"{name}.txt").read_bytes().decode().split("\n"))
    assert panic is not None
    return panic


@pytest.mark.parametrize(
    "name, kind, reason",
    [
        ("composed-esp32-exception", PanicKind.EXCEPTION, "StoreProhibited"),
        ("composed-esp32-4.4-exception", PanicKind.EXCEPTION, "LoadProhibited"),
        ("composed-esp32-abort", PanicKind.ABORT, "abort()"),
        ("composed-esp32-assert", PanicKind.ASSERT, "( pxQueue )"),
        ("composed-esp32-old-assert", PanicKind.ASSERT, "level < 8"),
        ("composed-esp32-stack-smashing", PanicKind.STACK_SMASHING, "Stack smashing protect failure"),
        ("composed-esp32-stack-overflow", PanicKind.STACK_OVERFLOW, "stack overflow"),
        ("composed-esp32-canary", PanicKind.STACK_OVERFLOW, "Stack canary watchpoint triggered (mqtt_task)"),
        (
            "composed-esp32-heap",
            PanicKind.HEAP_CORRUPTION,
            "Bad tail at 0x3ffb6f2c. Expected 0xbaad5678 got 0xbaad5600",
        ),
        ("composed-esp32-interrupt-watchdog", PanicKind.INTERRUPT_WATCHDOG, "Interrupt wdt timeout on CPU0"),
        ("composed-esp32-task-watchdog", PanicKind.TASK_WATCHDOG, "Task watchdog got triggered"),
        ("composed-esp32-double-exception", PanicKind.DOUBLE_EXCEPTION, "Double exception"),
        ("composed-esp32-brownout", PanicKind.BROWNOUT, "Brownout detector was triggered"),
        ("composed-esp32-boot-loop", PanicKind.BOOT_LOOP, "RTCWDT_RTC_RESET"),
        ("composed-esp32c3-exception", PanicKind.EXCEPTION, "Store access fault"),
        ("composed-esp32c3-stack-protection", PanicKind.STACK_OVERFLOW, "Stack protection fault"),
        ("composed-esp32c3-interrupt-watchdog", PanicKind.INTERRUPT_WATCHDOG, "Interrupt wdt timeout on CPU0"),
        ("recorded-riscv32-virt-null", PanicKind.EXCEPTION, "Load access fault"),
        ("recorded-xtensa-lx60-store", PanicKind.EXCEPTION, "StoreProhibited"),
        ("recorded-xtensa-lx60-smash", PanicKind.STACK_SMASHING, "Stack smashing protect failure"),
    ],
)
def test_kind_and_reason(name: str, kind: PanicKind, reason: str) -> None:
    panic = read(name)
    assert (panic.kind, panic.reason) == (kind, reason)


@pytest.mark.parametrize("path", sorted(DATA.glob("*.txt")), ids=lambda path: path.stem)
def test_every_text_tells_its_addresses(path: Path) -> None:
    panic = read(path.stem)
    told = panic.kind not in (PanicKind.BROWNOUT, PanicKind.BOOT_LOOP)
    assert bool(panic.cores) is told
    assert all(core.pc is not None and (core.backtrace or core.stack) for core in panic.cores)
    goes_on = ("task-watchdog" in path.stem and not path.stem.endswith("fatal")) or path.stem.endswith("-wdt")
    assert bool(panic.sha256) is (told and not goes_on)


def test_tasks_are_named() -> None:
    assert read("composed-esp32-stack-overflow").task == "sensor poll"
    assert read("composed-esp32-canary").task == "mqtt_task"
    assert read("composed-esp32c3-stack-protection").task == "main"
    watchdog = read("composed-esp32-task-watchdog")
    assert watchdog.tasks == ("IDLE0",)
    assert watchdog.running == ((0, "main"), (1, "IDLE1"))


def test_places_that_the_text_names() -> None:
    (check,) = read("composed-esp32-error-check").places
    assert (check.file, check.line, check.function) == ("./main/net.c", 57, "net_start")
    assert read("composed-esp32-error-check").reason.startswith("ESP_ERROR_CHECK failed: ESP_ERR_INVALID_STATE (0x103)")
    (old,) = read("composed-esp32-old-assert").places
    assert (old.file, old.line, old.function) == ("../main/dimmer.c", 91, "dimmer_set")
    assert read("composed-esp32-heap").places[0].function == "multi_heap_free"


def test_host_builds_name_places_too() -> None:
    lines = ["app: ../main/dimmer.c:91: dimmer_set: Assertion `level < 8' failed.", "Aborted"]
    failed = parse(lines)
    assert failed is not None
    assert failed.kind is PanicKind.ASSERT
    assert (failed.places[0].file, failed.places[0].line, failed.reason) == ("../main/dimmer.c", 91, "level < 8")
    report = [
        "==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000011",
        "    #0 0x55 in f /p/a.c:3",
    ]
    found = parse([*report, "SUMMARY: AddressSanitizer: heap-buffer-overflow /p/main/a.c:3:5 in crash"])
    assert found is not None
    assert found.kind is PanicKind.SANITIZER
    assert (found.places[0].file, found.places[0].line, found.places[0].function) == ("/p/main/a.c", 3, "crash")


def test_both_cores_are_told_the_one_that_panicked_first() -> None:
    panic = read("composed-esp32-interrupt-watchdog")
    assert [(core.core, len(core.backtrace)) for core in panic.cores] == [(0, 4), (1, 2)]
    assert panic.core == 0
    assert [core.core for core in read("composed-esp32-task-watchdog").cores] == [0, 1]


@pytest.mark.parametrize(
    "name", ["composed-esp32-wrapped", "composed-esp32-interleaved", "composed-esp32-4.4-exception"]
)
def test_a_backtrace_survives(name: str) -> None:
    (core,) = read(name).cores
    assert [pc for pc, _ in core.backtrace] == [FIRST[0] - 3, *FIRST[1:]]
    assert not core.corrupted


def test_a_damaged_stack_is_told() -> None:
    assert read("composed-esp32-corrupted").cores[0].corrupted


def test_the_stack_is_words_by_address() -> None:
    (core,) = read("recorded-riscv32-virt-null").cores
    assert core.registers["MEPC"] == core.pc
    assert core.stack[0x80006660 + 4 * 7] == 0x80000382


def test_a_hash_of_zeros_is_none() -> None:
    panic = parse(["abort() was called at PC 0x400d0000 on core 0", "ELF file SHA256: 0000000000000000"])
    assert panic is not None
    assert panic.sha256 == ""


def test_what_came_before_is_another_panic() -> None:
    lines = ["abort() was called at PC 0x400d0000 on core 0", "Brownout detector was triggered"]
    panic = parse(lines, at=1)
    assert panic is not None
    assert panic.kind is PanicKind.BROWNOUT


def test_no_panic() -> None:
    assert parse(["I (1) main: fine", ""]) is None


PIECES = st.sampled_from(
    [
        *("Guru Meditation Error: Core  0 panic'ed (x)", "Backtrace:", "0x400d59f0:0x3ffb4d10", "|<-CORRUPTED", "0x4"),
        *(
            "Core  0 register dump:",
            "PC      : 0x400d59f3",
            "Stack memory:",
            "3fc91c40: 0x00000000",
            "\x1b[0;31m",
            "\r",
        ),
        *(
            "abort() was called at PC 0x0",
            "assert failed: f a.c:1 (x)",
            "ELF file SHA256: 0123456789",
            "Rebooting...",
            " ",
        ),
    ]
)


@given(st.lists(st.lists(PIECES | st.text(max_size=40), max_size=6).map("".join), max_size=60))
@example(["Guru Meditation Error: Core  0 panic'ed (" + "(" * 60_000, "Backtrace: " + "0x400d59f0:0x3ffb4d10 " * 9_000])
def test_whatever_comes_is_taken(lines: list[str]) -> None:
    panic = parse(lines)
    assert panic is None or all(len(core.backtrace) <= 128 and len(core.registers) <= 64 for core in panic.cores)
