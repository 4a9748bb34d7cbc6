"""Addresses to lines by a kept addr2line: one process an ELF, fed by its standard input.

    0x40100946
    panic_abort
    /src/panic.c:60
    __assert_func
    /src/panic.c:75 (discriminator 1)
    0xffffffff
    ??
    ??:0

The innermost function comes first; those before the last are inlined. An address that nothing lies at ends the answer:
addr2line, and llvm's, write each line as soon as they have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from tpf.panics.model import Frame
from tpf.panics.talk import Talk
from tpf.panics.toolchain import Environment
from tpf.process import Processes

_SENTINEL: Final = 0xFFFFFFFF
_WHOLE: Final = re.compile(rb"^0x0*ffffffff\s*\n[^\n]*\n[^\n]*\n", re.MULTILINE)
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{1,16}\Z")
_PLACE: Final = re.compile(r"(.*?):(\d{1,7}|\?)(?::\d{1,7})?(?: \(discriminator \d+\))?\Z")


class Addr2line:
    """One ELF's symbols."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._known: dict[int, tuple[Frame, ...]] = {}

    @classmethod
    async def start(cls, processes: Processes, argv: tuple[str, ...], elf: Path, environment: Environment) -> Addr2line:
        """Raises EnvironmentLacks when there is no such program, NoAnswer when it doesn't understand the ELF."""
        tool = cls(await Talk(argv[0]).begin(processes, (*argv, str(elf)), environment))
        try:
            await tool._ask((), timeout=5.0)
        except BaseException:
            await tool.close()
            raise
        return tool

    @property
    def alive(self) -> bool:
        return self._talk.alive

    async def frames(self, addresses: Iterable[int], timeout: float = 5.0) -> Mapping[int, tuple[Frame, ...]]:
        """The functions at each address, the innermost first. Raises NoAnswer."""
        wanted = [address for address in dict.fromkeys(addresses) if address != _SENTINEL]
        unknown = [address for address in wanted if address not in self._known]
        if unknown:
            self._known.update(parse(await self._ask(unknown, timeout)))
        return {address: self._known.get(address) or (Frame(address=address),) for address in wanted}

    async def _ask(self, addresses: Iterable[int], timeout: float) -> str:
        question = "".join(f"{address:#x}\n" for address in (*addresses, _SENTINEL))
        return await self._talk.ask(question, lambda said: _WHOLE.search(said) is not None, timeout)

    async def close(self) -> None:
        await self._talk.close()


def parse(answer: str) -> dict[int, tuple[Frame, ...]]:
    """The functions by the addresses they are at."""
    blocks: dict[int, list[str]] = {}
    lines: list[str] = []
    for line in answer.splitlines():
        if _ADDRESS.match(line.strip()):
            lines = blocks.setdefault(int(line, 16), [])
        elif line.strip():
            lines.append(line.strip())
    return {address: _frames(address, lines) for address, lines in blocks.items()}


def _frames(address: int, lines: list[str]) -> tuple[Frame, ...]:
    pairs = list(zip(lines[::2], lines[1::2], strict=False))
    return tuple(
        _frame(address, function, place, inlined=index < len(pairs) - 1)
        for index, (function, place) in enumerate(pairs)
    )


def _frame(address: int, function: str, place: str, *, inlined: bool) -> Frame:
    found = _PLACE.match(place)
    file, line = (found[1], found[2]) if found else (place, "")
    return Frame(
        address=address,
        function="" if function == "??" else function,
        file="" if file in ("??", "") else file,
        line=int(line) if line.isdigit() else 0,
        inlined=inlined,
    )
