"""Finds programs, and says how to get those that are missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tpf.errors import EnvironmentLacks

# Debian's and Ubuntu's packages of the programs that scenarios use most.
PACKAGES: Final[Mapping[str, str]] = {
    "qemu-system-riscv32": "qemu-system-misc (from Debian 13 and Ubuntu 25.04 on: qemu-system-riscv)",
    "qemu-system-riscv64": "qemu-system-misc (from Debian 13 and Ubuntu 25.04 on: qemu-system-riscv)",
    "qemu-system-xtensa": "qemu-system-misc",
    "qemu-system-arm": "qemu-system-arm",
    "riscv64-unknown-elf-gcc": "gcc-riscv64-unknown-elf",
    "xtensa-lx106-elf-gcc": "gcc-xtensa-lx106",
    "make": "make",
    "cmake": "cmake",
    "ninja": "ninja-build",
    "git": "git",
    "curl": "curl",
    "wget": "wget",
    "node": "nodejs",
    "npm": "npm",
    "gcc": "gcc",
    "gdb": "gdb",
    "gdb-multiarch": "gdb-multiarch",
    "openocd": "openocd",
    "mosquitto": "mosquitto",
    "mosquitto_pub": "mosquitto-clients",
    "mosquitto_sub": "mosquitto-clients",
    "socat": "socat",
    "nc": "netcat-openbsd",
    "python3": "python3",
}
_ADVICE: Final[Mapping[str, str]] = {
    "idf.py": "source ESP-IDF's export.sh first, or name the project: <firmware project=...> finds ESP-IDF by itself; "
    "`testarena doctor --target TARGET` says what is missing",
    "esptool.py": "source ESP-IDF's export.sh first, or: pip install esptool",
}


def advice(name: str) -> str:
    """How to get a program: a sentence to go on after a semicolon."""
    if name in _ADVICE:
        return _ADVICE[name]
    if name in PACKAGES:
        return f"on Debian and Ubuntu: apt install {PACKAGES[name]}"
    return "install it, or add its folder to PATH"


def find_program(name: str, *, cwd: Path, path: str | None) -> str:
    """The absolute path of a program, looked for as a shell started in `cwd` would. Raises EnvironmentLacks."""
    if not name or "\0" in name:
        raise EnvironmentLacks(f"{name!r} is not the name of a program")
    if "/" in name:
        return _checked(name, cwd / name)
    found = shutil.which(name, path=path)
    if found is None:
        raise EnvironmentLacks(f"program not found: {name}; {advice(name)}")
    return _checked(name, cwd / found)


def _checked(name: str, file: Path) -> str:
    """The path, made absolute but with its links unfollowed (a program may go by its name), if it can be started."""
    absolute = str(file.absolute())
    if not file.is_file():
        raise EnvironmentLacks(f"program not found: {name} (looked for {absolute})")
    if not os.access(file, os.X_OK):
        raise EnvironmentLacks(f"{absolute} is not executable; chmod +x {absolute}")
    interpreter = _interpreter(file)
    if interpreter and not Path(interpreter).is_file():
        raise EnvironmentLacks(f"{absolute} can't be started: its first line asks for {interpreter}, which is missing")
    return absolute


def _interpreter(file: Path) -> str:
    """What a script's `#!` line asks for; empty for other programs."""
    try:
        with file.open("rb") as opened:
            first = opened.read(256)
    except OSError:  # may be executed, but not read
        return ""
    if not first.startswith(b"#!"):
        return ""
    words = first[2:].split(b"\n", 1)[0].split()
    return os.fsdecode(words[0]) if words else ""
