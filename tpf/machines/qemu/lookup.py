"""Finds the emulator that has a board: there may be several of one name, and a distribution's has no ESP32.

Looked for on PATH, on the PATH of the ESP-IDF that built the firmware, and where ESP-IDF's tools are installed
(`$IDF_TOOLS_PATH`, else ~/.espressif): tools/qemu-riscv32/esp_develop_9.2.2_20250817/qemu/bin/qemu-system-riscv32
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tpf.errors import EnvironmentLacks
from tpf.machines.asking import answer
from tpf.machines.base import BootRequest
from tpf.machines.qemu.boards import Board
from tpf.machines.qemu.endings import exit_of, no_board, no_emulator
from tpf.process import Processes, Request
from tpf.processes.programs import find_program

_LIMIT: Final = 10.0  # seconds that an emulator may take to tell what it has
_NUMBERS: Final = re.compile(r"\d+")
_VERSION: Final = re.compile(r"version (?P<numbers>\d+\.\d+(\.\d+)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Where to look for a board's emulator."""

    processes: Processes
    folder: Path  # that relative paths start from
    environment: tuple[tuple[str, str], ...] = ()  # of an activated ESP-IDF


def search_of(request: BootRequest) -> Search:
    """The places that a request knows of."""
    build = request.firmware.build
    return Search(
        processes=request.processes,
        folder=request.checkout,
        environment=build.environment if build is not None else (),
    )


async def find_emulator(board: Board, search: Search, *, sure: bool) -> str:
    """The emulator to start. Where there is no choice it is asked only to be `sure` that it has the board.

    Raises EnvironmentLacks when there is none, when none has the board, or when it doesn't start.
    """
    if not board.package:
        search.processes.find(board.emulator, search.folder)
        return board.emulator
    found = candidates(board, search)
    if not found:
        try:
            return search.processes.find(board.emulator, search.folder)
        except EnvironmentLacks as error:
            raise no_emulator(board, error) from error
    if len(found) == 1 and not sure:
        return found[0]
    for program in found:
        with suppress(EnvironmentLacks):
            if board.machine in await boards_of(program, search):
                return program
    await boards_of(found[0], search)  # raises what is wrong with it
    raise no_board(board, await version_of(found[0], search), found)


def candidates(board: Board, search: Search) -> tuple[str, ...]:
    """All emulators of that name, those to prefer first; each once, whatever links lead to it."""
    seen: dict[Path, str] = {}
    for program in _programs(board, search):
        seen.setdefault(Path(program).resolve(), program)
    return tuple(seen.values())


def _programs(board: Board, search: Search) -> Iterator[str]:
    activated = dict(search.environment)
    for path in (search.processes.path, *(value for name, value in search.environment if name == "PATH")):
        with suppress(EnvironmentLacks):
            yield find_program(board.emulator, cwd=search.folder, path=path)
    if "/" in board.emulator:
        return
    for tools in tool_folders({**search.processes.environment, **activated}):
        versions = (tools / "tools" / board.package).glob(f"*/qemu/bin/{board.emulator}")
        yield from map(str, sorted(versions, key=_newest, reverse=True))


def tool_folders(environment: dict[str, str]) -> tuple[Path, ...]:
    """Where ESP-IDF installs its tools."""
    if environment.get("IDF_TOOLS_PATH"):
        return (Path(environment["IDF_TOOLS_PATH"]),)
    return (Path(environment["HOME"]) / ".espressif",) if environment.get("HOME") else ()


def _newest(program: Path) -> tuple[int, ...]:
    """Of tools/qemu-xtensa/esp_develop_9.2.2_20250817/qemu/bin/..., the numbers of the version."""
    return tuple(map(int, _NUMBERS.findall(program.parents[2].name)))


async def boards_of(program: str, search: Search) -> frozenset[str]:
    """The boards that an emulator has: the first words of the lines of its `-M help`. Raises EnvironmentLacks."""
    outcome = await answer(search.processes, _question(program, search, "-M", "help"), timeout=_LIMIT)
    text = outcome.output.decode("utf-8", "replace")
    if not outcome.ok:
        ended = exit_of(Board(emulator=program, machine=""), outcome, text)
        raise EnvironmentLacks(str(ended.fault or f"{program} -M help: {ended.detail}"))
    return frozenset(words[0] for words in map(str.split, text.splitlines()) if words)


async def version_of(program: str, search: Search) -> str:
    """The first line of what an emulator says of its version. Raises EnvironmentLacks."""
    outcome = await answer(search.processes, _question(program, search, "--version"), timeout=_LIMIT)
    return outcome.output.decode("utf-8", "replace").split("\n", 1)[0].strip()


def numbers_of(version: str) -> tuple[int, ...]:
    """The version in numbers; () when none can be seen."""
    found = _VERSION.search(version)
    return tuple(map(int, found["numbers"].split("."))) if found is not None else ()


def _question(program: str, search: Search, *arguments: str) -> Request:
    return Request(argv=(program, *arguments), cwd=search.folder)
