"""Our end of the reaper: keeps its ledger and its lifeline, and starts it anew should somebody kill it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

from tpf.processes import reaper

SCRIPT: Final = str(Path(reaper.__file__).resolve())


class Sidecar(Protocol):
    """The running reaper."""

    @property
    def running(self) -> bool: ...
    def release(self) -> None:
        """Reap it as soon as it exits; nobody waits for that."""

    async def gone(self) -> None:
        """Wait until it has exited, kill it when it takes too long, and reap it."""


SpawnReaper = Callable[[int, int], Sidecar]
"""Starts the reaper, with the lifeline as its standard input, and the ledger."""


class Guard:
    """Starts the reaper with the first group, so that a run without programs costs nothing."""

    def __init__(self, spawn: SpawnReaper) -> None:
        self._spawn = spawn
        self._ledger: int | None = None
        self._lifeline: int | None = None  # never written to: that it closes says that we have ended
        self._sidecar: Sidecar | None = None

    def start(self) -> None:
        """Have a reaper before there is anything to reap."""
        if self._sidecar is not None and self._sidecar.running:
            return
        self._let_go()
        if self._ledger is None:
            self._ledger = _anonymous_file()
        source, self._lifeline = os.pipe()  # close-on-exec: no child holds our end open
        try:
            self._sidecar = self._spawn(source, self._ledger)
        finally:
            os.close(source)

    def watch(self, group: int) -> None:
        self.start()
        self._note(f"+{group}")

    def forget(self, group: int) -> None:
        self._note(f"-{group}")

    async def close(self) -> None:
        """The end in order: the reaper has nothing to do but to leave."""
        self._note("bye")
        sidecar, self._sidecar = self._sidecar, None
        self._let_go()
        if sidecar is not None:
            await sidecar.gone()
        if self._ledger is not None:
            os.close(self._ledger)
            self._ledger = None

    def _note(self, line: str) -> None:
        if self._ledger is not None:
            os.write(self._ledger, f"{line}\n".encode())

    def _let_go(self) -> None:
        """Of a reaper that somebody killed, or that is about to leave."""
        if self._sidecar is not None:
            self._sidecar.release()
        if self._lifeline is not None:
            os.close(self._lifeline)
        self._sidecar = self._lifeline = None


def _anonymous_file() -> int:
    """A file without a name, which is gone with those who have it open."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("testarena-ledger")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def unmarked(environment: Mapping[str, str]) -> dict[str, str]:
    """The reaper's own environment: with a mark, the reaper of a run around this one would take it for an orphan."""
    return {name: value for name, value in environment.items() if name != reaper.MARK_VARIABLE}
