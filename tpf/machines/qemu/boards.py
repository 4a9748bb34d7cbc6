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
    efuse: str = ""  # the device that holds its eFuses
    watchdog: str = ""  # the device whose watchdogs can be switched off
    psram: bool = False  # its memory (-m) is external RAM
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
        efuse="nvram.esp32.efuse",
        watchdog="timer.esp32.timg",
        psram=True,
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
        efuse="nvram.esp32s3.efuse",
        watchdog="timer.esp32s3.timg",
        psram=True,
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
