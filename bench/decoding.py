"""A panic decoded with an ELF of 5 MB, as large as applications of ESP-IDF get: the first one of a run, and the next.

The ELF is made of generated C for RISC-V. Each panic is in functions of its own, so that nothing is known before.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import statistics
import subprocess
import time
from pathlib import Path
from typing import Final

from bench.journals import folder
from bench.measure import row
from tpf.machines.base import Firmware
from tpf.panics.decode import Decoders
from tpf.panics.model import Panic
from tpf.panics.text import parse
from tpf.process import Processes

COMPILER: Final = "riscv64-unknown-elf-gcc"
FUNCTIONS: Final = 9000
NEXT: Final = 20
FLAGS: Final = ("-march=rv32imc", "-mabi=ilp32", "-g", "-Og", "-nostdlib", "-ffreestanding", "-Wl,-Ttext=0x42000000")


def run() -> str:
    if shutil.which(COMPILER) is None:
        return f"decoding: {COMPILER} is not installed"
    with folder() as place:
        elf = _elf(place)
        size = elf.stat().st_size / 1e6
        xtensa, riscv = asyncio.run(_measured(elf))
    told = (f"{1000 * first:8.1f} ms the first, {1000 * later:.1f} ms the next" for first, later in (riscv, xtensa))
    rows = [row(name, text) for name, text in zip(("stack by gdb", "backtrace by addr2line"), told, strict=True)]
    return "\n".join([f"a panic decoded with an ELF of {size:.1f} MB", *rows])


def _elf(place: Path) -> Path:
    source = "".join(_function(number) for number in range(FUNCTIONS))
    last = FUNCTIONS - 1
    (place / "app.c").write_text(f"{source}int _start(void) {{ return step_{last}({last}); }}\n")
    command = [COMPILER, *FLAGS, "-o", str(place / "app.elf"), str(place / "app.c")]
    subprocess.run(command, check=True, timeout=300)
    return place / "app.elf"


def _function(number: int) -> str:
    call = f"step_{number - 1}(x - 1)" if number else "x"
    return (
        f"struct state_{number} {{ int count; struct state_{number} *next; char name[{8 + number % 50}]; }};\n"
        f"static inline int add_{number}(struct state_{number} *s, int by) {{ s->count += by; return s->count; }}\n"
        f"__attribute__((noinline)) int step_{number}(int x)\n{{\n  struct state_{number} own = {{x, 0, {{0}}}};\n"
        f"  for (int i = 0; i < x; i++)\n    add_{number}(&own, i);\n  return {call} + own.count;\n}}\n"
    )


def _panics(elf: Path, *, traced: bool) -> list[Panic]:
    """Crashes far from each other."""
    symbols = subprocess.run(["riscv64-unknown-elf-nm", str(elf)], capture_output=True, text=True, check=True).stdout
    found = dict(re.findall(r"^([0-9a-f]{8}) T (step_\d+)$", symbols, re.MULTILINE))
    places = sorted((int(name.removeprefix("step_")), int(address, 16)) for address, name in found.items())
    return [
        _panic([address + 4 for _, address in places[at : at + 12]], traced=traced)
        for at in range(100, FUNCTIONS, FUNCTIONS // (NEXT + 2))
    ]


def _panic(addresses: list[int], *, traced: bool) -> Panic:
    pc, ra = addresses[:2]
    lines = [
        "Guru Meditation Error: Core  0 panic'ed (Load access fault). Exception was unhandled.",
        "Core  0 register dump:",
        f"MEPC    : {pc:#010x}  RA      : {ra:#010x}  SP      : 0x3fc91c40  GP      : 0x3fc8b400",
    ]
    if traced:
        lines.append("Backtrace: " + " ".join(f"{address:#010x}:0x3fc91c40" for address in addresses))
    else:
        words = " ".join(f"{address:#010x}" for address in addresses[:8])
        lines += ["Stack memory:", *(f"{0x3FC91C40 + 32 * line:08x}: {words}" for line in range(32))]
    panic = parse(lines)
    assert panic is not None
    return panic


async def _measured(elf: Path) -> tuple[tuple[float, float], ...]:
    """Seconds for the first one and, at the median, the next: of printed backtraces, and of stacks."""
    figures = []
    for traced in (True, False):
        async with Processes(dict(os.environ)) as processes, Decoders(processes) as decoders:
            panics = _panics(elf, traced=traced)
            times = []
            for number in range(NEXT + 1):
                began = time.perf_counter()
                told = await decoders.decode(panics[number], Firmware(elf=elf), "esp32c3")
                times.append(time.perf_counter() - began)
                assert not told.note, told.note
                assert told.backtraces[0].frames[0].function.startswith(("step_", "add_"))
        figures.append((times[0], statistics.median(times[1:])))
    return tuple(figures)


if __name__ == "__main__":
    print(run())
