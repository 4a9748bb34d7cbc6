"""What ESP-IDF's panic handler prints, by kind of panic, for Xtensa and RISC-V."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_GURU: Final = "Guru Meditation Error: Core  0 panic'ed ({})."
_XTENSA: Final = {"load": "LoadProhibited", "store": "StoreProhibited", "illegal": "IllegalInstruction"}
_RISCV: Final = {"load": "Load access fault", "store": "Store access fault", "illegal": "Illegal instruction"}
_CAUSES: Final = {"load": 5, "store": 7, "illegal": 2}  # mcause
_OTHERS: Final = {
    "abort": "abort() was called at PC {pc} on core 0",
    "assert": 'assert failed: app_main main.c:29 (0 && "asked to")',
    "smash": "Stack smashing protect failure!",
    "stack": "***ERROR*** A stack overflow in task main has been detected.",
    "heap": "CORRUPT HEAP: Bad head at 0x3fc91e10. Expected 0xabba1234 got 0xffffffff",
    "watchdog": "Guru Meditation Error: Core  0 panic'ed (Interrupt wdt timeout on CPU0).",
}
KINDS: Final = (*_XTENSA, *_OTHERS)
_STACK: Final = 0x3FC91E10


def panic(
    kind: str, *, xtensa: bool, sha256: str, pc: str = "", backtrace: Sequence[str] = (), said: str = ""
) -> list[str]:
    """Its lines, from the reason to "Rebooting..."; `kind` is one of KINDS, `said` takes the place of the first one."""
    pc = pc or ("0x400d5f36" if xtensa else "0x420058f2")
    if kind in _OTHERS:
        first = _OTHERS[kind].format(pc=pc)
    else:
        first = f"{_GURU.format((_XTENSA if xtensa else _RISCV)[kind])} Exception was unhandled."
    body = _xtensa(pc, backtrace) if xtensa else _riscv(pc, _CAUSES.get(kind, 0))
    if xtensa and kind not in _XTENSA:
        body = body[-1:]  # no registers, but a backtrace
    return ["", said or first, "", *body, "", "", f"ELF file SHA256: {sha256[:9]}", "", "Rebooting..."]


def _xtensa(pc: str, backtrace: Sequence[str]) -> list[str]:
    values = {"PC": pc, "PS": "0x00060830", "A0": "0x800d4c2b", "A1": "0x3ffb1e20", "EXCVADDR": "0x00000000"}
    names = ("PC", "PS", "A0", "A1", *(f"A{number}" for number in range(2, 16)), "SAR", "EXCCAUSE", "EXCVADDR", "LBEG")
    words = [f"{name:<8}: {values.get(name, '0x00000000')}  " for name in names]
    rows = ["".join(words[start : start + 4]) for start in range(0, len(words), 4)]
    frames = backtrace or (f"{pc}:0x3ffb1e20", "0x400e2b17:0x3ffb1e40", "0x40086a21:0x3ffb1e60")
    return ["Core  0 register dump:", *rows, "", "", f"Backtrace: {' '.join(frames)}"]


def _riscv(pc: str, cause: int) -> list[str]:
    values = {"MEPC": pc, "RA": pc, "SP": f"{_STACK:#010x}", "MSTATUS": "0x00001881", "MCAUSE": f"{cause:#010x}"}
    names = (
        *("MEPC", "RA", "SP", "GP", "TP", "T0", "T1", "T2", "S0/FP", "S1"),
        *(f"A{number}" for number in range(8)),
        *(f"S{number}" for number in range(2, 12)),
        *("T3", "T4", "T5", "T6", "MSTATUS", "MTVEC", "MCAUSE", "MTVAL", "MHARTID"),
    )
    words = [f"{name:<8}: {values.get(name, '0x00000000')}  " for name in names]
    rows = ["".join(words[start : start + 4]) for start in range(0, len(words), 4)]
    stack = [f"{_STACK + 32 * row:08x}: " + " ".join(["0x00000000"] * 7 + [pc]) for row in range(4)]
    return ["Core  0 register dump:", *rows, "", "Stack memory:", *stack]
