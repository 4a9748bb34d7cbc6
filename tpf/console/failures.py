"""What people read when text didn't come: one line that says it all, then the console that was searched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tpf.console.excerpt import excerpt
from tpf.console.matching import Hunt
from tpf.console.nearest import nearest_line
from tpf.console.quoting import quote, seconds
from tpf.console.recent import Recent
from tpf.console.waiting import Ending
from tpf.console.window import Window
from tpf.errors import DeviceFailure, TestArenaError
from tpf.result import FailureKind

_LINES_BEFORE: Final = 20


def overdue(hunt: Hunt, window: Window, cursor: int, recent: Recent, within: float) -> DeviceFailure:
    """The failure of a wait that ran out of time; `cursor` is where it began to look."""
    start = max(cursor, window.base)
    text = window.text(start, window.end)
    lines = _lines(text)
    headline = f"expected {hunt} within {seconds(within)}; {_progress(hunt)}{_what_came(hunt, lines)}"
    if not text.strip():
        return DeviceFailure(FailureKind.TIMEOUT, headline + before(recent))
    lost = f" (older output, {start - cursor} bytes, is no longer kept)" if start > cursor else ""
    whole_lines = _lines(window.text(window.line_start(start), window.end))
    story = f"console since the last match{lost}:\n{excerpt(whole_lines, window.number_at(start))}"
    return DeviceFailure(FailureKind.TIMEOUT, f"{headline}\n{story}")


def silent(hunt: Hunt, limit: float, recent: Recent) -> DeviceFailure:
    """The failure of a wait in which nothing came for the silence limit."""
    headline = (
        f"expected {hunt}; {_progress(hunt)}the device said nothing for {seconds(limit)}, which is the silence limit"
    )
    return DeviceFailure(FailureKind.SILENCE, headline + before(recent))


def ended(wish: str, ending: Ending, recent: Recent) -> TestArenaError:
    """Why something can't be had from a device that has ended; the machine's fault, when it was that."""
    return ending.fault or DeviceFailure(FailureKind.EXIT, f"{wish}; the device ended: {ending.detail}{before(recent)}")


def expected(hunt: Hunt) -> str:
    """What a wait asked for, and how far it got."""
    return f"expected {hunt}; {_progress(hunt)}".removesuffix("; ")


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")


def before(recent: Recent) -> str:
    """The last lines of the console, as the lines of a message below its headline."""
    lines = recent.tail(_LINES_BEFORE)
    return f"\nconsole before:\n{excerpt(lines, recent.last - len(lines) + 1)}" if lines else ""


def _progress(hunt: Hunt) -> str:
    """How far the hunt got, when it got anywhere."""
    missing = [search for search in hunt.searches if search.found is None]
    if hunt.every and 0 < len(missing) < len(hunt.searches):
        return f"missing: {' and '.join(str(search.wanted) for search in missing)}; "
    seen = max((search.seen for search in missing), default=0)
    return f"it came {_times(seen)}; " if seen else ""


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _what_came(hunt: Hunt, lines: Sequence[str]) -> str:
    said = sum(1 for line in lines if line.strip())
    if not said:
        return "the device said nothing"
    if any(search.wanted.label for search in hunt.searches):
        return f"there is none in what came, {'one line' if said == 1 else f'{said} lines'}"
    nearest = nearest_line([search.wanted for search in hunt.searches if search.found is None], lines)
    if nearest is not None:
        return f"nearest line: {quote(nearest)}"
    return f"the device said {quote(lines[-1])}" if said == 1 else f"none of the {said} lines that came is like it"
