"""Panics that a later step of the case asks for: they trip nothing, and wait for that step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tpf.console.guards import Hit
from tpf.console.story import Story
from tpf.result import FailureKind

_MOST: Final = 100  # that are kept; what loops is stopped by its resets


class Deferred:
    """What was hit of the kinds that are let wait. Hits within one panic's text are one panic."""

    def __init__(self) -> None:
        self.kinds: frozenset[FailureKind] = frozenset()
        self._waiting: list[Story] = []
        self._open: Story | None = None  # the last one, as long as it is being told
        self._taken: set[int] = set()  # lines whose hits were asked for before they were complete

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def first(self) -> Story | None:
        """The first one that nobody has asked for yet."""
        return self._waiting[0] if self._waiting else None

    def clear(self) -> None:
        """A case or boot begins: nothing waits, and nothing is let wait."""
        self.kinds = frozenset()
        self._waiting.clear()
        self._taken.clear()
        self._open = None

    @property
    def telling(self) -> Story | None:
        """The one whose text is still coming."""
        return self._open if self._open is not None and not self._open.whole else None

    def takes(self, hit: Hit, story: Callable[[], Story]) -> bool:
        """Whether a hit trips nothing: it is let wait, was asked for, or is more of a panic that was."""
        if hit.number in self._taken:
            return True
        if self._open is not None and self._open.hit.kind is hit.kind and self._within(hit, self._open):
            return True
        if hit.kind not in self.kinds:
            return False
        self._open = story()
        if len(self._waiting) < _MOST:
            self._waiting.append(self._open)
        return True

    def pop(self) -> Story | None:
        """The first one that waits, for the step that asks for it."""
        return self._waiting.pop(0) if self._waiting else None

    def take(self, hit: Hit, story: Callable[[], Story]) -> Story:
        """A step asked for the panic whose text has this hit."""
        for known in self._waiting:
            if self._within(hit, known):
                self._waiting.remove(known)
                return known
        self._taken.add(hit.number)  # its line is still open
        self._open = story()
        return self._open

    @staticmethod
    def _within(hit: Hit, story: Story) -> bool:
        return story.hit.number <= hit.number <= story.last + (not story.whole)

    def told(self, story: Story) -> None:
        """No more will come of this one."""
        if self._open is story:
            self._open = None

    def unasked(self) -> Story | None:
        """The first one of a kind that nothing will ask for any more."""
        return next((story for story in self._waiting if story.hit.kind not in self.kinds), None)
