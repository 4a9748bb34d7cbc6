"""What a build's configuration (sdkconfig) tells of the board that it is for. Names are without CONFIG_. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from tpf.machines.base import BuildFacts
from tpf.machines.qemu.boards import MB, Board
from tpf.machines.qemu.efuses import FUSES
from tpf.machines.qemu.options import Options

Config = Mapping[str, bool | int | str]
_PSRAM_TYPE = re.compile(r"SPIRAM_TYPE_ESPPSRAM(?P<megabits>\d+)")


def with_psram(board: Board, options: Options, build: BuildFacts | None) -> Board:
    """The board with the external RAM that the firmware was built for; what the scenario says of memory wins."""
    if build is None or not board.psram or options.psram is not None or options.memory is not None:
        return board
    size = psram_of(build.config)
    return replace(board, memory=size) if size in board.psram_sizes else board


def psram_of(config: Config) -> int | None:
    """Bytes of external RAM that the build asks for; None when it takes what there is, or needs none."""
    if config.get("SPIRAM") is not True:
        return None
    for name, value in config.items():
        kind = _PSRAM_TYPE.fullmatch(name)
        if kind is not None and value is True:
            return int(kind["megabits"]) * MB // 8
    return None


def octal_psram(board: Board, options: Options, build: BuildFacts | None) -> bool:
    """Whether the external RAM has eight data lines. The firmware knows; else the size tells."""
    if board.octal_psram_from is None:
        return False
    if build is not None and "SPIRAM" in build.config:
        return build.config.get("SPIRAM_MODE_OCT") is True
    return options.psram is not None and options.psram >= board.octal_psram_from


def flash_sizes(board: Board, options: Options, build: BuildFacts | None) -> tuple[int, ...]:
    """The sizes that the flash may have. Raises ValueError when the board has none that the build could do with."""
    if options.flash is not None:
        return (options.flash,)
    least = build.flash_size if build is not None else None
    if least is None or not board.flash_sizes:
        return board.flash_sizes
    sizes = tuple(size for size in board.flash_sizes if size >= least)
    if not sizes:
        raise ValueError(too_large(board, least))
    return sizes


def too_large(board: Board, size: int) -> str:
    """Why firmware for a flash of this size can't run, and what to do."""
    largest = max(board.flash_sizes) // MB
    return (
        f"the firmware is built for a flash of {size // MB}MB, and the board {board.machine} of QEMU has {largest}MB "
        f"at most; build it with CONFIG_ESPTOOLPY_FLASHSIZE_{largest}MB=y in a config of its own, or run it on a real "
        'board: <machine kind="serial">'
    )


def least_revision(chip: str, config: Config) -> int:
    """The lowest chip revision that the firmware runs on, as major * 100 + minor; 0 when it doesn't say."""
    name = chip.upper()
    for known in (f"{name}_REV_MIN_FULL", "ESP_REV_MIN_FULL"):
        value = config.get(known)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    old = config.get(f"{name}_REV_MIN")  # before ESP-IDF 5.0: the esp32's major, of others the minor
    if not isinstance(old, int) or isinstance(old, bool):
        return 0
    return old * 100 if chip == "esp32" else old


def revision(chip: str, options: Options, build: BuildFacts | None) -> int:
    """The revision of the emulated chip: what the scenario says, else one that the firmware runs on."""
    if options.revision is not None:
        return options.revision
    return max(FUSES[chip].revision, least_revision(chip, build.config if build is not None else {}))


SERIAL_WAY_OUT: Final = 'run it on a real board: <machine kind="serial">'
