"""Bytes to and from a descriptor: drained in large gulps as they come, written without ever blocking the loop.

An emulator writes its console a byte at a time. To be woken for each costs more than the emulation itself, so after a
small read the rest is left to gather for a moment. In a pipe, that is: a pipe packs small writes into pages, a socket
keeps each as a message of its own and is full after a few hundred bytes, which stops the guest (measured: QEMU floods
at 1.1 MB/s into a pipe and costs us 0.1 s of CPU for 7 MB; 0.4 MB/s and 12 s with a socket).
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

_GULP: Final = 1 << 18
_SMALL: Final = 1 << 11  # after a read of less, let the rest gather; a pseudo-terminal never gives more than twice that
_GATHER: Final = 0.001  # seconds; the loop's own clock is no finer


class Channel:
    """Owns its descriptors, two different ones. `ended` is done at the end of what comes."""

    def __init__(self, *, source: int, sink: int | None = None, on_data: Callable[[bytes], object]) -> None:
        self._loop = asyncio.get_running_loop()
        self._source: int | None = source
        self._sink = sink
        self._on_data = on_data
        self._timer: asyncio.TimerHandle | None = None
        self._writing = asyncio.Lock()
        self._may_write: asyncio.Future[None] | None = None
        self.ended: asyncio.Future[None] = self._loop.create_future()
        for descriptor in (source, sink):
            if descriptor is not None:
                os.set_blocking(descriptor, False)
        self._loop.add_reader(source, self._woken)

    async def send(self, data: bytes) -> None:
        """Write all of it. Raises OSError (BrokenPipeError, ...) when the other end is closed."""
        async with self._writing:
            while data:
                if self._sink is None:
                    raise BrokenPipeError(errno.EPIPE, "the channel is closed")
                try:
                    data = data[os.write(self._sink, data) :]
                except BlockingIOError:
                    await self._writable(self._sink)

    def catch_up(self) -> None:
        """Read all that is there, now."""
        while self._source is not None and (data := _read(self._source)) is not None:
            if data:
                self._on_data(data)
            else:
                self._stop_reading()

    async def drained(self, within: float) -> bool:
        """Wait for the end of what comes; False when somebody still holds the other end open."""
        done, _ = await asyncio.wait((self.ended,), timeout=within)
        return bool(done)

    def close(self) -> None:
        """Give both ends back, whatever is still in them."""
        self._stop_reading()
        sink, self._sink = self._sink, None
        if sink is not None:
            self._loop.remove_writer(sink)
            os.close(sink)
        self._let_write()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _woken(self) -> None:
        """There is something to read, after a time of rest."""
        if self._source is not None:
            self._loop.remove_reader(self._source)
            self._gulp()

    def _gulp(self) -> None:
        """Read; then rest for a moment, or until more comes when there was nothing."""
        self._timer = None
        if self._source is None:
            return
        data = _read(self._source)
        if data is None:
            self._loop.add_reader(self._source, self._woken)
            return
        if not data:
            self._stop_reading()
            return
        self._timer = self._loop.call_later(_GATHER if len(data) < _SMALL else 0, self._gulp)
        self._on_data(data)

    def _stop_reading(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        source, self._source = self._source, None
        if source is not None:
            self._loop.remove_reader(source)
            os.close(source)
        if not self.ended.done():
            self.ended.set_result(None)

    async def _writable(self, sink: int) -> None:
        self._may_write = self._loop.create_future()
        self._loop.add_writer(sink, self._let_write)
        try:
            await self._may_write
        finally:
            if self._sink == sink:
                self._loop.remove_writer(sink)

    def _let_write(self) -> None:
        """The other end has room again, or the channel was closed under the writer."""
        if self._may_write is not None and not self._may_write.done():
            self._may_write.set_result(None)


def _read(source: int) -> bytes | None:
    """What is there; b"" at the end of all, None when there is nothing now."""
    try:
        return os.read(source, _GULP)
    except BlockingIOError:
        return None
    except OSError:  # EIO: the last program has closed its end of a pseudo-terminal
        return b""
