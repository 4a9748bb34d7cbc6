"""Texts that somebody looks out for while other steps wait for theirs: seen also where those have used the text up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tpf.console.matching import Found, Search, Wanted
from tpf.console.window import Window


class Sighting:
    """One text that is looked out for."""

    def __init__(self, search: Search, window: Window) -> None:
        self._search = search
        self._window = window

    def seen(self) -> Found | None:
        """Where it has come, if it has, in the open line, too. Raises TooSlow."""
        self._search.advance(self._window, open_line=True)
        return self._search.found


class Sightings:
    """All that is looked out for on one console."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._searches: list[Search] = []

    @contextmanager
    def of(self, wanted: Wanted, since: int | None = None) -> Iterator[Sighting]:
        """Look out for a text from now on, or since an offset; the console keeps what comes until it is looked at."""
        search = Search(wanted, self._window.end if since is None else since)
        self._searches.append(search)
        try:
            yield Sighting(search, self._window)
        finally:
            self._searches.remove(search)

    def scanned(self) -> list[int]:
        """The offsets before which no search needs the text."""
        return [search.scanned for search in self._searches if search.found is None]
