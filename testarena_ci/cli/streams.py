"""Standard streams that are always there and never fail: what a run is worth doesn't depend on who listens to it."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from typing import Any, TextIO


class _Lasting(io.FileIO):
    """Takes everything, also when nobody reads any more (`testarena run | head`), or the disk behind it is full."""

    def write(self, data: Any) -> int:
        with suppress(OSError):
            written = super().write(data)
            if written is None:  # somebody who has the stream, too, has made it non-blocking
                os.set_blocking(self.fileno(), True)
                written = super().write(data)
            if written is not None:
                return written
        return memoryview(data).nbytes


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


def _replaced(stream: TextIO | None, original: TextIO | None, descriptor: int) -> TextIO:
    """The lasting stream in place of the original one; a stream that somebody has put there stays."""
    if stream is not None and stream is not original:
        return stream
    raw = io.BufferedWriter(_Lasting(descriptor, "wb", closefd=False))
    line_by_line = descriptor == 2 or raw.isatty()
    return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", line_buffering=line_by_line)
