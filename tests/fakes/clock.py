"""A clock that goes when it is waited for: what takes minutes in life takes no time in a test."""

from __future__ import annotations

import threading


class FakeClock:
    """Satisfies `testarena_ci.forges.patience.Clock`."""

    def __init__(self, now: float = 1000.0) -> None:
        self.time = now
        self.pauses: list[float] = []

    def now(self) -> float:
        return self.time

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.time += seconds

    def wait(self, condition: threading.Condition, seconds: float | None) -> None:
        if seconds is None:
            assert condition.wait(30), "nothing came"
        else:
            self.time += seconds
