"""What steps forbade: searched in all that comes, until the case is over."""

from __future__ import annotations

from functools import partial

from tpf.console.guards import Hit
from tpf.console.matching import Found, Search, Wanted
from tpf.console.patterns import TooSlow
from tpf.console.quoting import quote
from tpf.console.recent import Recent
from tpf.console.watch import Watch
from tpf.console.window import Window
from tpf.result import FailureKind


class Forbidden:
    """The texts that must not come; one that does trips the watch, once."""

    def __init__(self, window: Window, recent: Recent, watch: Watch) -> None:
        self._window = window
        self._recent = recent
        self._watch = watch
        self._searches: list[Search] = []

    def add(self, wanted: Wanted, start: int) -> None:
        """Forbid a text from an offset on."""
        self._searches.append(Search(wanted, start))
        self.check()

    def clear(self) -> None:
        """Allow all again."""
        self._searches.clear()

    def skip(self) -> None:
        """What has come and was not looked at is none of the device's words."""
        for search in self._searches:
            search.scanned = self._window.end

    def scanned(self) -> list[int]:
        """The offsets before which no search needs the text."""
        return [search.scanned for search in self._searches]

    def check(self) -> None:
        """Look at what has come."""
        for search in tuple(self._searches):
            hit = self._hit(search)
            if hit is not None:
                self._searches.remove(search)
                self._watch.report(hit, partial(self._around, hit), max(self._recent.last, hit.number))

    def _around(self, hit: Hit) -> list[str]:
        is_open = hit.number > self._recent.last
        return [*self._recent.tail(), *([hit.line] if is_open else [])]

    def _hit(self, search: Search) -> Hit | None:
        try:
            found = search.found if search.advance(self._window) else None
        except TooSlow as error:
            number = self._window.number_at(search.scanned)
            return Hit(name="forbid", kind=FailureKind.STEP, number=number, line="", headline=f"forbid: {error}")
        return _hit(search.wanted, found) if found is not None else None


def _hit(wanted: Wanted, found: Found) -> Hit:
    headline = f"forbidden output: {wanted} came; the device said {quote(found.line)}"
    return Hit(
        name="forbid", kind=FailureKind.FORBIDDEN_OUTPUT, number=found.number, line=found.line, headline=headline
    )
