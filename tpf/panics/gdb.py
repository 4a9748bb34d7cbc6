"""Backtraces of RISC-V stacks by a kept gdb: its symbols stay loaded, each panic is a target that it connects to.

    1-target-select remote /tmp/testarena-x/gdb
    1^connected
    2-stack-list-frames 0 63
    2^done,stack=[frame={level="0",addr="0x42005a1e",func="crash",file="main.c",fullname="/p/main.c",line="31"},...]

gdb runs on an ELF from outside: it reads no init files, and takes no scripts from the ELF or from beside it.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from tpf.panics.model import CoreState, Frame
from tpf.panics.remote import Target
from tpf.panics.talk import NoAnswer, Talk
from tpf.panics.toolchain import Environment
from tpf.process import Processes

_MOST_FRAMES: Final = 64
_SAFE: Final = ("-q", "-nx", "-nh", "-iex", "set auto-load off", "-iex", "set debuginfod enabled off")
_SETTINGS: Final = ("set confirm off", "set trust-readonly-sections on", "set width 0", "set remotetimeout 4")
_FRAME: Final = re.compile(r'frame=\{((?:[\w-]{1,32}="(?:[^"\\]|\\.){0,4096}",?){0,16})')
_FIELD: Final = re.compile(r'([\w-]{1,32})="((?:[^"\\]|\\.){0,4096})"')
_MESSAGE: Final = re.compile(r'\^error,msg="((?:[^"\\]|\\.){0,300})')


def argv(program: str, elf: Path, rom: Path | None) -> tuple[str, ...]:
    """How gdb is started."""
    settings = (*_SETTINGS, *((f'add-symbol-file "{rom}"',) if rom else ()))
    commands = (part for setting in settings for part in ("-ex", setting))
    return (program, *_SAFE, "--interpreter=mi2", *commands, str(elf))


class Gdb:
    """One ELF's symbols, and a target for them."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._target = Target()
        self._stack = AsyncExitStack()
        self._socket = ""
        self._turn = asyncio.Lock()

    @classmethod
    async def start(
        cls, processes: Processes, program: str, files: tuple[Path, Path | None], environment: Environment
    ) -> Gdb:
        """Raises EnvironmentLacks when there is no such program, NoAnswer when it can't be used."""
        gdb = cls(Talk(program))
        try:
            await gdb._begin(processes, argv(program, *files), environment)
        except BaseException:
            await gdb.close()
            raise
        return gdb

    async def _begin(self, processes: Processes, command: tuple[str, ...], environment: Environment) -> None:
        await self._talk.begin(processes, command, environment)
        folder = tempfile.mkdtemp(prefix="testarena-")
        self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        self._socket = f"{folder}/gdb"
        server = await asyncio.start_unix_server(self._target.serve, self._socket)
        self._stack.callback(server.close)
        await self._command("0-gdb-version", 5.0)
        await self.frames(CoreState())  # whether it knows the processor

    @property
    def alive(self) -> bool:
        return self._talk.alive

    async def frames(self, core: CoreState, timeout: float = 5.0) -> tuple[Frame, ...]:
        """The backtrace of a core, the innermost frame first. Raises NoAnswer, also when gdb knows no RISC-V."""
        async with self._turn:
            self._target.core = core
            await self._command(f"1-target-select remote {self._socket}", timeout)
            stack = await self._command(f"2-stack-list-frames 0 {_MOST_FRAMES - 1}", timeout)
            await self._command("3-target-disconnect", timeout)
        fields = [dict(_FIELD.findall(text)) for text in _FRAME.findall(stack)]
        if not fields or "riscv" not in fields[0].get("arch", "riscv"):
            raise NoAnswer(f"{self._talk.name} knows no RISC-V")
        return frames(fields)

    async def _command(self, text: str, timeout: float) -> str:
        """The result of a command: the line that begins with its number. Raises NoAnswer for an error."""
        result = re.compile(rb"^%s\^[^\n]*\n" % text[0].encode(), re.MULTILINE)
        said = await self._talk.ask(f"{text}\n", lambda said: result.search(said) is not None, timeout)
        line = next(line for line in said.splitlines() if line.startswith(f"{text[0]}^"))
        if line.startswith(f"{text[0]}^error"):
            found = _MESSAGE.search(line)
            raise NoAnswer(f"{self._talk.name}: {found[1] if found else line}")
        return line

    async def close(self) -> None:
        await self._talk.close()
        await self._stack.aclose()


def frames(fields: list[dict[str, str]]) -> tuple[Frame, ...]:
    """What gdb lists as frames. Of two at one address with different lines, the inner one is inlined.

    Two that are alike are a recursion: the same call, waiting twice.
    """
    plain = [_frame(field) for field in fields]
    outer = [*plain[1:], None]
    return tuple(
        Frame(
            address=one.address,
            function=one.function,
            file=one.file,
            line=one.line,
            inlined=next_ is not None and next_.address == one.address and next_ != one,
        )
        for one, next_ in zip(plain, outer, strict=True)
    )


def _frame(field: dict[str, str]) -> Frame:
    address, line = field.get("addr", ""), field.get("line", "")
    function = field.get("func", "")
    return Frame(
        address=int(address, 16) if re.fullmatch(r"0x[0-9a-fA-F]{1,16}", address) else 0,
        function="" if function == "??" else _unescaped(function),
        file=_unescaped(field.get("fullname") or field.get("file", "")),
        line=int(line) if line.isdigit() else 0,
    )


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
