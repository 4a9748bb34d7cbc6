"""How esptool is asked to merge a flash image: each version spells it in its own way.

4.x  python -m esptool --chip esp32 merge_bin --fill-flash-size 4MB --output flash.bin 0x1000 bootloader.bin ...
5.x  python -m esptool --chip esp32 merge-bin --pad-to-size 4MB --output flash.bin 0x1000 bootloader.bin ...
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tpf.errors import MachineError
from tpf.firmware.images.parts import Layout
from tpf.machines.python_tools import Python, last_words
from tpf.process import Processes, Request, run_once

_LIMIT: Final = 60.0  # seconds


def merge_argv(major: int, python: str, target: str, layout: Layout, output: Path) -> tuple[str, ...]:
    """The command line for an esptool of this major version."""
    merge, fill = ("merge-bin", "--pad-to-size") if major >= 5 else ("merge_bin", "--fill-flash-size")
    places = (word for part in layout.placed for word in (f"{part.offset:#x}", str(part.path)))
    size = f"{layout.size >> 20}MB"
    return (python, "-m", "esptool", "--chip", target, merge, fill, size, "--output", str(output), *places)


async def merge(tool: Python, argv: tuple[str, ...], processes: Processes) -> None:
    """Run it. Raises MachineError with what it said."""
    request = Request(argv=argv, cwd=Path("/"), environment=tool.environment)
    outcome = await run_once(processes, request, timeout=_LIMIT)
    if not outcome.ok:
        raise MachineError(f"esptool can't merge the flash image: {outcome}: {last_words(outcome)}")
