"""What files that grow have gained: whole lines only, however they are cut off, replaced or shortened meanwhile."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from testarena_ci.viewing.files import opened
from testarena_ci.viewing.request import Refused

_AT_ONCE: Final = 1 << 20  # bytes of a journal that one look takes: others get their turn between
_LONGEST: Final = 64 << 20  # bytes of a journal's line; a longer one is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What one look at a journal brought. `fresh`: these lines are of another journal than those before."""

    lines: tuple[bytes, ...] = ()
    fresh: bool = False
    more: bool = False  # there is more to read at once


class JournalTail:
    """Reads a journal as it grows; keeps it open, so that another one in its place is seen to be another."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._open: int | None = None
        self._at = 0  # where the first line begins that has not been read

    def look(self) -> Gain:
        """The lines that are new."""
        fresh = self._reopen()
        if self._open is None:
            return Gain(fresh=fresh)
        size = os.fstat(self._open).st_size
        if size < self._at:  # written anew in its place
            self._at, fresh = 0, True
        lines = self._lines(_AT_ONCE)
        return Gain(lines=lines, fresh=fresh, more=bool(lines) and self._at < size)

    def _lines(self, room: int) -> tuple[bytes, ...]:
        """The whole lines from where we are; a long one doubles the room until it fits or is too long for a line."""
        assert self._open is not None  # noqa: S101  as its caller has seen
        data = os.pread(self._open, room, self._at)
        whole, newline, _ = data.rpartition(b"\n")
        if newline:
            self._at += len(whole) + 1
            return tuple(whole.split(b"\n"))
        if len(data) < room:
            return ()  # nothing, or a line that is still being written
        if room >= _LONGEST:
            self._at += len(data)
            return (data,)
        return self._lines(2 * room)

    def _reopen(self) -> bool:
        """Have the journal open that stands there now. Returns whether it is another than before."""
        try:
            with opened(self._folder, (self._name,)) as found:
                if self._open is not None and os.path.samestat(os.fstat(found), os.fstat(self._open)):
                    return False
                now: int | None = os.dup(found)
        except Refused:
            if self._open is None:
                return False
            now = None
        self.close()
        self._open, self._at = now, 0
        return True

    def close(self) -> None:
        """Let the journal go."""
        if self._open is not None:
            os.close(self._open)
            self._open = None


MOST_CONSOLE: Final = 128 << 10  # bytes of a console that one answer has


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolePiece:
    """Lines of a console's log: the bytes from `first` up to `next`; `skipped` when older ones are not told."""

    first: int
    next: int
    lines: tuple[str, ...]


def console_piece(folder: Path, parts: Sequence[str], since: int, most: int = MOST_CONSOLE) -> ConsolePiece:
    """What a console's log has from the byte `since` on, at most its last `most` bytes, in whole lines. Raises Refused.

    A reader who is far behind gets the end: a live view is for what happens now, the file has the rest.
    """
    with opened(folder, parts) as log:
        size = os.fstat(log).st_size
        if not 0 <= since <= size:  # it was written anew, or somebody makes numbers up
            since = 0
        first = max(since, size - most)
        data = os.pread(log, size - first, first)
    if first > since:  # begin with a whole line, unless a single one is all there is
        cut = data.find(b"\n") + 1
        first, data = first + cut, data[cut:]
    whole = data[: data.rfind(b"\n") + 1] or (data if len(data) >= most else b"")
    text = whole.decode(errors="replace").removesuffix("\n")
    return ConsolePiece(first=first, next=first + len(whole), lines=tuple(text.split("\n")) if whole else ())
