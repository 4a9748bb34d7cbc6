"""Steps that wait for text: they are woken when it comes, when the device is silent for too long, and when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from tpf.console.matching import Found, Hunt
from tpf.console.patterns import TooSlow
from tpf.console.window import Window
from tpf.device_time import NEGLIGIBLE, DeviceTime, Timer
from tpf.errors import StepError, TestArenaError

QUIET: Final = 0.05  # seconds without output after which an open line counts as it is: a prompt


class Silence(Exception):
    """Nothing came for the silence limit."""


class Ending(Protocol):
    """How a device ended (`tpf.machines.base.Exit`)."""

    @property
    def detail(self) -> str: ...
    @property
    def fault(self) -> TestArenaError | None:
        """Set when not the firmware is to blame."""


class Ended(Exception):
    """The device has ended, and what is wanted hasn't come."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.detail)
        self.ending = ending


class Waits:
    """The hunts that are on."""

    def __init__(self, window: Window, time: Callable[[], DeviceTime]) -> None:
        self._window = window
        self._time = time
        self._on: dict[Hunt, asyncio.Future[None]] = {}
        self._last = time().now()  # when something came last
        self._timer: Timer | None = None
        self.ending: Ending | None = None

    def news(self) -> None:
        """Something has come."""
        self._last = self._time().now()
        if self._on:
            self._advance(open_line=False)
            self._look_again_when_quiet()

    @property
    def unmet(self) -> bool:
        """True when somebody waits for what hasn't come."""
        return any(not over.done() for over in self._on.values())

    def end(self, ending: Ending) -> None:
        """The device has ended: nothing more will come."""
        self.ending = ending
        for over in self._on.values():
            if not over.done():
                over.set_exception(Ended(ending))

    def scanned(self) -> list[int]:
        """The offsets before which no hunt needs the text."""
        return [search.scanned for hunt in self._on for search in hunt.searches]

    def start_over(self) -> None:
        """Another clock is in use: nothing was measured by it yet."""
        self._last = self._time().now()
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()

    async def until_over(self, hunt: Hunt, silence: float | None, within: float | None) -> tuple[Found, ...]:
        """Wait until the hunt is over, at most so many seconds.

        Raises TimeoutError, Silence, Ended, and StepError for a regular expression too slow.
        """
        over = self._on[hunt] = asyncio.get_running_loop().create_future()
        try:
            self._advance(open_line=self._is_quiet())
            self._look_again_when_quiet()
            if self.ending is not None and not over.done():
                raise Ended(self.ending)
            await self._go_on(over, silence, within)
        finally:
            del self._on[hunt]
            if over.done() and not over.cancelled():
                over.exception()  # looked at, also when we were cancelled before it could reach us
        return hunt.found

    async def _go_on(self, over: asyncio.Future[None], silence: float | None, within: float | None) -> None:
        time = self._time()
        start = time.now()
        while not over.done():
            now = time.now()
            left = None if within is None else start + within - now
            quiet = None if silence is None else max(start, self._last) + silence - now
            if left is not None and left <= NEGLIGIBLE:
                raise TimeoutError
            if quiet is not None and quiet <= NEGLIGIBLE:
                raise Silence
            await time.go_on(over, min((limit for limit in (left, quiet) if limit is not None), default=None))
        over.result()

    def _advance(self, *, open_line: bool) -> None:
        for hunt, over in self._on.items():
            if over.done():
                continue
            try:
                if hunt.advance(self._window, open_line=open_line):
                    over.set_result(None)
            except TooSlow as error:
                over.set_exception(StepError(str(error)))

    def _is_quiet(self) -> bool:
        return self.ending is not None or self._time().now() - self._last >= QUIET - NEGLIGIBLE

    def _look_again_when_quiet(self) -> None:
        if self._timer is None and self._window.end > self._window.complete:
            self._timer = self._time().call_later(QUIET, self._look_again)

    def _look_again(self) -> None:
        self._timer = None
        if self._on and self._is_quiet():
            self._advance(open_line=True)
        elif self._on:
            self._look_again_when_quiet()
