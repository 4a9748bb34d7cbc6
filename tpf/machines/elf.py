"""Whether a file is a program that this host can run: read from the first bytes of an ELF file.

00000000  7f 45 4c 46 02 01 01 00  ...                  magic; class (1: 32 bits, 2: 64); byte order (1: little)
00000010  03 00 3e 00              ...                  type; machine (System V ABI, "e_machine")
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_MAGIC: Final = b"\x7fELF"
_MACHINES: Final[Mapping[int, str]] = {3: "x86", 40: "ARM", 62: "x86-64", 94: "Xtensa", 183: "AArch64", 243: "RISC-V"}
_OF_HOST: Final[Mapping[str, frozenset[int]]] = {
    "x86_64": frozenset({3, 62}),
    "aarch64": frozenset({40, 183}),
    "riscv64": frozenset({243}),
}


def foreign(file: Path, host: str = "") -> str:
    """What is wrong with running a file on this host, as a predicate; "" when nothing is that can be seen.

    `host` is this machine's, as ``uname -m`` says it. Files that can't be read are left to whoever starts them.
    """
    try:
        with file.open("rb") as opened:
            head = opened.read(20)
    except OSError:
        return ""
    if head[:4] != _MAGIC:
        return "" if head[:2] == b"#!" else "is no program (no ELF file): build the project for the target linux"
    machine = int.from_bytes(head[18:20], "big" if head[5] == 2 else "little")
    mine = _OF_HOST.get(host or platform.machine())
    if mine is None or machine in mine:
        return ""
    built_for = _MACHINES.get(machine, f"a processor with the number {machine}")
    return f"is built for {built_for}, not for this host: build the project for the target linux"
