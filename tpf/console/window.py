"""The text of a console that may still be wanted: bounded, addressed by offsets from the beginning of all text.

It is kept as UTF-8, in which appending, searching and dropping the front cost next to nothing; offsets count bytes.
"""

from __future__ import annotations

from typing import Final

LARGEST: Final = 8 * 1024 * 1024  # bytes; beyond, the oldest text is dropped
_SLACK: Final = LARGEST // 8  # dropping a little at a time would cost more


class Window:
    """Text from `base` to `end`, both offsets; `complete` is where the open line begins."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._first_number = 1  # number of the line that `base` lies in
        self.base = 0
        self.complete = 0
        self.dropped = 0  # bytes that nobody had looked at when they had to go

    @property
    def end(self) -> int:
        return self.base + len(self._text)

    def append(self, text: str) -> None:
        """Add plain text. A text that has line ends moves `complete`."""
        self._text += text.encode()
        at = text.rfind("\n")
        if at >= 0:
            self.complete = self.end - len(text[at + 1 :].encode())
        if len(self._text) > LARGEST + _SLACK:
            self.dropped += len(self._text) - LARGEST
            self.drop_before(self.line_start(self.end - LARGEST))

    def drop_before(self, offset: int) -> None:
        """Forget what lies before an offset."""
        count = offset - self.base
        if count > 0:
            self._first_number += self._text.count(b"\n", 0, count)
            del self._text[:count]
            self.base = offset

    def find(self, needle: bytes, start: int) -> int:
        """Offset of the first occurrence from `start` on, -1 when there is none."""
        at = self._text.find(needle, max(0, start - self.base))
        return at if at < 0 else at + self.base

    def text(self, start: int, end: int) -> str:
        """The text between two offsets."""
        return self._text[max(0, start - self.base) : end - self.base].decode("utf-8", "replace")

    def line_start(self, offset: int) -> int:
        """Where the line begins that an offset lies in."""
        return self._text.rfind(b"\n", 0, max(0, offset - self.base)) + 1 + self.base

    def line_at(self, offset: int) -> str:
        """The line that an offset lies in, as far as it has come."""
        start = self.line_start(offset)
        end = self._text.find(b"\n", start - self.base)
        return self.text(start, self.end if end < 0 else end + self.base)

    def number_at(self, offset: int) -> int:
        """The number of the line that an offset lies in."""
        return self._first_number + self._text.count(b"\n", 0, offset - self.base)

    def offset_of(self, number: int) -> int:
        """Where the line with a number begins; where the kept text does, or ends, when it isn't there."""
        offset = self.base
        for _ in range(self._first_number, number):
            end = self._text.find(b"\n", offset - self.base)
            if end < 0:
                return self.end
            offset = self.base + end + 1
        return offset
