"""esptool, run as a program: which one there is, its version, and how each version wants `merge_bin` spelt.

4.x  python -m esptool --chip esp32 merge_bin --fill-flash-size 4MB --output flash.bin 0x1000 bootloader.bin ...
5.x  python -m esptool --chip esp32 merge-bin --pad-to-size 4MB --output flash.bin 0x1000 bootloader.bin ...
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tpf.errors import EnvironmentLacks, MachineError
from tpf.firmware.images.parts import Layout
from tpf.machines.python_tools import Python, Variables, any_python, idf_python, last_words, own_python
from tpf.process import Outcome, Processes, Request, run_once

_LIMIT: Final = 60.0  # seconds
_VERSION = re.compile(r"\bv(\d+)\.\d")
_HOW: Final = "pip install 'testarena-ci[esp]', or activate ESP-IDF, which brings its own"


def esptool_of(environment: Variables) -> Python:
    """The interpreter of the activated ESP-IDF, else ours. Raises EnvironmentLacks when none has esptool."""
    lacks = f"merging a flash image of several files needs esptool, which is not there: {_HOW}"
    return any_python(idf_python(environment), own_python("esptool"), lacks=lacks)


def merge_argv(major: int, python: str, target: str, layout: Layout, output: Path) -> tuple[str, ...]:
    """The command line for an esptool of this major version."""
    merge, fill = ("merge-bin", "--pad-to-size") if major >= 5 else ("merge_bin", "--fill-flash-size")
    places = (word for part in layout.placed for word in (f"{part.offset:#x}", str(part.path)))
    size = f"{layout.size >> 20}MB"
    return (python, "-m", "esptool", "--chip", target, merge, fill, size, "--output", str(output), *places)


async def major_version(tool: Python, processes: Processes) -> int:
    """4, 5, ... Raises EnvironmentLacks when it doesn't start."""
    outcome = await _run(tool, (tool.program, "-m", "esptool", "version"), processes)
    found = _VERSION.search(outcome.output.decode(errors="replace"))
    if not outcome.ok or found is None:
        raise EnvironmentLacks(f"`{tool.program} -m esptool version`: {outcome}: {last_words(outcome)}; {_HOW}")
    return int(found[1])


async def merge(tool: Python, argv: tuple[str, ...], processes: Processes) -> None:
    """Run it. Raises MachineError with what it said."""
    outcome = await _run(tool, argv, processes)
    if not outcome.ok:
        raise MachineError(f"esptool can't merge the flash image: {outcome}: {last_words(outcome)}")


async def _run(tool: Python, argv: tuple[str, ...], processes: Processes) -> Outcome:
    request = Request(argv=argv, cwd=Path("/"), environment=tool.environment)
    return await run_once(processes, request, timeout=_LIMIT)
