"""How far a console's text has been used up by matches."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tpf.console.window import Window


class Cursor:
    """Where the last match ended. The text before it goes, as far as no search is still behind."""

    def __init__(self, window: Window, *scanned: Callable[[], Iterable[int]]) -> None:
        """`scanned` tell the offsets that searches have come to."""
        self.offset = 0
        self._window = window
        self._scanned = scanned

    @property
    def line(self) -> int:
        """The number of the line that it stands in."""
        return self._window.number_at(self.offset)

    def move(self, offset: int) -> None:
        """Move forward to an offset; there is no way back."""
        self.offset = max(self.offset, offset)
        keep = min((self.offset, *(reached for scanned in self._scanned for reached in scanned())))
        self._window.drop_before(self._window.line_start(keep))
