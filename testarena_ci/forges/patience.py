"""How long and how often a call to a forge is tried: a total deadline, in it back-off with jitter, and Retry-After."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Final, Protocol, TypeVar

from testarena_ci.forges.answers import Trouble
from testarena_ci.forges.base import NotPosted

FIRST_PAUSE: Final = 0.5  # seconds; doubles with each try
LONGEST_PAUSE: Final = 8.0

T = TypeVar("T")


class Clock(Protocol):
    """Time, so that tests need not wait for it."""

    def now(self) -> float:
        """Seconds on a clock that never jumps."""

    def pause(self, seconds: float) -> None:
        """Let that much time go by."""

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        """Wait until the (held) condition is notified, for at most that long; for ever with None."""


class WallClock:
    """The clock that runs outside of tests."""

    def now(self) -> float:
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        threading.Event().wait(seconds)

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        condition.wait(seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """Carries a call to a forge, again and again if it must, until the forge has decided or the time is up.

    The client libraries' own retries are off: they know no total deadline, they differ, and one sleeps up to an hour.
    """

    clock: Clock = field(default_factory=WallClock)
    jitter: Callable[[], float] = random.random  # from 0 to 1

    def deliver(self, attempt: Callable[[], T | Trouble], budget: float) -> T | NotPosted:
        """The result of the first attempt that has one; else what came in the way of the last one."""
        deadline = self.clock.now() + budget
        for tries in count(1):
            result = within(deadline - self.clock.now(), attempt)
            if result is None:
                return NotPosted(reason=f"no whole answer within {budget:.3g} s", retry_later=True)
            if not isinstance(result, Trouble):
                return result
            pause = self._pause(tries, result.outcome.wait)
            if not result.again or self.clock.now() + pause >= deadline:
                return _after(tries, result.outcome)
            self.clock.pause(pause)
        raise AssertionError("count() never ends")

    def _pause(self, tries: int, asked: float) -> float:
        """Half of the back-off is jitter, so that shards that failed together don't come back together."""
        backoff = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(tries - 1, 10))
        return max(asked, backoff * (0.5 + 0.5 * self.jitter()))


def _after(tries: int, outcome: NotPosted) -> NotPosted:
    return outcome if tries == 1 else replace(outcome, reason=f"{outcome.reason} (tried {tries} times)")


def within(seconds: float, call: Callable[[], T]) -> T | None:
    """What the call returns, or None when that takes longer.

    A thread is the only thing that bounds a call as a whole: a name server that hangs, or a server that sends a byte
    now and then, outlasts every time-out of a socket. A thread that is late is left to its own time-outs, and ends with
    the process.
    """
    if seconds <= 0:
        return None
    box: queue.SimpleQueue[T] = queue.SimpleQueue()
    threading.Thread(target=lambda: box.put(call()), name="forge-call", daemon=True).start()
    try:
        return box.get(timeout=seconds)
    except queue.Empty:
        return None
