"""What the inputs of a fuzzer cost: counted where they are run, in a process that may die, and read by another."""

from __future__ import annotations

import mmap
import os
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

MOST_SECONDS: Final = 1.0
MOST_MEMORY: Final = 200  # MB
_KEPT: Final = struct.Struct("=Qd")  # inputs; seconds of the slowest one


class TooSlow(AssertionError):
    """An input that took longer than any may."""


class Meter:
    """Runs inputs; the counts survive a process that dies, since they are shared with the one that made us."""

    def __init__(self, target: Callable[[bytes], None], slowest: Path, *, limit: float = MOST_SECONDS) -> None:
        self._target = target
        self._limit = limit
        self._slowest = slowest  # where the slowest input is left
        self._shared = mmap.mmap(-1, _KEPT.size)

    def __call__(self, data: bytes) -> None:
        inputs, most = self.counts()
        self._shared[:] = _KEPT.pack(inputs + 1, most)
        took = self._timed(data)
        if took > most:
            took = min(took, self._timed(data))  # once more: the host may have been busy
        if took > most:
            self._shared[:] = _KEPT.pack(inputs + 1, took)
            self._slowest.write_bytes(data)
        if took > self._limit:
            raise TooSlow(f"{took:.2f} s for one input of {len(data)} bytes")

    def _timed(self, data: bytes) -> float:
        began = time.perf_counter()
        self._target(data)
        return time.perf_counter() - began

    def counts(self) -> tuple[int, float]:
        """How many inputs were run, and the seconds of the slowest one."""
        inputs, most = _KEPT.unpack(self._shared[:])
        return inputs, most


def in_a_child(work: Callable[[], object]) -> tuple[int, float]:
    """Do it in a process of its own: its exit status, and the most memory that it had, in MB."""
    pid = os.fork()
    if pid == 0:
        work()
        sys.exit()
    _, status, usage = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss / 1024


def verdict(code: int, inputs: int, wanted: int, seconds: float, memory: float) -> list[str]:
    """What breaks the bar; nothing when it is held."""
    wrong = {
        f"the fuzzer ended with {code}: see above what is wrong": code != 0,
        f"only {inputs} of {wanted} inputs were run": inputs < wanted,
        f"an input took {seconds:.2f} s, more than {MOST_SECONDS:g} s": seconds > MOST_SECONDS,
        f"{memory:.0f} MB of memory were needed, more than {MOST_MEMORY} MB": memory > MOST_MEMORY,
    }
    return [text for text, so in wrong.items() if so]
