"""Tells why QEMU ended: the guest switched itself off, or the emulator could not go on. Pure."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Final

from tpf.errors import EnvironmentLacks, MachineError, TestArenaError
from tpf.machines.base import Exit
from tpf.machines.qemu.boards import BOARDS, Board
from tpf.process import Outcome

_LAST_WORDS: Final = 5
_NO_SUCH_BOARD: Final = "unsupported machine type"
_LIBRARY = re.compile(r"error while loading shared libraries: (?P<library>\S+): cannot open shared object file")
# Debian's and Ubuntu's packages of the libraries that Espressif's builds of QEMU need
LIBRARIES: Final = {
    "libSDL2-2.0.so.0": "libsdl2-2.0-0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libgio-2.0.so.0": "libglib2.0-0",
    "libpixman-1.so.0": "libpixman-1-0",
    "libslirp.so.0": "libslirp0",
    "libgcrypt.so.20": "libgcrypt20",
    "libgnutls.so.30": "libgnutls30",
}


def needs_version(words: str) -> bool:
    """Whether `exit_of` can say more when it is told the emulator's version."""
    return _NO_SUCH_BOARD in words


def exit_of(board: Board, outcome: Outcome, words: str, version: str = "") -> Exit:
    """How the device ended, from how QEMU did and what it said on its standard error.

    A guest can choose QEMU's exit status (a test finisher, semihosting). It is the emulator's own when QEMU complains,
    or when it was killed.
    """
    code = outcome.code if outcome.signal is None else -outcome.signal
    complaints = _complaints(board, words)
    if code == 0:
        return Exit(code=0, detail="the device switched itself off")
    if code is not None and code > 0 and not complaints and code not in (126, 127):
        return Exit(code=code, detail=f"the device ended QEMU with exit status {code}")
    last = "; ".join(complaints or words.split("\n")[-_LAST_WORDS:])
    detail = f"QEMU ended: {outcome}" + (f": {last}" if last else "")
    return Exit(code=code, detail=detail, fault=_fault(board, detail, words, version))


def no_emulator(board: Board, error: EnvironmentLacks) -> EnvironmentLacks:
    """The same, with how to get this very emulator."""
    return EnvironmentLacks(f"{error}\n{_espressif(board)}") if board.package else error


def no_board(board: Board, version: str, tried: tuple[str, ...]) -> EnvironmentLacks:
    """None of the emulators that there are has the board; the version is the first one's."""
    which = f" (it is {version})" if version else ""
    others = f"; nor has {', '.join(tried[1:])}" if tried[1:] else ""
    return EnvironmentLacks(f"{tried[0]} has no board {board.machine!r}{which}{others}; {_espressif(board)}")


def _complaints(board: Board, words: str) -> list[str]:
    """What QEMU itself said, apart from warnings; the last of it."""
    name = PurePath(board.emulator).name
    lines = [line.strip() for line in words.splitlines()]
    found = [line for line in lines if f"{name}: " in line and f"{name}: warning: " not in line]
    return [line.partition(f"{name}: ")[2] for line in found][-_LAST_WORDS:]


def _fault(board: Board, detail: str, words: str, version: str) -> TestArenaError:
    name = PurePath(board.emulator).name
    library = _LIBRARY.search(words)
    if library is not None:
        package = LIBRARIES.get(library["library"])
        how = f"on Debian and Ubuntu: apt install {package}" if package else "install the package that has it"
        return EnvironmentLacks(f"{name} can't start: the library {library['library']} is missing; {how}")
    if _NO_SUCH_BOARD in words:
        which = f" (it is {version})" if version else ""
        known = BOARDS.get(board.machine, board)
        have = _espressif(known) if known.package else f"`{name} -M help` lists those it has"
        return EnvironmentLacks(f"{name} has no board {board.machine!r}{which}; {have}")
    return MachineError(detail)


def _espressif(board: Board) -> str:
    since = ", version 9.2 or later" if board.machine == "esp32s3" else ""
    return (
        f"the board {board.machine} is in Espressif's QEMU{since}: "
        f"`python $IDF_PATH/tools/idf_tools.py install {board.package}`; "
        f"`testarena doctor --target {board.machine}` says what else is missing"
    )
