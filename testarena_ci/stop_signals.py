"""SIGINT, SIGTERM and SIGHUP ask a run to end in order; while it ends, and writes its reports, they change nothing."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignals:
    """What was asked for since `held_signals` began."""

    def __init__(self) -> None:
        self.reason = ""  # the first one's; empty as long as none came
        self._stop: Callable[[str], object] | None = None

    @contextmanager
    def lead_to(self, stop: Callable[[str], object]) -> Iterator[None]:
        """Call `stop` with the reason, at once when a signal came already. It is called between any two bytecodes."""
        self._stop = stop
        if self.reason:
            stop(self.reason)
        try:
            yield
        finally:
            self._stop = None

    def take(self, number: int, _: FrameType | None) -> None:
        if self.reason:
            return  # it is ending already
        self.reason = f"{signal.Signals(number).name} received"
        if self._stop is not None:
            self._stop(self.reason)


@contextmanager
def held_signals() -> Iterator[StopSignals]:
    """Take the signals that would end this process. For the main thread."""
    signals = StopSignals()
    before = {number: signal.signal(number, signals.take) for number in _SIGNALS}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
