"""How many builds run side by side: each takes all cores for itself, and its compilers take memory."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

_CORES: Final = 4  # that a build keeps busy
_MEMORY: Final = 2 << 30  # bytes that a build needs, with as many compilers as that
_MEMINFO: Final = Path("/proc/meminfo")


class Slots:
    """Places for builds of a run."""

    def __init__(self, number: int) -> None:
        self._places = asyncio.Semaphore(number)

    @asynccontextmanager
    async def one(self, on_wait: Callable[[], None]) -> AsyncIterator[None]:
        """A place, once there is one."""
        if self._places.locked():
            on_wait()
        async with self._places:
            yield


def side_by_side(cores: int, memory: int) -> int:
    """How many builds a host with this much free memory can take at once."""
    return max(1, min(cores // _CORES, memory // _MEMORY))


def slots_of_host() -> Slots:
    """As many as cores and memory allow here."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Slots(side_by_side(cores, _free_memory()))


def _free_memory() -> int:
    """In bytes; 0 where the system doesn't tell."""
    try:
        lines = _MEMINFO.read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration, ValueError, IndexError):
        return 0
