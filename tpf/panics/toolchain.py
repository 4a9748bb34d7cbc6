"""Which programs can decode a firmware's addresses, and where they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tpf.machines.base import Firmware
from tpf.panics.elf import RISCV, XTENSA

Environment = tuple[tuple[str, str], ...]

_PREFIXES: Final[Mapping[int, tuple[str, ...]]] = {
    XTENSA: ("xtensa-esp-elf-", "xtensa-esp32-elf-", "xtensa-esp32s3-elf-", "xtensa-esp32s2-elf-", "xtensa-lx106-elf-"),
    RISCV: ("riscv32-esp-elf-", "riscv64-unknown-elf-", "riscv32-unknown-elf-"),
}
_PACKAGES: Final[Mapping[int, str]] = {XTENSA: "gcc-xtensa-lx106", RISCV: "gcc-riscv64-unknown-elf"}
_ARGUMENTS: Final = ("-a", "-f", "-i", "-C", "-e")
_ROM: Final = ((0x40000000, 0x40070000), (0x4FC00000, 0x4FC20000))  # the second one's is esp32p4's
_ROM_REVISIONS: Final[Mapping[str, tuple[str, ...]]] = {  # those that most chips, and the emulator, have
    "esp32": ("300", "0"),
    "esp32c3": ("3", "101"),
}


def environment_of(firmware: Firmware, inherited: Mapping[str, str]) -> dict[str, str]:
    """What programs of the firmware's toolchain are to see, on top of the run's environment; nothing from the net."""
    return {
        **{
            name: inherited[name] for name in ("PATH", "HOME", "IDF_TOOLS_PATH", "ESP_ROM_ELF_DIR") if name in inherited
        },
        **dict(firmware.build.environment if firmware.build else ()),
        "DEBUGINFOD_URLS": "",
    }


def addr2lines(machine: int, tool_prefix: str) -> Iterator[tuple[str, ...]]:
    """Command lines, without the ELF, in the order in which to try them; those of the host may know the ELF, too."""
    for prefix in _prefixes(machine, tool_prefix):
        yield (f"{prefix}addr2line", *_ARGUMENTS)
    yield ("llvm-addr2line", *_ARGUMENTS)
    yield ("llvm-symbolizer", "--output-style=GNU", *_ARGUMENTS)
    yield ("addr2line", *_ARGUMENTS)


def gdbs(machine: int, tool_prefix: str) -> Iterator[str]:
    """Debuggers in the order in which to try them."""
    for prefix in _prefixes(machine, tool_prefix):
        yield f"{prefix}gdb"
        yield f"{prefix}gdb-no-python"
    yield from ("gdb-multiarch", "gdb")


def _prefixes(machine: int, tool_prefix: str) -> Sequence[str]:
    return tuple(dict.fromkeys(filter(None, (tool_prefix, *_PREFIXES.get(machine, ())))))


def how_to_get(machine: int) -> str:
    """A sentence to go on after a semicolon."""
    package = _PACKAGES.get(machine)
    other = f", or on Debian and Ubuntu: apt install {package}" if package else ""
    return f"source ESP-IDF's export.sh first, or run in the runner image{other}"


def how_to_get_gdb() -> str:
    """The same for a debugger."""
    return "source ESP-IDF's export.sh first, or on Debian and Ubuntu: apt install gdb-multiarch"


def installed(name: str, environment: Mapping[str, str]) -> Path | None:
    """A program among ESP-IDF's tools, though nobody has activated them; the newest."""
    home = environment.get("HOME", "")
    roots = filter(None, (environment.get("IDF_TOOLS_PATH", ""), f"{home}/.espressif" if home else "", "/opt/esp"))
    for root in map(Path, dict.fromkeys(roots)):
        found = sorted(root.glob(f"tools/*/*/*/bin/{name}"))
        if found:
            return found[-1]
    return None


def in_rom(address: int) -> bool:
    """Whether a chip's ROM lies there, provided that the firmware's code doesn't."""
    return any(first <= address < end for first, end in _ROM)


def rom_elf(target: str, environment: Mapping[str, str]) -> Path | None:
    """The chip's ROM with its symbols, when ESP-IDF's tools have it."""
    folder = environment.get("ESP_ROM_ELF_DIR", "")
    if not (folder and target.isalnum()):
        return None
    named = [Path(folder) / f"{target}_rev{revision}_rom.elf" for revision in _ROM_REVISIONS.get(target, ())]
    others = sorted(Path(folder).glob(f"{target}_rev*_rom.elf"))
    return next((path for path in (*named, *others) if path.is_file()), None)
