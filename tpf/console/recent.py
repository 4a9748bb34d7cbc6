"""The last lines of a console, kept for messages."""

from __future__ import annotations

from collections import deque
from typing import Final

MOST: Final = 200
_WIDTH: Final = 1000  # characters kept of a line


class Recent:
    """The last lines, without colours."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=MOST)
        self.last = 0  # number of the last complete line

    def add(self, text: str) -> None:
        """Take complete lines."""
        self.last += text.count("\n") + 1
        self._lines.extend(line[:_WIDTH] for line in text.rsplit("\n", MOST)[-MOST:])

    def tail(self, count: int = MOST) -> list[str]:
        """The last complete lines; the last of them has the number `last`."""
        return list(self._lines)[-count:]
