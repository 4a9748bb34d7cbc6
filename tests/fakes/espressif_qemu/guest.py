"""The chip: boots from its flash, runs the firmware that it finds there, and starts again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from tests.fakes.espressif_qemu import bootlog
from tests.fakes.espressif_qemu.arguments import Wishes
from tests.fakes.espressif_qemu.console import Console
from tests.fakes.espressif_qemu.firmware import Firmware, Restart, restart
from tests.fakes.espressif_qemu.flash import Flash
from tests.fakes.espressif_qemu.fuses import revision


class Guest:
    """Satisfies `network.Site`. `on_restart` is called before the chip restarts by itself."""

    def __init__(self, wishes: Wishes, console: Console, on_restart: Callable[[], None]) -> None:
        self._wishes = wishes
        self._console = console
        self._on_restart = on_restart
        self._runs = asyncio.Event()
        self._life: asyncio.Task[None] | None = None
        self._firmware: Firmware | None = None  # once app_main() is called

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
        self._forget()
        self._life = asyncio.create_task(self._live())

    def page(self, port: int, path: str) -> tuple[int, str] | None:
        """What its web server answers; None when nothing listens at that port."""
        firmware = self._firmware
        if firmware is None or not firmware.program.pages or port != firmware.program.port or not self.running:
            return None
        return firmware.page(path)

    def _forget(self) -> None:
        self._firmware = None
        self._console.forget()

    async def _live(self) -> None:
        reason = "power"
        while True:
            try:
                await self._boot(reason)
            except Restart as again:
                reason = str(again)
                self._forget()
                self._on_restart()

    async def _boot(self, reason: str) -> None:
        await self._runs.wait()
        if self._wishes.flash is None or self._wishes.silent:
            await asyncio.Event().wait()
            return
        board, flash = self._wishes.board, Flash(self._wishes.flash)
        await self._say_lines(bootlog.rom(board, reason))
        while flash.bytes(board.bootloader, 1) != b"\xe9" or flash.application() is None:
            await self._say("invalid header: 0xffffffff\n")
            await asyncio.sleep(0.1)
        await self._start(flash)

    async def _start(self, flash: Flash) -> None:
        """Bootloader and application."""
        application = flash.application()
        assert application is not None
        place, (chip_id, program) = application
        chip = bootlog.Chip(
            wishes=self._wishes,
            revision=revision(self._wishes.board, self._wishes.efuse),
            flash_size=flash.size,
            partitions=tuple(flash.partitions()),
        )
        firmware = Firmware(program, chip, flash, self._console, self._say)
        await self._say_lines(bootlog.bootloader(chip, program))
        if refused := bootlog.refusal(chip, chip_id, program):
            await self._say_lines(refused)
            await restart("restart")
        if lacking := bootlog.lacks_psram(chip, program):
            await self._say_lines(lacking)
            await firmware.crash("abort")
        await self._say_lines(bootlog.application(chip, program, place))
        self._firmware = firmware
        await firmware.run()

    async def _say_lines(self, lines: Iterable[str]) -> None:
        await self._say("".join(f"{line}\n" for line in lines))

    async def _say(self, text: str) -> None:
        await self._runs.wait()
        self._console.write(text)
