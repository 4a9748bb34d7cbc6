"""esptool, run as a program: which one there is, and of which version."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tpf.errors import EnvironmentLacks
from tpf.machines.asking import answer
from tpf.machines.python_tools import Python, Variables, any_python, idf_python, last_words, own_python
from tpf.process import Processes, Request

_LIMIT: Final = 60.0  # seconds
_VERSION: Final = re.compile(r"\bv(\d+)\.\d")
_HOW: Final = "pip install 'testarena-ci[esp]', or activate ESP-IDF, which brings its own"


def esptool_of(environment: Variables, what_for: str) -> Python:
    """The interpreter of the activated ESP-IDF, else ours. Raises EnvironmentLacks when none has esptool."""
    lacks = f"{what_for} needs esptool, which is not there: {_HOW}"
    return any_python(idf_python(environment), own_python("esptool"), lacks=lacks)


async def major_version(tool: Python, processes: Processes) -> int:
    """4, 5, ..., asked once a run. Raises EnvironmentLacks when it doesn't start."""
    request = Request(argv=(tool.program, "-m", "esptool", "version"), cwd=Path("/"), environment=tool.environment)
    outcome = await answer(processes, request, timeout=_LIMIT)
    found = _VERSION.search(outcome.output.decode(errors="replace"))
    if not outcome.ok or found is None:
        raise EnvironmentLacks(f"`{tool.program} -m esptool version`: {outcome}: {last_words(outcome)}; {_HOW}")
    return int(found[1])
