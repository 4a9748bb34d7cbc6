"""Steps that wait for text: they are woken when it comes, when the device is silent for too long, and when it ends."""

from __future__ import annotations

import asyncio
import time
from typing import Final, Protocol

from tpf.console.matching import Found, Hunt
from tpf.console.patterns import TooSlow
from tpf.console.window import Window
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

    def __init__(self, window: Window) -> None:
        self._window = window
        self._on: dict[Hunt, asyncio.Future[None]] = {}
        self._last = time.monotonic()  # when something came last
        self._timer: asyncio.TimerHandle | None = None
        self.ending: Ending | None = None

    def news(self) -> None:
        """Something has come."""
        self._last = time.monotonic()
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

    async def until_over(self, hunt: Hunt, silence: float | None) -> tuple[Found, ...]:
        """Wait until the hunt is over. Raises Silence, Ended, and StepError for a regular expression too slow."""
        over = self._on[hunt] = asyncio.get_running_loop().create_future()
        try:
            self._advance(open_line=self._is_quiet())
            self._look_again_when_quiet()
            if self.ending is not None and not over.done():
                raise Ended(self.ending)
            await (over if silence is None else self._over_or_silence(over, silence))
        finally:
            del self._on[hunt]
            if over.done() and not over.cancelled():
                over.exception()  # looked at, also when we were cancelled before it could reach us
        return hunt.found

    async def _over_or_silence(self, over: asyncio.Future[None], limit: float) -> None:
        start = time.monotonic()
        while not over.done():
            left = max(start, self._last) + limit - time.monotonic()
            if left <= 0:
                raise Silence
            await asyncio.wait((over,), timeout=left)
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
        return self.ending is not None or time.monotonic() - self._last >= QUIET

    def _look_again_when_quiet(self) -> None:
        if self._timer is None and self._window.end > self._window.complete:
            self._timer = asyncio.get_running_loop().call_later(QUIET, self._look_again)

    def _look_again(self) -> None:
        self._timer = None
        if self._on and self._is_quiet():
            self._advance(open_line=True)
        elif self._on:
            self._look_again_when_quiet()
