"""The program: from its command line to its exit status."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import signal
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from tests.fakes.espressif_qemu.arguments import Wishes, parse
from tests.fakes.espressif_qemu.boards import known
from tests.fakes.espressif_qemu.console import Console
from tests.fakes.espressif_qemu.guest import Guest
from tests.fakes.espressif_qemu.monitor import Monitor
from tests.fakes.espressif_qemu.network import Network
from tests.fakes.espressif_qemu.words import Refused

VERSION_VARIABLE: Final = "FAKE_QEMU_VERSION"  # "8.2.0 (esp_develop_8.2.0_20240122)"
_VERSION: Final = "9.2.2 (esp_develop_9.2.2_20250817)"
_COPYRIGHT: Final = "Copyright (c) 2003-2024 Fabrice Bellard and the QEMU Project developers"


class Emulator:
    """One run; satisfies `monitor.Emulator`."""

    def __init__(self, program: str, wishes: Wishes, network: Network, version: tuple[int, int, int]) -> None:
        self._program = program
        self._wishes = wishes
        self._network = network
        self._done = asyncio.Event()
        self._console = Console(wishes.console)
        self._guest = Guest(wishes, self._console, self._restarted)
        self._monitor = None
        if wishes.monitor is not None:
            self._monitor = Monitor(wishes.monitor, version, self)

    @property
    def running(self) -> bool:
        return self._guest.running

    @property
    def usernet(self) -> str:
        return self._network.usernet

    def reset(self) -> None:
        self._guest.reset()

    def pause(self) -> None:
        self._guest.pause()

    def resume(self) -> None:
        self._guest.resume()

    def quit(self) -> None:
        self._done.set()

    async def run(self) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._terminated)
        self._console.listen()
        await self._network.serve(self._guest)
        serving = asyncio.create_task(self._monitor.serve()) if self._monitor is not None else None
        self._guest.reset()
        if not self._wishes.paused:
            self._guest.resume()
        await self._done.wait()
        await asyncio.sleep(0)  # what QMP was told goes out
        if serving is not None:
            serving.cancel()

    def _restarted(self) -> None:
        """By the guest."""
        name = "SHUTDOWN" if self._wishes.no_reboot else "RESET"
        if self._monitor is not None:
            self._monitor.event(name, guest=True, reason="guest-reset")
        if self._wishes.no_reboot:
            self._guest.pause()
            self._done.set()

    def _terminated(self) -> None:
        parent = os.getppid()
        _complain(self._program, f"terminating on signal 15 from pid {parent} (<unknown process>)")
        self._done.set()


def main(argv: list[str]) -> None:
    program, words = Path(argv[0]).name, argv[1:]
    said = os.environ.get(VERSION_VARIABLE, _VERSION)
    version = _numbers(said)
    if any(word in ("--version", "-version") for word in words):
        _say(f"QEMU emulator version {said}", _COPYRIGHT)
        return
    if _asks_for_machines(words):
        _say(_machines(program, version))
        return
    with ExitStack() as stack:
        try:
            wishes = parse(program, words, version[:2])
            _lock(wishes, stack)
            network = Network(wishes.network, wishes.forwards)
        except Refused as refused:
            _complain(program, *refused.args)
            sys.exit(1)
        _complain(program, *wishes.warnings)
        if wishes.flash is not None:
            sys.stderr.write("Adding SPI flash device\n")
        with suppress(KeyboardInterrupt):
            asyncio.run(_run(program, wishes, network, version))


async def _run(program: str, wishes: Wishes, network: Network, version: tuple[int, int, int]) -> None:
    await Emulator(program, wishes, network, version).run()


def _numbers(text: str) -> tuple[int, int, int]:
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", text)
    if found is None:
        sys.exit(f"{VERSION_VARIABLE}: {text!r} is no version")
    return int(found[1]), int(found[2]), int(found[3])


def _asks_for_machines(words: list[str]) -> bool:
    return any(words[at] in ("-M", "-machine") and words[at + 1] in ("help", "?") for at in range(len(words) - 1))


def _machines(program: str, version: tuple[int, int, int]) -> str:
    boards = {**{name: one.doc for name, one in known(program, version[:2]).items()}, "none": "empty machine"}
    rows = (f"{name:<20} {doc}" for name, doc in sorted(boards.items()))
    return "\n".join(("Supported machines are:", *rows))


def _lock(wishes: Wishes, stack: ExitStack) -> None:
    """Two emulators can't have the same image."""
    for path in filter(None, (wishes.flash, *wishes.drives.values())):
        file = stack.enter_context(path.open("r+b"))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock = 'Failed to get "write" lock\nIs another process using the image'
            raise Refused(f"-drive file={path}: {lock} [{path}]?") from None


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _complain(program: str, *lines: str) -> None:
    sys.stderr.write("".join(f"{program}: {line}\n" for line in lines))
    sys.stderr.flush()
