"""Reads what Unity tells off a console, one happening after another."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from typing import Final

from tpf.console import Console, Wanted
from tpf.console.excerpt import excerpt
from tpf.console.matching import Found
from tpf.device_time import DeviceTime
from tpf.steps.panics import settled
from tpf.steps.unity.lines import INTERESTING, Crash, Happening, Restart, happenings

_WANTED: Final = Wanted(pattern=INTERESTING, label="what Unity says")
_LINE_END: Final = Wanted(text="\n")
_SLOW_LINE: Final = 0.5  # seconds in which the rest of a line must come that has begun to tell something
_SHOWN: Final = 30  # lines


class Reader:
    """Reads a console from its cursor on. Panics are taken, resets are fine: whoever reads judges them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._pending: deque[Happening] = deque()
        self.begin()

    def begin(self) -> None:
        """A test begins: what is told of it starts here."""
        self._first = self._console.recent.last + 1

    @property
    def time(self) -> DeviceTime:
        """What limits are counted in."""
        return self._console.time

    @property
    def span(self) -> tuple[int, int]:
        """The lines since the test began, first and last."""
        return self._first, self._console.recent.last

    def story(self) -> str:
        """The console since the test began, as the lines of a message below its headline."""
        lines = self._console.recent.tail(min(_SHOWN, self._console.recent.last - self._first + 1) or 1)
        if self._console.recent.last < self._first:
            return "\nthe device said nothing"
        return f"\nconsole:\n{excerpt(lines, self._console.recent.last - len(lines) + 1)}"

    async def next(self, running: str = "") -> Happening:
        """The next happening; `running` is the test that runs. The deadline is the caller's.

        Raises DeviceFailure when the device is silent for too long, or has ended.
        """
        while not self._pending:
            start = self._console.cursor.offset
            (found,) = await self._console.expect(_WANTED)
            with self._console.sightings.of(_LINE_END):  # which keeps the line
                await self._line(found)
                self._pending.extend(self._of_line(found, start, running))
            if Crash() in self._pending:
                await self._crash()
        return self._pending.popleft()

    async def _line(self, found: Found) -> None:
        """Wait until the line is complete; one that stays open counts as it is."""
        if found.end > self._console.window.complete:
            with suppress(TimeoutError):
                await self._console.expect(_LINE_END, since=found.end, within=_SLOW_LINE)

    def _of_line(self, found: Found, start: int, running: str) -> list[Happening]:
        """What the line tells behind the cursor of before; the cursor moves behind it."""
        window = self._console.window
        end = window.find(b"\n", found.end)
        end = window.end if end < 0 else end
        text = window.text(max(start, window.line_start(found.end)), end)
        self._console.cursor.move(end)
        told = list(happenings(text, running))
        if any(isinstance(one, Restart) for one in told):
            self._console.watch.resets.pardon(found.number)
        panic = self._console.watch.deferred.first
        if panic is None or panic.hit.number > found.number:  # one that the scenario allows
            told = [one for one in told if not isinstance(one, Crash)]
        return told

    async def _crash(self) -> None:
        """Take the panic with all its text; what stands before it on its line has happened, too."""
        panic = self._console.watch.deferred.pop()
        while Crash() in self._pending:
            self._pending.pop()
        if panic is not None:
            await settled(self._console, panic)
            self._pending.append(Crash(text=f"{panic.hit.headline}\n{panic}"))
