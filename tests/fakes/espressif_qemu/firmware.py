"""Firmware that runs: its console or Unity menu, its panics and restarts, its web pages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from tests.fakes.espressif_qemu import unity
from tests.fakes.espressif_qemu.bootlog import Chip
from tests.fakes.espressif_qemu.console import Console
from tests.fakes.espressif_qemu.flash import Flash
from tests.fakes.espressif_qemu.panics import panic
from tests.fakes.espressif_qemu.program import Action, Program

_BITE: Final = 0.3  # seconds until the interrupt watchdog does
_REBOOT: Final = 0.05  # seconds that a panic's restart takes


class Restart(Exception):
    """The firmware restarts the chip; its reason is one of `Board.resets`."""


class Firmware:
    """A program on a chip; `say` waits while the machine is stopped."""

    def __init__(
        self, program: Program, chip: Chip, flash: Flash, console: Console, say: Callable[[str], Awaitable[None]]
    ) -> None:
        self.program: Final = program
        self._chip = chip
        self._flash = flash
        self._console = console
        self._say = say
        self._count = 0

    async def run(self) -> None:
        """Raises Restart."""
        self._count = self._flash.count_boot()
        await self._play(self.program.boot, "")
        await (self._menu() if self.program.tests else self._shell())

    def page(self, path: str) -> tuple[int, str]:
        """What its web server answers."""
        found = self.program.pages.get(path)
        return (404, "This URI does not exist") if found is None else (200, self._filled(found, ""))

    async def crash(self, kind: str, *, pc: str = "", backtrace: Sequence[str] = (), said: str = "") -> None:
        xtensa, sha256 = self._chip.board.xtensa, self.program.elf_sha256
        lines = panic(kind, xtensa=xtensa, sha256=sha256, pc=pc, backtrace=backtrace, said=said)
        await self._say("".join(f"{line}\n" for line in lines))
        await restart("panic")

    async def _shell(self) -> None:
        commands = self.program.commands
        while True:
            await self._say(self.program.prompt)
            line = (await self._console.line(self._console.write)).strip()
            name, _, rest = line.partition(" ")
            if line in commands or name in commands:
                await self._play(commands.get(line) or commands[name], rest)
            elif name and self.program.prompt:
                await self._say("Unrecognized command\n")

    async def _menu(self) -> None:
        every = self.program.tests
        await self._say(unity.GREETING)
        while True:
            tests = unity.chosen(every, await self._console.line(self._console.write))
            if not tests:
                await self._say(unity.menu(every))
                continue
            for test in tests:
                await self._say(f"Running {test.name}...\n")
                if kind := unity.crash(test):
                    await self.crash(kind)
                await self._say(unity.report(test, 10 + every.index(test)))
            await self._say(unity.summary(tests) + unity.NEXT)

    async def _play(self, actions: Sequence[Action], arguments: str) -> None:
        for action in actions:
            if isinstance(action, str):
                await self._say(self._filled(action, arguments) + "\n")
            else:
                await self._act(action, arguments)

    async def _act(self, action: Mapping[str, Any], arguments: str) -> None:
        match action:
            case {"panic": kind}:
                where = {name: action[name] for name in ("pc", "backtrace", "said") if name in action}
                await self.crash(kind, **where)
            case {"restart": _}:
                await restart("restart")
            case {"forget": _}:
                self._count = self._flash.set_boots(0)
            case {"hang": _}:
                await self._hang()
            case {"wait": seconds}:
                await asyncio.sleep(float(seconds))
            case {"partition": label}:
                await self._say(self._flash.text_in(str(label)) + "\n")
            case {"raw": text}:
                await self._say(self._filled(str(text), arguments))
            case _:
                raise ValueError(f"no such action: {action}")

    async def _hang(self) -> None:
        if self._chip.wishes.watchdogs:
            await asyncio.sleep(_BITE)
            await self.crash("watchdog")
        await asyncio.Event().wait()

    def _filled(self, text: str, arguments: str) -> str:
        values = {"arguments": arguments, "count": self._count, "revision": self._chip.written}
        values["target"] = self._chip.board.machine
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text


async def restart(reason: str) -> None:
    """Of the chip, by itself."""
    await asyncio.sleep(_REBOOT)
    raise Restart(reason)
