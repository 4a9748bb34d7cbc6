"""The boards that targets stand for, as data; one without a record is named by hand: `<machine emulator= board=>`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MB: Final = 1 << 20
LOADS: Final = ("kernel", "bios", "flash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """How QEMU is to be called for one board. Texts are "" where there is nothing to say."""

    emulator: str
    machine: str  # -M
    cpu: str = ""  # -cpu
    memory: int | None = None  # -m, bytes
    load: str = "kernel"
    arguments: tuple[str, ...] = ()  # always
    flash_sizes: tuple[int, ...] = ()  # the only sizes that its flash can have
    bootloader: int | None = None  # where in the flash its bootloader begins
    efuse: str = ""  # the device that holds its eFuses
    watchdog: str = ""  # the device whose watchdogs can be switched off
    psram: bool = False  # its memory (-m) is external RAM
    psram_sizes: tuple[int, ...] = ()  # those that it can have
    octal_psram_from: int | None = None  # bytes: modules with so much have eight data lines, which QEMU has to be told
    nic: str = ""  # network: model for `-nic user,model=`
    net_device: str = ""  # network, where the board makes none by itself: `-device`
    serials: int | None = None  # serial ports; the console is at the first. None: not known
    nics: int | None = None  # network cards that it can have; None: not known
    shift: int = 3  # of the virtual clock: the default
    package: str = ""  # what ESP-IDF's idf_tools.py calls the emulator that has it


_ESP_FLASH: Final = (2 * MB, 4 * MB, 8 * MB, 16 * MB)

BOARDS: Final[Mapping[str, Board]] = {
    # Espressif's QEMU: https://github.com/espressif/esp-toolchain-docs/tree/main/qemu
    "esp32": Board(
        emulator="qemu-system-xtensa",
        machine="esp32",
        memory=4 * MB,
        load="flash",
        flash_sizes=_ESP_FLASH,
        bootloader=0x1000,
        efuse="nvram.esp32.efuse",
        watchdog="timer.esp32.timg",
        psram=True,
        psram_sizes=(2 * MB, 4 * MB),
        nic="open_eth",
        serials=3,
        nics=1,
        shift=6,
        package="qemu-xtensa",
    ),
    "esp32s3": Board(
        emulator="qemu-system-xtensa",
        machine="esp32s3",
        memory=32 * MB,
        load="flash",
        flash_sizes=_ESP_FLASH,
        bootloader=0x0,
        efuse="nvram.esp32s3.efuse",
        watchdog="timer.esp32s3.timg",
        psram=True,
        psram_sizes=(2 * MB, 4 * MB, 8 * MB, 16 * MB, 32 * MB),
        octal_psram_from=8 * MB,  # R2 modules are quad, R8 and larger are octal
        nic="open_eth",
        serials=3,
        nics=1,
        shift=6,
        package="qemu-xtensa",
    ),
    "esp32c3": Board(
        emulator="qemu-system-riscv32",
        machine="esp32c3",
        load="flash",
        flash_sizes=_ESP_FLASH,
        bootloader=0x0,
        efuse="nvram.esp32c3.efuse",
        watchdog="timer.esp32c3.timg",
        nic="open_eth",
        serials=2,
        nics=1,
        package="qemu-riscv32",
    ),
    # QEMU as distributions have it
    "riscv32-virt": Board(
        emulator="qemu-system-riscv32",
        machine="virt",
        arguments=("-bios", "none"),
        net_device="virtio-net-device",
        serials=1,
        nics=8,
    ),
    "xtensa-lx60": Board(
        emulator="qemu-system-xtensa",
        machine="lx60-nommu",
        cpu="lx106",
        nic="open_eth",
        serials=1,
        nics=1,
    ),
}


# Chips that no QEMU emulates, each with the emulated one that is nearest to it
NOT_EMULATED: Final[Mapping[str, str]] = {
    "esp32c2": "esp32c3",
    "esp32c5": "esp32c3",
    "esp32c6": "esp32c3",
    "esp32c61": "esp32c3",
    "esp32h2": "esp32c3",
    "esp32h21": "esp32c3",
    "esp32h4": "esp32c3",
    "esp32p4": "esp32c3",
    "esp32s2": "esp32s3",
    "esp8266": "esp32",
}


def not_emulated(chip: str) -> str:
    """Why a chip can't be had, and what to do."""
    return (
        f'no emulator has the {chip}: run it on a real board (<machine kind="serial">), test what does not need the '
        f'chip on the host (<machine kind="linux">), or build for {NOT_EMULATED[chip]}, the nearest that QEMU has'
    )
