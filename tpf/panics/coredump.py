"""Core dumps decoded by Espressif's esp-coredump, run as a program: a text of tasks, registers and backtraces."""

from __future__ import annotations

import asyncio
import importlib.util
import shutil
import sys
from pathlib import Path
from typing import Final

from tpf.errors import TestArenaError
from tpf.machines.base import Firmware
from tpf.panics import toolchain
from tpf.panics.decode import elf_of
from tpf.panics.elf import read_elf
from tpf.process import Patience, Processes, Request, run_once

LIMIT: Final = 30.0  # seconds
_MOST: Final = 4 << 20  # bytes of what it says
_MODULE: Final = "esp_coredump"
_PROGRAMS: Final = ("esp-coredump", "espcoredump.py")


class NotDecoded(TestArenaError):
    """Why a core dump stays as it is."""


async def decode(dump: Path, firmware: Firmware, target: str, processes: Processes) -> bytes:
    """What is in a core dump, as a text. Raises NotDecoded."""
    elf = elf_of(firmware)
    facts = await asyncio.to_thread(read_elf, elf) if elf is not None else None
    if elf is None or facts is None:
        raise NotDecoded("the scenario names no ELF file with symbols")
    environment = toolchain.environment_of(firmware, processes.environment)
    program = _program(environment)
    debugger = _gdb(facts.machine, firmware, environment)
    rom = toolchain.rom_elf(target, environment)
    chip = (firmware.build.target if firmware.build else "") or target
    argv = (
        *program,
        *(("--chip", chip) if chip.startswith("esp32") else ()),
        *("info_corefile", "--core", str(dump), "--core-format", "b64"),
        *("--gdb", debugger),
        *(("--rom-elf", str(rom)) if rom else ()),
        str(elf),
    )
    return await _run(argv, tuple(environment.items()), processes)


async def _run(argv: tuple[str, ...], environment: toolchain.Environment, processes: Processes) -> bytes:
    request = Request(argv=argv, cwd=Path("/"), environment=environment, patience=Patience(terminate=1))
    outcome = await run_once(processes, request, timeout=LIMIT, keep=_MOST)
    if not outcome.ok:
        said = outcome.output.decode("utf-8", "replace").strip().splitlines()
        raise NotDecoded(f"esp-coredump: {outcome}{f': {said[-1].strip()[:300]}' if said else ''}")
    return outcome.output


def _program(environment: dict[str, str]) -> tuple[str, ...]:
    """That of our own Python, else that of ESP-IDF's, when it is activated."""
    if sys.executable and importlib.util.find_spec(_MODULE) is not None:
        return (sys.executable, "-m", _MODULE)
    found = next(filter(None, (shutil.which(name, path=environment.get("PATH")) for name in _PROGRAMS)), None)
    if found is None:
        raise NotDecoded("esp-coredump is not installed: pip install 'testarena-ci[esp]'")
    return (found,)


def _gdb(machine: int, firmware: Firmware, environment: dict[str, str]) -> str:
    """Espressif's debugger for the processor: esp-coredump understands what others say of threads as little as they it.

    (gdb-multiarch 13.1: "ValueError: invalid literal for int() with base 0: 'LWP 1070132272'".)
    """
    prefix = firmware.build.tool_prefix if firmware.build else ""
    names = [name for name in toolchain.gdbs(machine, prefix) if "-esp" in name]
    for name in names:
        found = shutil.which(name, path=environment.get("PATH")) or toolchain.installed(name, environment)
        if found:
            return str(found)
    raise NotDecoded(
        f"none of {', '.join(names)} is here; source ESP-IDF's export.sh first, or run in the runner image"
    )
