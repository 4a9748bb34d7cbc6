"""Standard streams that are always there, never fail and never block: a run doesn't depend on who listens to it."""

from __future__ import annotations

import io
import os
import select
import sys
import threading
from typing import Any, Final, TextIO

_AT_ONCE: Final = 4096  # bytes that a pipe has room for when it is ready (PIPE_BUF)
_MOST: Final = 64 << 20  # bytes that are kept for a reader who takes a rest; then we wait for him


class Lasting(io.RawIOBase):
    """Takes everything, also when nobody reads any more (`testarena run | head`), or the disk behind it is full.

    For a reader who takes a rest (`| less`, Ctrl-S, a slow log), what has no room is kept until he goes on: if we
    waited for him, devices would seem to miss their deadlines.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)
        self._kept = bytearray()
        self._changed = threading.Condition()

    def write(self, data: Any) -> int:
        with self._changed:
            if not self._kept:
                if self._poll.poll(0):
                    return _write(self._descriptor, bytes(data[:_AT_ONCE]))
                threading.Thread(target=self._pass_on, name="slow reader", daemon=True).start()
            self._kept += data
            self._changed.wait_for(lambda: len(self._kept) < _MOST)
        return len(data)

    def drain(self) -> None:
        """Wait until all that is kept has been passed on."""
        with self._changed:
            self._changed.wait_for(lambda: not self._kept)

    def _pass_on(self) -> None:
        """Write what is kept until nothing is; only this thread ever waits for the reader."""
        while True:
            with self._changed:
                piece = bytes(self._kept[: 1 << 16])
            written = _write(self._descriptor, piece)
            with self._changed:
                del self._kept[:written]
                self._changed.notify_all()
                if not self._kept:
                    return

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)


def _write(descriptor: int, data: bytes) -> int:
    """How many bytes are dealt with: all when there is nobody to take them."""
    try:
        return os.write(descriptor, data)
    except BlockingIOError:  # somebody who has the stream, too, has made it non-blocking
        select.select((), (descriptor,), ())
        return 0
    except OSError:
        return len(data)


def make_lasting() -> None:
    """Replace the standard streams by lasting ones, in UTF-8 whatever the locale; those that were closed are opened.

    A file that is opened where there is no standard output gets its number, and then what is meant for people.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number: this one
    sys.stdout = _replaced(sys.stdout, sys.__stdout__, 1)
    sys.stderr = _replaced(sys.stderr, sys.__stderr__, 2)


def drain() -> None:
    """Wait until all that was said has been heard, or nobody listens any more."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        raw = getattr(getattr(stream, "buffer", None), "raw", None)
        if isinstance(raw, Lasting):
            raw.drain()


def _replaced(stream: TextIO | None, original: TextIO | None, descriptor: int) -> TextIO:
    """The lasting stream in place of the original one; a stream that somebody has put there stays."""
    if stream is not None and stream is not original:
        return stream
    raw = Lasting(descriptor)
    line_by_line = descriptor == 2 or raw.isatty()
    return io.TextIOWrapper(
        io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=line_by_line
    )
