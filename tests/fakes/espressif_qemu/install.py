"""Puts the fake into a folder, under the names that Espressif's emulators have."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

NAMES: Final = ("qemu-system-xtensa", "qemu-system-riscv32")
_CHECKOUT: Final = Path(__file__).resolve().parents[3]
_SCRIPT: Final = """#!{python} -SE
import sys
sys.path.insert(0, {checkout!r})
from tests.fakes.espressif_qemu.emulator import main
main(sys.argv)
"""
_WITHOUT_LIBRARY: Final = """#!/bin/sh
why="{library}: cannot open shared object file: No such file or directory"
echo "$0: error while loading shared libraries: $why" >&2
exit 127
"""


def install(folder: Path, *, library_missing: str = "") -> Path:
    """Make both emulators; with `library_missing` they end as the dynamic loader has a program end that lacks one."""
    text = _SCRIPT.format(python=sys.executable, checkout=str(_CHECKOUT))
    if library_missing:
        text = _WITHOUT_LIBRARY.format(library=library_missing)
    folder.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder
