"""How much memory a firmware takes: what esp-idf-size tells of the linker's map, and the size of the application.

{"version": "1.2", "layout": [{"name": "Flash Code", "total": 4194272, "used": 73632, "parts": {...}}, ...]}
"""

from __future__ import annotations

import json
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from tpf.errors import EnvironmentLacks
from tpf.firmware.idf.facts import Outputs
from tpf.process import Processes, Request, run_once
from tpf.result import FirmwareSize

_LIMIT: Final = 60.0  # seconds
_KEEP: Final = 4 << 20  # bytes of its output
# check_sizes.py, which ESP-IDF runs in each build: "hello.bin binary size 0x2a9f0 bytes. Smallest app partition is ..."
_PARTITION: Final = re.compile(r"binary size (0x[0-9a-f]+) bytes\. Smallest app partition is (0x[0-9a-f]+) bytes")


async def sizes_of(outputs: Outputs, said: str, processes: Processes) -> tuple[FirmwareSize, ...]:
    """The sizes that can be had; `said` is the output of the build. Never raises for those that can't."""
    image = _image(outputs, said)
    memory = await _memory(outputs, processes)
    return (*memory, *image)


def _image(outputs: Outputs, said: str) -> tuple[FirmwareSize, ...]:
    if outputs.app is None:
        return ()
    size = outputs.app.stat().st_size
    totals = [int(total, 16) for used, total in _PARTITION.findall(said) if int(used, 16) == size]
    return (FirmwareSize(name="image", used=size, total=totals[-1] if totals else None),)


async def _memory(outputs: Outputs, processes: Processes) -> tuple[FirmwareSize, ...]:
    """By esp-idf-size of the ESP-IDF, else our own; none when there is none, or when it fails."""
    if outputs.map is None:
        return ()
    environment = outputs.facts.environment
    for python in _pythons(dict(environment)):
        argv = (python, "-m", "esp_idf_size", "--format", "json2", str(outputs.map))
        request = Request(argv=argv, cwd=outputs.facts.folder, environment=environment)
        try:
            outcome = await run_once(processes, request, timeout=_LIMIT, keep=_KEEP)
        except EnvironmentLacks:
            continue
        if outcome.ok and (found := layout_of(outcome.output.decode("utf-8", "replace"))):
            return found
    return ()


def _pythons(environment: dict[str, str]) -> list[str]:
    own = Path(environment.get("IDF_PYTHON_ENV_PATH", "/nowhere")) / "bin" / "python"
    found = [str(own)] if own.is_file() else []
    return [*found, sys.executable] if find_spec("esp_idf_size") is not None else found


def layout_of(text: str) -> tuple[FirmwareSize, ...]:
    """What of its output is of use; empty when it is something else."""
    try:
        found: Any = json.loads(text[text.index("{") :])
        layout = found["layout"]
        return tuple(
            FirmwareSize(name=str(part["name"]), used=int(part["used"]), total=int(part.get("total") or 0) or None)
            for part in layout
            if int(part["used"]) > 0
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return ()
