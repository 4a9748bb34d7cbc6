r"""Reads a console log: a line of the console is a line of the file, after the seconds since the machine's boot.

         0.334  I (322) main_task: Calling app_main()
         0.340  -- boot 2
         0.345 @     2.010  a device on virtual time has its own time, too

Ten columns of time, two blanks, the text (which may hold ANSI colours; the writer made other bytes printable). A text
that starts with `-- ` is TestArena's own mark. Lines are numbered from 1. A huge log is held as its head and tail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

_LINE = re.compile(r" *(\d+\.\d{3})(?: @ *(\d+\.\d{3}))?  (.*)", re.DOTALL)
_LONGEST = 4096  # characters of one line that a report shows


class ConsoleLine(Struct, frozen=True, kw_only=True):
    """One line; `time` is None where the file doesn't tell (a build's log, a damaged file)."""

    number: int
    time: float | None
    text: str
    device_time: float | None = None  # of a device that has a time of its own

    @property
    def stamp(self) -> str:
        """When it came: ``0.345``, or ``0.345 @2.010``; empty where the file doesn't tell."""
        if self.time is None:
            return ""
        return f"{self.time:.3f}" + ("" if self.device_time is None else f" @{self.device_time:.3f}")

    @property
    def written(self) -> str:
        """The line as it stands in its file."""
        if self.time is None:
            return self.text
        own = "" if self.device_time is None else f" @{self.device_time:10.3f}"
        return f"{self.time:10.3f}{own}  {self.text}"

    @property
    def mark(self) -> bool:
        """True for TestArena's own words between those of the device."""
        return self.time is not None and self.text.startswith("-- ")


class ConsoleLines(Struct, frozen=True, kw_only=True):
    """Lines by number; those numbered from `len(head) + 1` to `len(head) + left_out` are not here."""

    head: tuple[bytes, ...] = ()
    tail: tuple[bytes, ...] = ()
    left_out: int = 0

    @property
    def total(self) -> int:
        return len(self.head) + self.left_out + len(self.tail)

    def between(self, first: int, last: int) -> Iterator[ConsoleLine]:
        """The lines at hand with numbers from `first` to `last`, both included."""
        start, skipped = max(first, 1), len(self.head) + self.left_out
        for number, raw in enumerate(self.head[start - 1 : max(last, 0)], start):
            yield _parsed(number, raw)
        begin = max(start - skipped - 1, 0)
        for number, raw in enumerate(self.tail[begin : max(last - skipped, 0)], skipped + begin + 1):
            yield _parsed(number, raw)

    def backwards(self, first: int, last: int) -> Iterator[ConsoleLine]:
        """The same from `last` to `first`; costs only the lines that are taken."""
        for number in range(min(last, self.total), max(first, 1) - 1, -1):
            yield from self.between(number, number)


class ConsoleText(Struct, frozen=True, kw_only=True):
    """A log as it stands in its file; between `head` and `tail`, `left_out` lines miss. `problem`: why none is here."""

    head: bytes = b""
    tail: bytes = b""
    left_out: int = 0
    problem: str = ""

    def lines(self) -> ConsoleLines:
        """The text by line number. Costs a pass over the text: ask once."""
        return ConsoleLines(head=_split(self.head), tail=_split(self.tail), left_out=self.left_out)


def _split(text: bytes) -> tuple[bytes, ...]:
    return tuple(text.removesuffix(b"\n").split(b"\n")) if text else ()


def _parsed(number: int, raw: bytes) -> ConsoleLine:
    text = raw.decode(errors="backslashreplace").removesuffix("\r")
    match = _LINE.fullmatch(text)
    time = device_time = None
    if match:
        time, device_time, text = float(match[1]), float(match[2]) if match[2] else None, match[3]
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}… ({len(text) - _LONGEST} more characters in this line)"
    return ConsoleLine(number=number, time=time, text=text, device_time=device_time)
