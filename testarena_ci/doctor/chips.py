"""The targets that can be asked about, as data: what compiles for them, and which board emulates them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tpf.errors import UsageError
from tpf.machines.qemu.boards import BOARDS, NOT_EMULATED, Board
from tpf.panics.elf import RISCV, XTENSA
from tpf.scenario.wording import listed, nearest

LINUX: Final = "linux"
_XTENSA: Final = frozenset({"esp32", "esp32s2", "esp32s3", "esp8266"})
_DEMO: Final = {"riscv32-virt": "riscv64-unknown-elf-gcc", "xtensa-lx60": "xtensa-lx106-elf-gcc"}


class Kind(StrEnum):
    """What a target is."""

    ESP = "esp"  # a chip that ESP-IDF builds for
    LINUX = "linux"  # ESP-IDF's host build
    BOARD = "board"  # another board of QEMU


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A target."""

    name: str
    kind: Kind
    board: Board | None = None  # that QEMU emulates it by
    compilers: tuple[str, ...] = ()  # by their names in ESP-IDF's versions; one is enough
    machine: int = 0  # ELF's number of its architecture


def chip_of(said: str) -> Chip:
    """The target that is meant: `ESP32-C3` is taken, too. Raises UsageError."""
    names = (*BOARDS, *NOT_EMULATED, LINUX)
    plain = said.strip().lower()
    name = plain if plain in names else plain.replace("-", "").replace("_", "")
    if name not in names:
        near = nearest(plain, names)
        hint = f"did you mean {near}? " if near else ""
        raise UsageError(f"unknown target {said[:80]!r}; {hint}known: {listed(names)}")
    return _chip(name)


def _chip(name: str) -> Chip:
    if name == LINUX:
        return Chip(name=name, kind=Kind.LINUX, compilers=("gcc",))
    board = BOARDS.get(name)
    machine = XTENSA if name in _XTENSA or name.startswith("xtensa") else RISCV
    if name in _DEMO:
        return Chip(name=name, kind=Kind.BOARD, board=board, compilers=(_DEMO[name],), machine=machine)
    return Chip(name=name, kind=Kind.ESP, board=board, compilers=_esp_compilers(name), machine=machine)


def _esp_compilers(name: str) -> tuple[str, ...]:
    if name == "esp8266":
        return ("xtensa-lx106-elf-gcc",)
    return (f"xtensa-{name}-elf-gcc", "xtensa-esp-elf-gcc") if name in _XTENSA else ("riscv32-esp-elf-gcc",)
