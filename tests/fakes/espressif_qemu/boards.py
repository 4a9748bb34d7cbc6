"""What the real emulators' boards are like, apart from TestArena's own table: else both could be wrong alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MB: Final = 1 << 20
_FLAG: Final = ("true", "false", "on", "off", "yes", "no", "y", "n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One machine (`-M`). Sizes are in bytes."""

    machine: str
    program: str  # the emulator that has it
    doc: str  # in `-M help`
    since: tuple[int, int]  # QEMU's version
    chip_id: int  # in the head of program images
    bootloader: int  # its place in the flash
    fuses: int  # bytes of its eFuse image
    psram: tuple[int, ...]  # sizes that `-m` is rounded up to; none: it has no external RAM
    serials: int
    rom: tuple[str, ...]  # first words after a reset; {reset} is the reason
    resets: Mapping[str, str]  # the reasons as its ROM words them
    entry: tuple[str, ...]  # last words of the ROM
    xtensa: bool = True


_XTENSA_REASONS: Final = {
    "power": "rst:0x1 (POWERON_RESET),boot:0x12 (SPI_FAST_FLASH_BOOT)",
    "restart": "rst:0xc (SW_CPU_RESET),boot:0x12 (SPI_FAST_FLASH_BOOT)",
    "panic": "rst:0xc (SW_CPU_RESET),boot:0x12 (SPI_FAST_FLASH_BOOT)",
}
_LATER_REASONS: Final = {
    "power": "rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)",
    "restart": "rst:0xc (RTC_SW_CPU_RST),boot:0x8 (SPI_FAST_FLASH_BOOT)",
    "panic": "rst:0xc (RTC_SW_CPU_RST),boot:0x8 (SPI_FAST_FLASH_BOOT)",
}

BOARDS: Final = {
    "esp32": Board(
        machine="esp32",
        program="qemu-system-xtensa",
        doc="Espressif ESP32 machine",
        since=(4, 0),
        chip_id=0,
        bootloader=0x1000,
        fuses=124,
        psram=(2 * MB, 4 * MB),
        serials=3,
        rom=("ets Jul 29 2019 12:21:46", "", "{reset}", "configsip: 0, SPIWP:0xee"),
        resets=_XTENSA_REASONS,
        entry=(
            "clk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00",
            "mode:DIO, clock div:2",
            "load:0x3fff0030,len:7104",
            "load:0x40078000,len:15576",
            "load:0x40080400,len:4",
            "load:0x40080404,len:3876",
            "entry 0x4008064c",
        ),
    ),
    "esp32s3": Board(
        machine="esp32s3",
        program="qemu-system-xtensa",
        doc="Espressif ESP32S3 machine",
        since=(9, 0),
        chip_id=9,
        bootloader=0x0,
        fuses=1024,
        psram=(2 * MB, 4 * MB, 8 * MB, 16 * MB, 32 * MB),
        serials=3,
        rom=("ESP-ROM:esp32s3-20210327", "Build:Mar 27 2021", "{reset}", "SPIWP:0xee"),
        resets=_LATER_REASONS,
        entry=(
            "mode:DIO, clock div:1",
            "load:0x3fce2810,len:0x1564",
            "load:0x403c8700,len:0x4",
            "load:0x403c8704,len:0xd24",
            "load:0x403cb700,len:0x2ef8",
            "entry 0x403c8928",
        ),
    ),
    "esp32c3": Board(
        machine="esp32c3",
        program="qemu-system-riscv32",
        doc="Espressif ESP32-C3 machine",
        since=(8, 0),
        chip_id=5,
        bootloader=0x0,
        fuses=1024,
        psram=(),
        serials=2,
        rom=("ESP-ROM:esp32c3-api1-20210207", "Build:Feb  7 2021", "{reset}", "SPIWP:0xee"),
        resets=_LATER_REASONS,
        entry=(
            "mode:DIO, clock div:1",
            "load:0x3fcd5820,len:0x1574",
            "load:0x403cc710,len:0xb74",
            "load:0x403ce710,len:0x2f88",
            "entry 0x403cc71a",
        ),
        xtensa=False,
    ),
}


def known(program: str, version: tuple[int, int]) -> dict[str, Board]:
    """The boards that this emulator of this version has."""
    return {name: one for name, one in BOARDS.items() if one.program == program and one.since <= version}


def drivers(board: Board) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Devices that `-global` can speak of, their properties, and the values of these; none for any text."""
    return {
        f"nvram.{board.machine}.efuse": {"drive": ()},
        f"timer.{board.machine}.timg": {"wdt_disable": _FLAG},
        "ssi_psram": {"is_octal": _FLAG},
        f"{board.machine}.gpio": {"strap_mode": ()},
    }


def is_on(value: str) -> bool:
    """Of a flag."""
    return value in ("true", "on", "yes", "y")
