"""Our end of the reaper: tells it which process groups are ours, and starts it anew should somebody kill it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from tpf.processes import reaper

SCRIPT: Final = str(Path(reaper.__file__).resolve())


class Sidecar(Protocol):
    """The running reaper."""

    def release(self) -> None:
        """Reap it as soon as it exits; nobody waits for that."""

    async def gone(self) -> None:
        """Wait until it has exited, kill it when it takes too long, and reap it."""


SpawnReaper = Callable[[int], Sidecar]
"""Starts the reaper with the descriptor as its standard input."""


class Guard:
    """Starts the reaper with the first group, so that a run without programs costs nothing."""

    def __init__(self, spawn: SpawnReaper) -> None:
        self._spawn = spawn
        self._groups: set[int] = set()
        self._pipe: int | None = None
        self._sidecar: Sidecar | None = None

    def start(self) -> None:
        """Have a reaper before there is anything to reap."""
        if self._pipe is not None:
            return
        source, self._pipe = os.pipe()  # close-on-exec both: no child holds our end open
        os.set_blocking(self._pipe, False)  # a reaper that was stopped must not stop us
        try:
            self._sidecar = self._spawn(source)
        finally:
            os.close(source)

    def watch(self, group: int) -> None:
        self._groups.add(group)
        self._tell(f"+{group}")

    def forget(self, group: int) -> None:
        self._groups.discard(group)
        self._tell(f"-{group}")

    async def close(self) -> None:
        """The end in order: the reaper has nothing to do but to leave."""
        if self._pipe is None or self._sidecar is None:
            return
        with suppress(BrokenPipeError):
            self._write("bye")
        pipe, sidecar = self._pipe, self._sidecar
        self._pipe = self._sidecar = None
        os.close(pipe)
        await sidecar.gone()

    def _tell(self, line: str) -> None:
        self.start()
        try:
            self._write(line)
        except BrokenPipeError:  # somebody killed it
            self._hang_up()
            self.start()
            for group in self._groups:
                self._write(f"+{group}")

    def _write(self, line: str) -> None:
        if self._pipe is not None:
            with suppress(BlockingIOError):  # 64 KiB unread: it is stopped; what it misses, it finds by its mark
                os.write(self._pipe, f"{line}\n".encode())

    def _hang_up(self) -> None:
        if self._pipe is not None:
            os.close(self._pipe)
        if self._sidecar is not None:
            self._sidecar.release()
        self._pipe = self._sidecar = None


def unmarked(environment: Mapping[str, str]) -> dict[str, str]:
    """The reaper's own environment: with a mark, the reaper of a run around this one would take it for an orphan."""
    return {name: value for name, value in environment.items() if name != reaper.MARK_VARIABLE}
