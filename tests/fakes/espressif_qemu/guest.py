"""The chip: boots from its flash and plays the program that it finds there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from tests.fakes.espressif_qemu import bootlog, unity
from tests.fakes.espressif_qemu.arguments import Wishes
from tests.fakes.espressif_qemu.console import Console
from tests.fakes.espressif_qemu.flash import Flash
from tests.fakes.espressif_qemu.fuses import revision
from tests.fakes.espressif_qemu.panics import panic
from tests.fakes.espressif_qemu.program import Action, Program

_BITE: Final = 0.3  # seconds until the interrupt watchdog does
_REBOOT: Final = 0.05  # seconds that a panic's restart takes


class Restart(Exception):
    """The firmware restarts the chip; its reason is one of `Board.resets`."""


class Guest:
    """Satisfies `network.Site`. `on_restart` is called before the chip restarts by itself."""

    def __init__(self, wishes: Wishes, console: Console, on_restart: Callable[[], None]) -> None:
        self._wishes = wishes
        self._console = console
        self._on_restart = on_restart
        self._runs = asyncio.Event()
        self._life: asyncio.Task[None] | None = None
        self._flash = Flash(wishes.flash) if wishes.flash is not None else None
        self._program: Program | None = None  # while it runs
        self._count = 0

    @property
    def running(self) -> bool:
        return self._runs.is_set()

    def resume(self) -> None:
        self._runs.set()

    def pause(self) -> None:
        self._runs.clear()

    def reset(self) -> None:
        """As the button does, and power."""
        if self._life is not None:
            self._life.cancel()
        self._console.forget()
        self._program = None
        self._life = asyncio.create_task(self._live())

    def page(self, port: int, path: str) -> tuple[int, str] | None:
        """What its web server answers; None when nothing listens at that port."""
        program = self._program
        if program is None or not program.pages or port != program.port or not self.running:
            return None
        found = program.pages.get(path)
        return (404, "This URI does not exist") if found is None else (200, self._filled(found, ""))

    async def _live(self) -> None:
        reason = "power"
        while True:
            try:
                await self._boot(reason)
            except Restart as restart:
                reason = str(restart)
                self._program = None
                self._console.forget()
                self._on_restart()

    async def _boot(self, reason: str) -> None:
        flash = self._flash
        await self._runs.wait()
        if flash is None or self._wishes.silent:
            await asyncio.Event().wait()
            return
        board = self._wishes.board
        await self._say_lines(bootlog.rom(board, reason))
        application = flash.application()
        if flash.bytes(board.bootloader, 1) != b"\xe9" or application is None:
            await self._invalid()
            return
        place, (chip_id, program) = application
        chip = bootlog.Chip(
            wishes=self._wishes,
            revision=revision(board, self._wishes.efuse),
            flash_size=flash.size,
            partitions=tuple(flash.partitions()),
        )
        await self._say_lines(bootlog.bootloader(chip, program))
        if refused := bootlog.refusal(chip, chip_id, program):
            await self._say_lines(refused)
            await self._restart("restart")
        if lacking := bootlog.lacks_psram(chip, program):
            await self._say_lines(lacking)
            await self._panic(program, {"panic": "abort"})
        await self._say_lines(bootlog.application(chip, program, place))
        await self._main(program, flash, chip)

    async def _main(self, program: Program, flash: Flash, chip: bootlog.Chip) -> None:
        self._count = flash.count_boot()
        self._revision = chip.written
        self._program = program
        await self._play(program.boot, "")
        if program.tests:
            await self._menu(program)
        while True:
            await self._say(program.prompt)
            line = await self._console.line(self._console.write)
            name, _, rest = line.strip().partition(" ")
            known = line.strip() if line.strip() in program.commands else name
            if known in program.commands:
                await self._play(program.commands[known], rest)
            elif name and program.prompt:
                await self._say("Unrecognized command\n")

    async def _menu(self, program: Program) -> None:
        await self._say(unity.GREETING)
        while True:
            line = await self._console.line(self._console.write)
            tests = unity.chosen(program.tests, line)
            if not tests:
                await self._say(unity.menu(program.tests))
                continue
            for test in tests:
                await self._say(f"Running {test.name}...\n")
                if kind := unity.crash(test):
                    await self._panic(program, {"panic": kind})
                await self._say(unity.report(test, 10 + program.tests.index(test)))
            await self._say(unity.summary(tests) + unity.NEXT)

    async def _play(self, actions: Sequence[Action], arguments: str) -> None:
        for action in actions:
            if isinstance(action, str):
                await self._say(self._filled(action, arguments) + "\n")
            else:
                await self._act(dict(action), arguments)

    async def _act(self, action: dict[str, Any], arguments: str) -> None:
        assert self._program is not None
        assert self._flash is not None
        match action:
            case {"panic": _}:
                await self._panic(self._program, action)
            case {"restart": _}:
                await self._restart("restart")
            case {"forget": _}:
                self._count = self._flash.set_boots(0)
            case {"hang": _}:
                await self._hang(self._program)
            case {"wait": seconds}:
                await asyncio.sleep(float(seconds))
            case {"partition": label}:
                await self._say(self._flash.text_in(str(label)) + "\n")
            case {"raw": text}:
                await self._say(self._filled(str(text), arguments))
            case _:
                raise ValueError(f"no such action: {action}")

    async def _panic(self, program: Program, action: dict[str, Any]) -> None:
        where = {"pc": action.get("pc", ""), "backtrace": action.get("backtrace", ()), "said": action.get("said", "")}
        board = self._wishes.board
        await self._say_lines(panic(action["panic"], xtensa=board.xtensa, sha256=program.elf_sha256, **where))
        await self._restart("panic")

    async def _restart(self, reason: str) -> None:
        await asyncio.sleep(_REBOOT)
        raise Restart(reason)

    async def _hang(self, program: Program) -> None:
        if self._wishes.watchdogs:
            await asyncio.sleep(_BITE)
            await self._panic(program, {"panic": "watchdog"})
        await asyncio.Event().wait()

    async def _invalid(self) -> None:
        while True:
            await self._say("invalid header: 0xffffffff\n")
            await asyncio.sleep(_REBOOT)

    async def _say_lines(self, lines: Any) -> None:
        await self._say("".join(f"{line}\n" for line in lines))

    async def _say(self, text: str) -> None:
        await self._runs.wait()
        self._console.write(text)

    def _filled(self, text: str, arguments: str) -> str:
        values = {"arguments": arguments, "count": self._count, "revision": self._revision}
        values["target"] = self._wishes.board.machine
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text
