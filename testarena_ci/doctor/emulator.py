"""QEMU as a run would find it: which one, whether it starts, whether it has the board."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Final

from testarena_ci.doctor.asking import Asker
from testarena_ci.doctor.checks import Check, State, lacking, there
from testarena_ci.doctor.idf import Found
from tpf.errors import EnvironmentLacks
from tpf.machines.qemu.boards import Board
from tpf.machines.qemu.endings import LIBRARIES
from tpf.machines.qemu.lookup import Search, boards_of, candidates, numbers_of, version_of
from tpf.processes.programs import advice

_NOT_FOUND: Final = re.compile(r"^\s*(?P<library>\S+) => not found", re.MULTILINE)
_SINCE: Final = {"esp32s3": (9, 2)}  # the versions in which boards came; older ones may have beginnings of them


async def checks(board: Board, found: Found, asker: Asker) -> tuple[Check, ...]:
    """The emulator, then its board."""
    search = Search(processes=asker.processes, folder=Path("/"), environment=asker.activated)
    programs = candidates(board, search)
    if not programs:
        return (lacking(board.emulator, "not found", *_ways(board, found)),)
    answers = [await _examine(program, board, found, search) for program in programs]
    return next((checks for checks in answers if all(check.state is State.OK for check in checks)), answers[0])


async def _examine(program: str, board: Board, found: Found, search: Search) -> tuple[Check, ...]:
    try:
        boards = await boards_of(program, search)
        version = await version_of(program, search)
    except EnvironmentLacks as error:
        return (await _broken(program, board, str(error), search),)
    itself = there(board.emulator, f"{version}, {program}")
    name = f"board {board.machine}"
    if board.machine not in boards:
        return itself, lacking(name, f"not in {program}", *_ways(board, found))
    since = _SINCE.get(board.machine, ())
    if numbers_of(version)[: len(since)] < since:
        wanted = ".".join(map(str, since))
        return itself, lacking(name, f"needs QEMU {wanted} or later", *_ways(board, found))
    return itself, there(name, "")


async def _broken(program: str, board: Board, fault: str, search: Search) -> Check:
    """An emulator that doesn't start. The loader names one missing library; ldd names all."""
    libraries = await _libraries(program, search) if "librar" in fault else ()
    if not libraries:
        detail, _, way = fault.partition("; ")
        return lacking(board.emulator, f"{program}: {detail}", way)
    word = "libraries are" if len(libraries) > 1 else "library is"
    detail = f"{program} can't start: {len(libraries)} {word} missing: {', '.join(libraries)}"
    return lacking(board.emulator, detail, *_packages(libraries))


async def _libraries(program: str, search: Search) -> tuple[str, ...]:
    try:
        outcome = await Asker(search.processes, search.environment).ask("ldd", program)
    except EnvironmentLacks:
        return ()
    return tuple(dict.fromkeys(_NOT_FOUND.findall(outcome.output.decode("utf-8", "replace"))))


def _packages(libraries: tuple[str, ...]) -> Iterator[str]:
    known = sorted({LIBRARIES[library] for library in libraries if library in LIBRARIES})
    if known:
        yield f"on Debian and Ubuntu: apt install {' '.join(known)}"
    unknown = [library for library in libraries if library not in LIBRARIES]
    if unknown:
        yield f"install the packages that have {', '.join(unknown)}"


def _ways(board: Board, found: Found) -> Iterator[str]:
    name = PurePath(board.emulator).name
    if not board.package:
        yield advice(name)
        return
    since = "5.5" if board.machine in _SINCE else "5.1.2"
    newer = f" (of ESP-IDF {since} or later)" if board.machine in _SINCE else ""
    yield f"python3 {found.tools} install {board.package}{newer}"
    if found.idf is None:
        yield f"Espressif's images have it: espressif/idf, version {since} or later"
