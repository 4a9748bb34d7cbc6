"""What a step waits for in a console's text, and how it is found incrementally: each byte is looked at once.

A contained text is found the moment its last byte comes. Whole lines and regular expressions look at complete lines:
what ``free: (\\d+)`` finds must not depend on where the output was torn. A line that stays open, as a prompt does,
counts as it is once it is quiet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from tpf.console.patterns import LinePattern
from tpf.console.quoting import quote
from tpf.console.window import Window


class Wanted(Struct, frozen=True, kw_only=True):
    """A text to wait for; exactly one of the first three."""

    text: str = ""  # contained anywhere, also over line ends
    line: str = ""  # a whole line
    pattern: re.Pattern[str] | None = None  # searched in each line
    count: int = 1  # how often it must come, not overlapping
    label: str = ""  # what messages call it, in place of what it looks like

    def __post_init__(self) -> None:
        if (bool(self.text), bool(self.line), self.pattern is not None).count(True) != 1:
            raise ValueError("a wanted text is one of text, line and pattern")

    def __str__(self) -> str:
        """As messages call it."""
        if self.label:
            what = self.label
        elif self.pattern is not None:
            what = f"match of {quote(self.pattern.pattern)}"
        else:
            what = f"the line {quote(self.line)}" if self.line else quote(self.text)
        return what if self.count == 1 else f"{what} {self.count} times"


class Found(Struct, frozen=True, kw_only=True):
    """Where a wanted text was found (the last one, when it had to come several times)."""

    wanted: Wanted
    text: str  # what matched
    groups: tuple[str, ...]  # of the regular expression; "" for a group that took no part
    line: str  # the whole line in which the match ends, as far as it has come
    number: int  # that line's number
    end: int  # offset behind the match
    decided: int  # offset of the text's end that decided it: behind the line, where whole lines are looked at


class _Hit(NamedTuple):
    """One occurrence in one of some lines; `column` is where it ends, in characters."""

    at: int  # index of the line
    column: int
    text: str
    groups: tuple[str, ...] = ()


class Search:
    """The search for one wanted text, from an offset on."""

    def __init__(self, wanted: Wanted, start: int) -> None:
        self.wanted = wanted
        self.scanned = start  # nothing before it can matter any more
        self.seen = 0  # how often it has come so far
        self.found: Found | None = None
        self._needle = wanted.text.encode("utf-8", "surrogatepass")
        self._pattern = LinePattern(wanted.pattern) if wanted.pattern is not None else None

    def advance(self, window: Window, *, open_line: bool = False) -> bool:
        """Look at what came since the last call, with `open_line` also at the line that is open. True when found."""
        self.scanned = max(self.scanned, window.base)
        if self.found is None and self._needle:
            self._advance_text(window)
        elif self.found is None:
            self._advance_lines(window, window.complete)
            if open_line and self.found is None:
                self._advance_lines(window, window.end)
        return self.found is not None

    def _advance_text(self, window: Window) -> None:
        size = len(self._needle)
        while (at := window.find(self._needle, self.scanned)) >= 0:
            self.scanned = at + size
            self.seen += 1
            if self.seen == self.wanted.count:
                self._done(window, _Hit(0, 0, self.wanted.text), decided=self.scanned)
                return
        self.scanned = max(self.scanned, window.end - size + 1)

    def _advance_lines(self, window: Window, end: int) -> None:
        """Look at the lines up to `end`: all complete ones, or the open one alone."""
        if self.scanned >= end:
            return
        start = window.line_start(self.scanned)
        lines = window.text(start, end).removesuffix("\n").split("\n")
        for hit in self._hits(lines, len(window.text(start, self.scanned))):
            self.seen += 1
            if self.seen == self.wanted.count or end != window.complete:
                line = start + sum(map(_size, lines[: hit.at]))
                self.scanned = (
                    line + _size(lines[hit.at][: hit.column]) - 1
                )  # an open line is looked at again: behind this
                if self.seen == self.wanted.count:
                    self._done(window, hit, decided=line + _size(lines[hit.at]))
                    return
        if end == window.complete:
            self.scanned = end

    def _hits(self, lines: list[str], column: int) -> Iterator[_Hit]:
        """The occurrences in lines, from a column of the first one on."""
        if self._pattern is None:
            first = 1 if column else 0  # what is left of a line is no whole line
            yield from (
                _Hit(at, len(line), line) for at, line in enumerate(lines) if line == self.wanted.line and at >= first
            )
            return
        for index, line in enumerate(lines):
            found = self._pattern.search(line, column)
            while found is not None:
                yield _Hit(index, found.end(), found[0], found.groups(""))
                column = max(found.end(), found.start() + 1)
                found = self._pattern.search(line, column) if column <= len(line) else None
            column = 0

    def _done(self, window: Window, hit: _Hit, *, decided: int) -> None:
        self.found = Found(
            wanted=self.wanted,
            text=hit.text,
            groups=hit.groups,
            line=window.line_at(self.scanned),
            number=window.number_at(self.scanned),
            end=self.scanned,
            decided=decided,
        )


def _size(line: str) -> int:
    """Bytes of a line in the window, its end among them."""
    return (len(line) if line.isascii() else len(line.encode())) + 1


class Hunt:
    """The search for several wanted texts at once: for all of them, or for the one that comes first."""

    def __init__(self, wanted: Sequence[Wanted], start: int, *, every: bool) -> None:
        self.searches = tuple(Search(one, start) for one in wanted)
        self.every = every

    def advance(self, window: Window, *, open_line: bool = False) -> bool:
        """Look at what came since the last call. True when the hunt is over."""
        for search in self.searches:
            search.advance(window, open_line=open_line)
        return bool(self.found)

    @property
    def found(self) -> tuple[Found, ...]:
        """All that were found, in the order they were wanted, or the first to come; empty while the hunt goes on."""
        found = tuple(search.found for search in self.searches if search.found is not None)
        if self.every:
            return found if len(found) == len(self.searches) else ()
        return (min(found, key=lambda one: one.decided),) if found else ()

    def __str__(self) -> str:
        """What is wanted, as messages say it."""
        return (" and " if self.every else " or ").join(str(search.wanted) for search in self.searches)
