"""esptool, run as a program: which one there is, and of which version."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tpf.errors import EnvironmentLacks
from tpf.machines.asking import answer
from tpf.process import Outcome, Processes, Request

_LIMIT: Final = 60.0  # seconds
_LAST_LINES: Final = 6
_FRAME: Final = " \t│╭╮╰╯─"  # 5.x draws boxes around what is wrong
_VERSION: Final = re.compile(r"\bv(\d+)\.\d")
HOW: Final = "pip install 'testarena-ci[esp]', or activate ESP-IDF, which brings its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Esptool:
    """An interpreter that has it."""

    python: str
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def argv(self) -> tuple[str, ...]:
        return (self.python, "-m", "esptool")


def esptool_of(environment: tuple[tuple[str, str], ...], what_for: str) -> Esptool:
    """That of the activated ESP-IDF, else our own. Raises EnvironmentLacks when there is none."""
    activated: Mapping[str, str] = dict(environment)
    folder = activated.get("IDF_PYTHON_ENV_PATH")
    if folder and (Path(folder) / "bin" / "python").exists():
        return Esptool(python=str(Path(folder) / "bin" / "python"), environment=environment)
    if importlib.util.find_spec("esptool") is None:
        raise EnvironmentLacks(f"{what_for} needs esptool, which is not there: {HOW}")
    return Esptool(python=sys.executable)


async def major_version(tool: Esptool, processes: Processes) -> int:
    """4, 5, ..., asked once a run. Raises EnvironmentLacks when it doesn't start."""
    request = Request(argv=(*tool.argv, "version"), cwd=Path("/"), environment=tool.environment)
    outcome = await answer(processes, request, timeout=_LIMIT)
    found = _VERSION.search(outcome.output.decode(errors="replace"))
    if not outcome.ok or found is None:
        raise EnvironmentLacks(f"`{tool.python} -m esptool version`: {outcome}: {last_words(outcome)}; {HOW}")
    return int(found[1])


def last_words(outcome: Outcome) -> str:
    """The end of what it said, in one line."""
    text = outcome.output.decode(errors="replace")
    lines = [line for line in (line.strip(_FRAME) for line in text.splitlines()) if line]
    return " ".join(lines[-_LAST_LINES:]) or "it said nothing"
