"""The console around a line that matters, a panic's above all: some lines before it, and what follows to its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tpf.console.excerpt import excerpt
from tpf.console.guards import Hit

_BEFORE: Final = 15  # lines before the hit
_BODY: Final = 150  # lines after it
_ENDS: Final = ("Rebooting...", "rst:0x", "CPU halted.")


class Story:
    """Some lines before a hit, the hit, and what follows until the device starts over."""

    def __init__(self, hit: Hit, around: Sequence[str], last: int) -> None:
        """`around` are the lines that the hit stands among, `last` is the number of the last of them."""
        first = last - len(around) + 1
        start = max(0, hit.number - first - _BEFORE)
        self.hit = hit
        self.note = ""  # a line of ours, for the message
        self.whole = False  # whether all has been told
        self._first = first + start
        body = hit.number - first
        self._lines = list(around[start : body + 1])
        self._body = len(self._lines) - 1  # index of the line that was hit
        self.add(around[body + 1 :], hit.number + 1)

    @property
    def lines(self) -> list[str]:
        """All of it: some lines before the hit, and what followed."""
        return list(self._lines)

    @property
    def at(self) -> int:
        """Index among the lines of the one that was hit."""
        return self._body

    @property
    def body(self) -> list[str]:
        """The lines from the hit on."""
        return self._lines[self._body :]

    @property
    def last(self) -> int:
        """The number of the last line that is known."""
        return self._first + len(self._lines) - 1

    def add(self, lines: Sequence[str], first: int) -> None:
        """Take further lines and the first one's number; lines that are known already are left out."""
        for line in lines[max(0, self.last + 1 - first) :]:
            if self.whole:
                return
            self._lines.append(line)
            self.whole = len(self._lines) - self._body > _BODY or any(end in line for end in _ENDS)

    def __str__(self) -> str:
        """As the lines of a message below its headline."""
        note = f"{self.note}\n" if self.note else ""
        return f"{note}console:\n{excerpt(self._lines, self._first, tail=_BODY)}"
