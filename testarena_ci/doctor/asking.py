"""Asks programs and Python packages whether they are there, and which version they are."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from testarena_ci.doctor.checks import Check, lacking, there
from tpf.errors import EnvironmentLacks
from tpf.machines.asking import answer
from tpf.machines.python_tools import Python, Variables, idf_python, own_python
from tpf.panics.toolchain import installed
from tpf.process import Outcome, Processes, Request
from tpf.processes.programs import advice, find_program

_LIMIT: Final = 30.0  # seconds that a program may take to tell its version
Own = Callable[[str], Python | None]

EXTRA: Final = "pip install 'testarena-ci[esp]'"
_VERSION: Final = re.compile(r"\d+\.\d+")
_ROOT: Final = Path("/")
_LONGEST: Final = 160  # characters of what a program says


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A program, by the names that it may go by; the first is the one that is shown."""

    names: tuple[str, ...]
    use: str  # what it is for
    needed: bool = False
    way: str = ""  # how to get it; else what is known of the program's package
    arguments: tuple[str, ...] = ("--version",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A Python package, of our own interpreter or of ESP-IDF's."""

    name: str  # on PyPI
    module: str
    use: str
    needed: bool = False
    way: str = EXTRA  # how to get it


class Asker:
    """Asks with the environment of an activated ESP-IDF on top of ours, as builds and emulators get it."""

    def __init__(self, processes: Processes, activated: Variables = (), own: Own = own_python) -> None:
        self.processes = processes
        self.activated = activated
        self._own = own

    @property
    def environment(self) -> dict[str, str]:
        return {**self.processes.environment, **dict(self.activated)}

    async def ask(self, *argv: str) -> Outcome:
        """Raises EnvironmentLacks when there is no such program."""
        request = Request(argv=argv, cwd=_ROOT, environment=self.activated)
        return await answer(self.processes, request, timeout=_LIMIT)

    async def look_for(self, wanted: Wanted) -> Check:
        """The first of its names that starts."""
        problem = ""
        for name in wanted.names:
            program = self._find(name)
            if program is None:
                continue
            said = await self._version(program, wanted.arguments)
            if said.ok:
                return there(name, said.text)
            problem = problem or f"{program} does not start: {said.text}"
        detail = problem or f"not found; for {wanted.use}"
        return lacking(wanted.names[0], detail, wanted.way or advice(wanted.names[0]), needed=wanted.needed)

    async def look_for_all(self, wanted: Iterable[Wanted]) -> tuple[Check, ...]:
        return tuple([await self.look_for(one) for one in wanted])

    async def look_for_package(self, package: Package) -> Check:
        """In our own interpreter, else in ESP-IDF's."""
        if self._own(package.module) is not None:
            return there(package.name, "with testarena")
        python = idf_python(self.activated)
        if python is not None and (await self.ask(python.program, "-c", f"import {package.module}")).ok:
            return there(package.name, "with ESP-IDF")
        return lacking(package.name, f"not found; for {package.use}", package.way, needed=package.needed)

    def python_of(self, module: str) -> Python | None:
        """The interpreter of ESP-IDF, which has it, else our own when that has it."""
        return idf_python(self.activated) or self._own(module)

    def _find(self, name: str) -> str | None:
        """On PATH, else among ESP-IDF's tools, though the ESP-IDF can't be activated."""
        try:
            return find_program(name, cwd=_ROOT, path=self.environment.get("PATH"))
        except EnvironmentLacks:
            found = installed(name, self.environment)
            return str(found) if found is not None and os.access(found, os.X_OK) else None

    async def _version(self, program: str, arguments: tuple[str, ...]) -> _Said:
        try:
            outcome = await self.ask(program, *arguments)
        except EnvironmentLacks as error:
            return _Said(ok=False, text=str(error))
        first = first_line(outcome) or "it said nothing"
        return _Said(ok=outcome.ok, text=first if outcome.ok else f"{outcome}: {first}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What a program said of its version, or why it didn't."""

    ok: bool
    text: str


def first_line(outcome: Outcome) -> str:
    """The first line with a version in it, for some programs warn of something before; else the first."""
    lines = outcome.output.decode("utf-8", "replace").strip().splitlines()
    first = next((line for line in lines if outcome.ok and _VERSION.search(line)), lines[0] if lines else "")
    return first.strip()[:_LONGEST]
