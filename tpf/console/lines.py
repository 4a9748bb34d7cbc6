"""From clean text in pieces to numbered lines in batches."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

LONGEST_LINE: Final = 64 * 1024  # characters, colours included
_LONGEST_COLOUR: Final = 40
_colour_at_end = re.compile(r"\x1b[^m]*\Z")


class Lines(Struct, frozen=True, kw_only=True):
    """Lines that became complete together; `texts` may hold colours (SGR), nothing else that isn't printable."""

    first: int  # number of the first one, counted from 1 over the whole life of the console, all boots
    texts: list[str]  # without line ends; never empty; each at most 64 Ki characters
    time: float  # when they came, by the console's clock


class Splitter:
    """Keeps the open line, cuts lines that are too long, and returns the lines that became complete."""

    def __init__(self) -> None:
        self._open: list[
            str
        ] = []  # pieces: a line that grows by a character at a time costs no more than one that comes at once
        self._length = 0

    @property
    def is_open(self) -> bool:
        """True when there is a line whose end hasn't come."""
        return self._length > 0

    def cut(self, text: str) -> str:
        """The text with line ends added where a line would get too long; never within a colour."""
        if self._length + len(text) <= LONGEST_LINE:
            return text
        first, *others = text.split("\n")
        room = LONGEST_LINE - self._length
        if len(first) <= room and max(map(len, others), default=0) <= LONGEST_LINE:
            return text
        return "\n".join((_cut(first, room), *(_cut(line, LONGEST_LINE) for line in others)))

    def push(self, text: str) -> list[str]:
        """Add text; the complete lines, without their ends."""
        lines = text.split("\n")
        rest = lines.pop()
        if lines and self._open:
            self._open.append(lines[0])
            lines[0] = "".join(self._open)
        if lines:
            self._open = []
            self._length = 0
        if rest:
            self._open.append(rest)
            self._length += len(rest)
        return lines


def _cut(line: str, room: int) -> str:
    pieces = []
    start = 0
    while len(line) - start > room:
        end = start + room
        torn = _colour_at_end.search(line, max(start, end - _LONGEST_COLOUR), end)
        end = torn.start() if torn else end
        pieces.append(line[start:end])
        start, room = end, LONGEST_LINE
    return "\n".join((*pieces, line[start:]))
