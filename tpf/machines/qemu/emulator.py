"""One emulator process: its command line, console and control channel, from its start to its end."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

from tpf.errors import EnvironmentLacks
from tpf.machines.base import BootRequest, Exit, Receiver
from tpf.machines.hosted import Hosted, Wires, pipes
from tpf.machines.qemu.argv import qemu_argv
from tpf.machines.qemu.endings import exit_of, needs_version, no_emulator
from tpf.machines.qemu.plan import Plan
from tpf.process import Outcome, Patience, Request, run_once

_LAST_WORDS: Final = 4096  # bytes of it that are read again
_VERSION_LIMIT: Final = 5.0


class Control(Protocol):
    """What is needed of QMP."""

    async def execute(
        self, command: str, arguments: Mapping[str, object] | None = None, *, out_of_band: bool = False
    ) -> object: ...
    async def listen(self, event: str, on_event: Callable[[Mapping[str, object]], None]) -> None: ...
    async def reset(self) -> None: ...
    async def ask_human_monitor(self, command: str) -> str: ...
    async def screenshot(self, path: Path) -> None: ...
    async def close(self) -> None: ...


class Emulator:
    """A QEMU that runs once; `stop` has to be called also when `start` fails."""

    def __init__(
        self, plan: Plan, request: BootRequest, receiver: Receiver, ticks: tuple[str, ...] = (), *fds: int
    ) -> None:
        """`ticks` are arguments that make its clock tick; `fds` are inherited by it."""
        self._plan = plan
        self._request = request
        self._words = _nameless_file()  # what QEMU says of itself
        self._hosted = Hosted(request.processes, receiver, self._explain)
        self._ours, self._theirs = socket.socketpair()
        self._control: Control | None = None
        self._fds = fds
        self.command: Final = qemu_argv(plan, qmp=self._theirs.fileno(), ticks=ticks)

    @property
    def pid(self) -> int | None:
        return self._hosted.pid

    @property
    def control(self) -> Control:
        if self._control is None:
            from tpf.machines.qemu.qmp import Qmp  # lazy: 7 ms that only resets and forwarded ports need

            self._control = Qmp(self._ours)
        return self._control

    async def send(self, data: bytes) -> None:
        await self._hosted.send(data)

    async def start(self) -> None:
        """Start the emulator; what it says of itself goes to its log."""
        self.launch(pipes())

    def launch(self, wires: Wires) -> None:
        """Start it on these wires."""
        request = Request(
            argv=self.command,
            cwd=self._request.checkout,
            environment=self._request.environment,
            stderr=self._words,
            pass_fds=(self._theirs.fileno(), *self._fds, *(link.descriptor for link in self._plan.links)),
            patience=_patience(self._plan),
            sweep=False,  # QEMU starts nothing
        )
        for link in self._plan.links:
            link.plug_in()
        try:
            self._hosted.start(request, wires)
        except EnvironmentLacks as error:
            raise no_emulator(self._plan.board, error) from error
        finally:
            self._theirs.close()

    async def stop(self, *, at_once: bool = False) -> None:
        """End it in order, or at once: between two instructions of the guest."""
        try:
            await self._hosted.stop(at_once=at_once)
        finally:
            if self._control is not None:
                await self._control.close()
            self._ours.close()
            os.close(self._words)

    async def _explain(self, outcome: Outcome) -> Exit:
        words = _last_words(self._words)
        version = await self._version() if needs_version(words) else ""
        return exit_of(self._plan.board, outcome, words, version)

    async def _version(self) -> str:
        asked = Request(argv=(self.command[0], "--version"), cwd=self._request.checkout)
        answer = await run_once(self._request.processes, asked, timeout=_VERSION_LIMIT)
        return answer.output.decode(errors="replace").split("\n", 1)[0].strip()


def _patience(plan: Plan) -> Patience:
    """QEMU is asked to end in order where it may still have something to write into an image.

    Otherwise it is killed, and the next one is started while the kernel takes it to pieces (3 ms).
    """
    return Patience() if plan.flash is not None or plan.efuse is not None else Patience(terminate=0, kill=0)


def _nameless_file() -> int:
    """A descriptor of a file that is gone when it is closed; in memory where the system can, which saves half a ms."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("words-of-qemu")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _last_words(file: int) -> str:
    return os.pread(file, _LAST_WORDS, max(0, os.fstat(file).st_size - _LAST_WORDS)).decode(errors="replace")
