"""The time of a device that goes on only while a step waits for it, with the timers that are set by it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from tpf.device_time import NEGLIGIBLE
from tpf.machines.base import HasClock, TypesInOwnTime

_LINGER: Final = 5.0  # seconds on the host within which it gets known how a device ended
_FLOW: Final = 0.02  # seconds that the time goes on at once when it flows beside the host's


@dataclass(order=True, slots=True)
class VirtualTimer:
    """Set by `VirtualTime.call_later`."""

    due: float
    number: int
    callback: Callable[[], None] | None = field(compare=False)

    def cancel(self) -> None:
        self.callback = None


class VirtualTime:
    """Satisfies `tpf.device_time.DeviceTime`."""

    def __init__(self, machine: HasClock, start: float = 0.0) -> None:
        """`start` is what the clock shows when the machine's is at zero."""
        self._machine = machine
        self._start = start
        self._timers: list[VirtualTimer] = []
        self._numbers = itertools.count()
        self._halted = False  # a limit that ends who waits has just run out
        if isinstance(machine, TypesInOwnTime):
            machine.at_ticks(lambda: self._enough(None))

    def now(self) -> float:
        return self._start + self._machine.device_time

    def call_later(self, seconds: float, callback: Callable[[], None]) -> VirtualTimer:
        timer = VirtualTimer(due=self.now() + seconds, number=next(self._numbers), callback=callback)
        heapq.heappush(self._timers, timer)
        return timer

    def end_later(self, seconds: float, end: Callable[[], None]) -> VirtualTimer:
        return self.call_later(seconds, lambda: self._halt(end))

    def _halt(self, end: Callable[[], None]) -> None:
        self._halted = True
        end()

    async def go_on(self, over: asyncio.Future[None] | None, seconds: float | None) -> None:
        self._halted = False
        cancelled = _cancellation()
        end = math.inf if seconds is None else self.now() + seconds
        if end > self.now() + NEGLIGIBLE:
            await self._machine.run_for(end - self.now(), lambda: self._enough(over) or cancelled())
        left = end - self.now()
        if left > NEGLIGIBLE and not (cancelled() or self._enough(over)):  # the device has ended
            if over is not None:
                await asyncio.wait((over,), timeout=_LINGER)
            else:
                self._start += left
                self._enough(None)
        if self._halted or cancelled():
            await asyncio.sleep(0)  # the cancellation is on its way

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        self._halted = False
        flow = asyncio.create_task(self._flow())
        try:
            yield
        finally:
            flow.cancel()
            await asyncio.wait((flow,))
        if not flow.cancelled():
            flow.result()

    async def _flow(self) -> None:
        """No faster than the host's time: who speaks to a device over a network doesn't have its time-outs race."""
        loop = asyncio.get_running_loop()
        ahead = self.now() - loop.time()
        while True:
            before = self.now()
            await self._machine.run_for(_FLOW, lambda: self._enough(None))
            if self.now() <= before:
                return  # the device has ended
            await asyncio.sleep(self.now() - loop.time() - ahead)

    def _enough(self, over: asyncio.Future[None] | None) -> bool:
        """At a tick: do what is due, then say whether the wait is over."""
        now = self.now()
        while self._timers and self._timers[0].due <= now + NEGLIGIBLE:
            callback = heapq.heappop(self._timers).callback
            if callback is not None:
                callback()
        return self._halted or (over is not None and over.done())


def _cancellation() -> Callable[[], bool]:
    """Whether the task that asks now has been cancelled since: its time must stand still before it gets to know."""
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    return lambda: task is not None and task.cancelling() > before
