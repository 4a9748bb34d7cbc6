"""esptool, run as a program: which one there is, its version, and how each version wants `merge_bin` spelt.

4.x  python -m esptool --chip esp32 merge_bin --fill-flash-size 4MB --output flash.bin 0x1000 bootloader.bin ...
5.x  python -m esptool --chip esp32 merge-bin --pad-to-size 4MB --output flash.bin 0x1000 bootloader.bin ...
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tpf.errors import EnvironmentLacks, MachineError
from tpf.firmware.images.parts import Layout
from tpf.process import Outcome, Processes, Request, run_once

_LIMIT: Final = 60.0  # seconds
_LAST_LINES: Final = 6
_FRAME: Final = " \t│╭╮╰╯─"  # 5.x draws boxes around what is wrong
_VERSION = re.compile(r"\bv(\d+)\.\d")
_HOW: Final = "pip install 'testarena-ci[esp]', or activate ESP-IDF, which brings its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Esptool:
    """An interpreter that has it."""

    python: str
    environment: tuple[tuple[str, str], ...] = ()


def esptool_of(environment: tuple[tuple[str, str], ...]) -> Esptool:
    """That of the activated ESP-IDF, else our own. Raises EnvironmentLacks when there is none."""
    activated: Mapping[str, str] = dict(environment)
    folder = activated.get("IDF_PYTHON_ENV_PATH")
    if folder and (Path(folder) / "bin" / "python").exists():
        return Esptool(python=str(Path(folder) / "bin" / "python"), environment=environment)
    if importlib.util.find_spec("esptool") is None:
        raise EnvironmentLacks(f"merging a flash image of several files needs esptool, which is not there: {_HOW}")
    return Esptool(python=sys.executable)


def merge_argv(major: int, python: str, target: str, layout: Layout, output: Path) -> tuple[str, ...]:
    """The command line for an esptool of this major version."""
    merge, fill = ("merge-bin", "--pad-to-size") if major >= 5 else ("merge_bin", "--fill-flash-size")
    places = (word for part in layout.placed for word in (f"{part.offset:#x}", str(part.path)))
    size = f"{layout.size >> 20}MB"
    return (python, "-m", "esptool", "--chip", target, merge, fill, size, "--output", str(output), *places)


async def major_version(tool: Esptool, processes: Processes) -> int:
    """4, 5, ... Raises EnvironmentLacks when it doesn't start."""
    outcome = await _run(tool, (tool.python, "-m", "esptool", "version"), processes)
    found = _VERSION.search(outcome.output.decode(errors="replace"))
    if not outcome.ok or found is None:
        raise EnvironmentLacks(f"`{tool.python} -m esptool version`: {outcome}: {_last(outcome)}; {_HOW}")
    return int(found[1])


async def merge(tool: Esptool, argv: tuple[str, ...], processes: Processes) -> None:
    """Run it. Raises MachineError with what it said."""
    outcome = await _run(tool, argv, processes)
    if not outcome.ok:
        raise MachineError(f"esptool can't merge the flash image: {outcome}: {_last(outcome)}")


async def _run(tool: Esptool, argv: tuple[str, ...], processes: Processes) -> Outcome:
    request = Request(argv=argv, cwd=Path("/"), environment=tool.environment)
    return await run_once(processes, request, timeout=_LIMIT)


def _last(outcome: Outcome) -> str:
    text = outcome.output.decode(errors="replace")
    lines = [line for line in (line.strip(_FRAME) for line in text.splitlines()) if line]
    return " ".join(lines[-_LAST_LINES:]) or "it said nothing"
