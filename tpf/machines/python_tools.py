"""Tools that are Python modules, run as programs: by the interpreter of an activated ESP-IDF, or by our own."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tpf.errors import EnvironmentLacks
from tpf.process import Outcome

Variables = tuple[tuple[str, str], ...]
_LAST_LINES: Final = 6
_FRAME: Final = " \t│╭╮╰╯─"  # boxes that some draw around what is wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Python:
    """An interpreter, and the environment that it needs."""

    program: str
    environment: Variables = ()


def idf_python(environment: Variables) -> Python | None:
    """The interpreter of an activated ESP-IDF; None when there is none."""
    folder = dict(environment).get("IDF_PYTHON_ENV_PATH")
    program = Path(folder or "", "bin", "python")
    return Python(program=str(program), environment=environment) if folder and program.exists() else None


def own_python(module: str) -> Python | None:
    """The interpreter that runs us, when it has the module."""
    return Python(program=sys.executable) if importlib.util.find_spec(module) is not None else None


def any_python(*found: Python | None, lacks: str) -> Python:
    """The first that there is. Raises EnvironmentLacks."""
    python = next((python for python in found if python is not None), None)
    if python is None:
        raise EnvironmentLacks(lacks)
    return python


def last_words(outcome: Outcome) -> str:
    """The end of what a tool said, in one line."""
    text = outcome.output.decode(errors="replace")
    lines = [line for line in (line.strip(_FRAME) for line in text.splitlines()) if line]
    return " ".join(lines[-_LAST_LINES:]) or "it said nothing"
