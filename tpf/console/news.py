"""Tells whoever waits that something has come."""

from __future__ import annotations

import asyncio

from tpf.device_time import DeviceTime


class News:
    """For one who waits at a time; what came before the wait counts for nothing."""

    def __init__(self) -> None:
        self._come: asyncio.Future[None] | None = None

    def tell(self) -> None:
        """Something has come."""
        if self._come is not None and not self._come.done():
            self._come.set_result(None)

    async def come(self, time: DeviceTime, within: float) -> bool:
        """Wait until something comes; False when nothing has within so many seconds of that time."""
        self._come = asyncio.get_running_loop().create_future()
        await time.go_on(self._come, within)
        return self._come.done()
