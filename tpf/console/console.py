"""One device's console: takes bytes, hands out lines, lets steps wait for text."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from tpf.console import failures
from tpf.console.coredump import Keep
from tpf.console.cursor import Cursor
from tpf.console.forbidden import Forbidden
from tpf.console.guards import DEFAULT_GUARDS, GuardPattern
from tpf.console.intake import Intake
from tpf.console.lines import Lines
from tpf.console.matching import Found, Hunt, Wanted
from tpf.console.passing import check_match, waits_past
from tpf.console.sightings import Sightings
from tpf.console.waiting import Ended, Ending, Silence, Waits
from tpf.console.watch import Watch
from tpf.device_time import WALL, DeviceTime


class Console:
    """One for the whole life of a device in a scenario, all its boots. Fed and awaited on one event loop.

    The cursor is where the last match ended: what came since counts for the next wait, so nothing is lost between two.
    """

    def __init__(
        self,
        *,
        name: str = "",
        on_lines: Callable[[Lines], None],
        guards: Sequence[GuardPattern] = DEFAULT_GUARDS,
        silence_limit: float | None = None,
        clock: Callable[[], float] = time.monotonic,
        keep_dump: Keep | None = None,
    ) -> None:
        """`on_lines` is called from within `feed` with each batch of complete lines, stamped with `clock`.

        So is `keep_dump` with each core dump: then they are no part of the text.
        """
        self.name = name
        self.silence_limit = silence_limit  # seconds; a wait in which nothing comes for that long fails with SILENCE
        self.time: DeviceTime = WALL  # that waits are counted in; see `keep_time`
        self.watch = Watch(guards, name, lambda: self.time)
        self._intake = Intake(self.watch, on_lines, clock, keep_dump)
        self.recent = self._intake.recent  # `recent.last` is the number of the last complete line; 0 before the first
        self.window = self._intake.window  # `window.end` marks this moment, for `since`
        self._waits = Waits(self.window, lambda: self.time)
        self._forbidden = Forbidden(self.window, self.recent, self.watch)
        self.sightings = Sightings(self.window)
        self.cursor = Cursor(self.window, self._forbidden.scanned, self._waits.scanned, self.sightings.scanned)

    @property
    def ending(self) -> Ending | None:
        """How the device ended, when it has done so by itself since its last boot or reset."""
        return self._waits.ending

    # ---- the machine's side (tpf.machines.base.Receiver)

    def feed(self, data: bytes) -> None:
        """Take what the device said, in pieces of any size."""
        self._intake.take(data)
        self._forbidden.check()
        self._waits.news()
        if self.watch.deferred and self._waits.unmet:
            waits_past(self.watch, "a step was waiting for something else")

    def ended(self, exit_: Ending, mark: str = "") -> None:
        """The device ended by itself, or with a mark was switched off: waits that are still unmet fail."""
        self.flush(mark)
        self.watch.ended()
        self._waits.end(exit_)

    # ---- the engine's side

    def booted(self, mark: str = "") -> None:
        """A new boot begins: text from before counts no more, forbids are cleared, the guards are armed again."""
        self._waits.ending = None
        self._forbidden.clear()
        self.flush(mark)
        self.watch.boot()
        self.cursor.move(self.window.end)

    def keep_time(self, time: DeviceTime) -> None:
        """Waits that begin from now on are counted in this time."""
        self.time = time
        self._waits.start_over()

    def flush(self, mark: str = "") -> None:
        """End the open line as if a line end had come, so that it gets to the log. For the end of a machine's life.

        A mark is a line of ours: it is numbered and logged as the device's are, no step or guard finds it, and what
        came before it counts no more for waits.
        """
        self._intake.finish()
        self._forbidden.check()
        self._waits.news()
        if mark:
            self._intake.mark(mark)
            self._forbidden.skip()
            self.cursor.move(self.window.end)

    def next_case(self) -> None:
        """A case ends and another begins: what it forbade is allowed again, the guards are armed again."""
        self._forbidden.clear()
        self.watch.rearm()

    # ---- the steps' side

    async def expect(
        self, *wanted: Wanted, any_of: bool = False, since: int | None = None, within: float | None = None
    ) -> tuple[Found, ...]:
        """Wait until all have come, in any order, or with `any_of` the first; the cursor moves behind the furthest.

        Looks at what came since the last match, or since a moment of the caller's. Raises TimeoutError when the time is
        over: see `overdue`; DeviceFailure (SILENCE, EXIT), or StepError for a regular expression that takes too long.
        """
        hunt = Hunt(wanted, self.cursor.offset if since is None else since, every=not any_of)
        if self.watch.deferred and not hunt.advance(self.window):
            waits_past(self.watch, f"a step waits for {hunt}")
        try:
            found = await self._waits.until_over(hunt, self.silence_limit, within)
        except Silence:
            raise failures.silent(hunt, self.silence_limit or 0, self.recent) from None
        except Ended as over:
            raise failures.ended(failures.expected(hunt), over.ending, self.recent) from None
        self.cursor.move(max(one.end for one in found))
        check_match(self.watch, found)
        return found

    def overdue(
        self, *wanted: Wanted, any_of: bool = False, since: int | None = None, within: float
    ) -> tuple[Found, ...]:
        """The last look, at the open line, too, when the deadline of an `expect` with the same arguments has passed.

        Raises DeviceFailure (TIMEOUT): what was wanted within how many seconds, the nearest line, the console searched.
        """
        start = self.cursor.offset if since is None else since
        hunt = Hunt(wanted, start, every=not any_of)
        if not hunt.advance(self.window, open_line=True):
            raise failures.overdue(hunt, self.window, start, self.recent, within)
        self.cursor.move(max(one.end for one in hunt.found))
        check_match(self.watch, hunt.found)
        return hunt.found

    def forbid(self, wanted: Wanted) -> None:
        """From the cursor on this must not come: when it does, `watch` trips with FORBIDDEN_OUTPUT."""
        self._forbidden.add(wanted, self.cursor.offset)

    def resetting(self, mark: str = "") -> None:
        """Called right before a wanted reset: no sign of a reboot loop; what came before doesn't count for waits.

        A device that had ended is back then.
        """
        self.flush(mark)
        self._waits.ending = None
        self.watch.ended(ended=False)
        self.watch.resets.ask()
        self.cursor.move(self.window.end)
