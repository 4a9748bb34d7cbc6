"""The time that waits are counted in: the host's, or a device's own, which goes on only while somebody waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Final, Protocol

NEGLIGIBLE: Final = 1e-7  # seconds: so little is left over of a sum of times by rounding, and none to wait for


class Timer(Protocol):
    """What `call_later` has set."""

    def cancel(self) -> None: ...


class DeviceTime(Protocol):
    """A clock, and the way to let it go on."""

    def now(self) -> float:
        """Seconds since some moment; only differences mean something."""

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call back when so much time has gone by."""

    def end_later(self, seconds: float, end: Callable[[], None]) -> Timer:
        """The same for what ends the task that waits: time stands still until it is let go on again."""

    async def go_on(self, over: asyncio.Future[None] | None, seconds: float | None) -> None:
        """Let time go on until `over` is done, at most for so many seconds; what it holds is the caller's business."""

    def flowing(self) -> AbstractAsyncContextManager[None]:
        """Time goes on as the host's does, for a body that waits for the device by a road of its own: a network."""


class WallTime:
    """The host's time: nobody has to let it go on."""

    def now(self) -> float:
        return time.monotonic()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        return asyncio.get_running_loop().call_later(seconds, callback)

    def end_later(self, seconds: float, end: Callable[[], None]) -> Timer:
        return self.call_later(seconds, end)

    async def go_on(self, over: asyncio.Future[None] | None, seconds: float | None) -> None:
        if over is not None:
            await asyncio.wait((over,), timeout=seconds)
        elif seconds is not None:
            await asyncio.sleep(seconds)

    def flowing(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()


WALL: Final = WallTime()


@asynccontextmanager
async def limited(time: DeviceTime, seconds: float) -> AsyncIterator[None]:
    """`asyncio.timeout` in this time."""
    async with asyncio.timeout(None) as timeout:
        timer = time.end_later(seconds, lambda: timeout.reschedule(asyncio.get_running_loop().time()))
        try:
            yield
        finally:
            timer.cancel()
