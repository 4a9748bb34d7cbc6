"""The life of one emulated board: copies of its images, start, console, reset, forwarded ports, end."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Protocol

from tpf.errors import EnvironmentLacks, MachineError
from tpf.machines.base import BootRequest, Exit, Machine, Receiver
from tpf.machines.hosted import Hosted, pipes
from tpf.machines.qemu import images
from tpf.machines.qemu.argv import qemu_argv
from tpf.machines.qemu.endings import exit_of, needs_version, no_emulator
from tpf.machines.qemu.plan import Plan, plan_for
from tpf.machines.qemu.ports import addresses
from tpf.process import Outcome, Patience, Request, run_once

_LAST_WORDS: Final = 4096  # bytes of it that are read again
_VERSION_LIMIT: Final = 5.0


class Control(Protocol):
    """What is needed of QMP."""

    async def reset(self) -> None: ...
    async def ask_human_monitor(self, command: str) -> str: ...
    async def screenshot(self, path: Path) -> None: ...
    async def close(self) -> None: ...


class QemuMachine:
    """A running emulator."""

    def __init__(self, plan: Plan, request: BootRequest, receiver: Receiver) -> None:
        self._plan = plan
        self._request = request
        self._words = _nameless_file()  # what QEMU says of itself
        self._hosted = Hosted(request.processes, receiver, self._explain)
        self._ours, self._theirs = socket.socketpair()
        self._control: Control | None = None
        self.command: Final = qemu_argv(plan, qmp=self._theirs.fileno())

    @property
    def pid(self) -> int | None:
        return self._hosted.pid

    async def send(self, data: bytes) -> None:
        await self._hosted.send(data)

    async def reset(self) -> None:
        await self._controlled().reset()

    async def screenshot(self, path: Path) -> None:
        await self._controlled().screenshot(path.absolute())

    async def forwarded(self) -> dict[str, str]:
        forwards = self._request.spec.forwards
        if not forwards:
            return {}
        answer = await self._controlled().ask_human_monitor("info usernet")
        try:
            return addresses(forwards, answer)
        except ValueError as error:
            raise MachineError(f"{error}; its answer to `info usernet` was:\n{answer}") from error

    def start(self) -> None:
        """Start the emulator; what it says of itself goes to its log."""
        request = Request(
            argv=self.command,
            cwd=self._request.checkout,
            environment=self._request.environment,
            stderr=self._words,
            pass_fds=(self._theirs.fileno(),),
            patience=_patience(self._plan),
            sweep=False,  # QEMU starts nothing
        )
        try:
            self._hosted.start(request, pipes())
        except EnvironmentLacks as error:
            raise no_emulator(self._plan.board, error) from error
        finally:
            self._theirs.close()

    async def stop(self) -> None:
        try:
            await self._hosted.stop()
        finally:
            if self._control is not None:
                await self._control.close()
            self._ours.close()
            os.close(self._words)

    def _controlled(self) -> Control:
        if self._control is None:
            from tpf.machines.qemu.qmp import Qmp  # lazy: 7 ms that only resets and forwarded ports need

            self._control = Qmp(self._ours)
        return self._control

    async def _explain(self, outcome: Outcome) -> Exit:
        words = _last_words(self._words)
        version = await self._version() if needs_version(words) else ""
        return exit_of(self._plan.board, outcome, words, version)

    async def _version(self) -> str:
        asked = Request(argv=(self.command[0], "--version"), cwd=self._request.checkout)
        answer = await run_once(self._request.processes, asked, timeout=_VERSION_LIMIT)
        return answer.output.decode(errors="replace").split("\n", 1)[0].strip()


@asynccontextmanager
async def booted(request: BootRequest, receiver: Receiver) -> AsyncIterator[Machine]:
    """A running board; leaving the context ends it. Raises EnvironmentLacks and UsageError."""
    plan = plan_for(request)
    for copy in (plan.flash, plan.efuse):
        if copy is not None:
            request.folder.mkdir(parents=True, exist_ok=True)
            await asyncio.to_thread(images.make, copy)
    if not plan.image.is_file():
        raise images.missing(plan.image)
    machine = QemuMachine(plan, request, receiver)
    try:
        machine.start()
        yield machine
    finally:
        await machine.stop()


def _patience(plan: Plan) -> Patience:
    """QEMU is asked to end in order where it may still have something to write into an image."""
    return Patience() if plan.flash is not None or plan.efuse is not None else Patience(terminate=0)


def _nameless_file() -> int:
    """A descriptor of a file that is gone when it is closed; in memory where the system can, which saves half a ms."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("words-of-qemu")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _last_words(file: int) -> str:
    return os.pread(file, _LAST_WORDS, max(0, os.fstat(file).st_size - _LAST_WORDS)).decode(errors="replace")
