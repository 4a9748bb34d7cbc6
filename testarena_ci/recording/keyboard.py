"""From the bytes of a terminal in raw mode to what a person means by them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

QUIT: Final = 0x1D  # Ctrl-]
_END: Final = 0x04  # Ctrl-D: the end, in an empty line
_ENTER: Final = b"\r\n"
_BACK: Final = b"\x08\x7f"
_CLEAR: Final = 0x15  # Ctrl-U
_SEQUENCE: Final = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[@-~]|[@-Z\\^_`-~])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """`data` for the device; with `line`, it has ended one; with `keys`, it is none of a line's characters."""

    data: bytes
    line: str | None = None
    keys: bool = False
    edited: bool = False


@dataclass(slots=True)
class Keyboard:
    """Keeps the line that is being typed. Keys that move a cursor (arrows and the like) mean nothing to it."""

    quit: bool = False
    _line: bytearray = field(default_factory=bytearray)
    _edited: bool = False

    def type(self, data: bytes) -> Iterator[Typed]:
        """What comes of these bytes; `quit` is true when they ask for the end, and what follows is left out."""
        for byte in _SEQUENCE.sub(b"", data):
            if byte == QUIT or (byte == _END and not self._line):
                self.quit = True
                return
            yield self._key(byte)

    def _key(self, byte: int) -> Typed:
        if byte in _ENTER:
            return self._enter()
        if byte in _BACK:
            self._edited = True
            _drop_last_character(self._line)
            return Typed(data=b"\x7f")
        if byte == _CLEAR:
            return self._clear()
        if byte < 0x20 and byte != 0x09:
            self._line.clear()
            return Typed(data=bytes((byte,)), keys=True)
        self._line.append(byte)
        return Typed(data=bytes((byte,)))

    def _enter(self) -> Typed:
        line, edited = self._line.decode("utf-8", "replace"), self._edited
        self._line.clear()
        self._edited = False
        return Typed(data=b"\n", line=line, edited=edited)

    def _clear(self) -> Typed:
        """Takes back the whole line, a character at a time: not every device knows Ctrl-U."""
        self._edited = True
        characters = len(self._line.decode("utf-8", "replace"))
        self._line.clear()
        return Typed(data=b"\x7f" * characters)


def _drop_last_character(line: bytearray) -> None:
    while line and line[-1] & 0xC0 == 0x80:  # the tail of one in UTF-8
        line.pop()
    if line:
        line.pop()
