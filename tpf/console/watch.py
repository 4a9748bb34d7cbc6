"""Watches a console with its guard patterns: remembers what was hit, and ends what a case is doing at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Final

from tpf.console.excerpt import excerpt
from tpf.console.guards import GuardPattern, Guards, Hit
from tpf.console.quoting import quote
from tpf.errors import DeviceFailure
from tpf.result import FailureKind

RESETS: Final = 3  # so many that nobody asked for, within a case, are a reboot loop
_BEFORE: Final = 15  # lines before the hit that a message shows
_BODY: Final = 150  # lines after it
_MOST_HITS: Final = 1000
_QUIET: Final = 0.3  # seconds
_LONGEST: Final = 1.5  # seconds
_BODY_ENDS: Final = ("Rebooting...", "rst:0x", "CPU halted.")


class Watch:
    """The guards of one console: armed, masked, tripped. Reached as `console.watch`."""

    def __init__(self, patterns: Sequence[GuardPattern]) -> None:
        self.trip: Hit | None = None  # the first hit since the last `rearm` that wasn't masked
        self.hits: list[Hit] = []  # all since the last `rearm`, masked ones among them, up to a thousand
        self._ended = False
        self._guards = Guards(patterns)
        self._masked: frozenset[FailureKind] = frozenset()
        self._resets = _Resets()
        self._callbacks: list[Callable[[Hit], None]] = []
        self._story = _Story((), 0, 0)
        self._news = asyncio.Event()

    def look_at(self, text: str, first: int, before: Callable[[], Sequence[str]]) -> None:
        """Take complete lines, the first one's number, and how to get the lines before them."""
        self._news.set()
        if self.trip is not None:
            self._story.add(text.split("\n"), first)
        last = first + text.count("\n")
        for hit in self._guards.scan(text, first):
            self.report(hit, lambda: (*before(), *text.split("\n")), last)

    def report(self, hit: Hit, around: Callable[[], Sequence[str]], last: int) -> None:
        """Take a hit, how to get the lines around it, and the last one's number."""
        if len(self.hits) < _MOST_HITS:
            self.hits.append(hit)
        grave = hit if hit.kind is not FailureKind.REBOOT_LOOP else self._resets.count(hit)
        if grave is None or grave.kind in self._masked or self.trip is not None:
            return
        self.trip = grave
        lines = around()
        first = last - len(lines) + 1
        start = max(0, hit.number - first - _BEFORE)
        self._story = _Story(lines[start:], first + start, hit.number)
        for callback in tuple(self._callbacks):
            callback(grave)

    def on_trip(self, callback: Callable[[Hit], None]) -> Callable[[], None]:
        """Call back at the first hit after each `rearm`, from within `feed`; returns what ends that."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def mask(self, *kinds: FailureKind) -> None:
        """Hits of these kinds trip nothing until the next `mask` or `rearm`; they still stand in `hits`."""
        self._masked = frozenset(kinds)

    def rearm(self) -> None:
        """Forget the trip, the mask, the hits and the resets counted so far: a new case or boot begins."""
        self.trip = None
        self.hits = []
        self._masked = frozenset()
        self._resets.unasked = 0

    def boot(self) -> None:
        """A new boot begins: re-armed, and the next reset banner is no sign of a reboot loop."""
        self.rearm()
        self._ended = False
        self._resets.wanted = 1

    def end(self) -> None:
        """The device has ended: nothing more will come."""
        self._ended = True
        self._news.set()

    def reset_wanted(self) -> None:
        """A step is about to reset the device, which may have ended."""
        self._ended = False
        self._resets.wanted += 1

    async def settle(self) -> None:
        """After a panic: wait until its text is whole: a reboot, 300 ms of quiet, the device's end, at most 1.5 s."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _LONGEST
        while self.trip is not None and self.trip.kind is FailureKind.PANIC and not (self._story.whole or self._ended):
            self._news.clear()
            try:
                async with asyncio.timeout_at(min(deadline, loop.time() + _QUIET)):
                    await self._news.wait()
            except TimeoutError:
                return

    def failure(self) -> DeviceFailure:
        """The trip as a failure: the headline, then the console around it, a panic's body among that."""
        if self.trip is None:
            raise ValueError("no guard has tripped")
        return DeviceFailure(self.trip.kind, f"{self.trip.headline}\n{self._story}")

    def guarded(self) -> AbstractAsyncContextManager[None]:
        """A trip within cancels the body, settles and raises `failure()`; a trip from before does so at once."""
        return _Guarded(self)


class _Resets:
    """Counts reset banners that nobody asked for."""

    def __init__(self) -> None:
        self.wanted = 0
        self.unasked = 0

    def count(self, hit: Hit) -> Hit | None:
        """The hit of a reboot loop when this reset is one too many."""
        if self.wanted:
            self.wanted -= 1
            return None
        self.unasked += 1
        if self.unasked < RESETS:
            return None
        count = f"{self.unasked} times and nothing asked it to"
        headline = f"reboot loop: the device has reset {count}; the last one says {quote(hit.line.strip())}"
        return Hit(name=hit.name, kind=hit.kind, number=hit.number, line=hit.line, headline=headline)


class _Story:
    """The console around a hit: some lines before it, and what follows until the device starts over."""

    def __init__(self, lines: Sequence[str], first: int, hit: int) -> None:
        """`first` is the number of the first line, `hit` that of the line that was hit."""
        self._first = first
        self._body = hit - first + 1
        self._most = self._body + _BODY
        self._lines = list(lines[: self._most])

    @property
    def whole(self) -> bool:
        """True when the panic has been told to its end."""
        return len(self._lines) >= self._most or any(
            end in line for line in self._lines[self._body :] for end in _BODY_ENDS
        )

    def add(self, lines: Sequence[str], first: int) -> None:
        """Take further lines and the first one's number; lines that are known already are left out."""
        if not self.whole:
            known = self._first + len(self._lines) - first
            self._lines.extend(lines[max(0, known) :][: self._most - len(self._lines)])

    def __str__(self) -> str:
        return "console:\n" + excerpt(self._lines, self._first, tail=_BODY)


class _Guarded:
    """Cancels the task it was entered in when a guard trips, as `asyncio.timeout` does when time is over."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0
        self._cancelled = False
        self._unsubscribe: Callable[[], None] = lambda: None

    def _cancel(self, _: Hit) -> None:
        if self._task is not None:
            self._cancelled = True
            self._task.cancel()

    async def __aenter__(self) -> None:
        if self._watch.trip is not None:
            await self._fail(None)
        self._task = asyncio.current_task()
        self._cancelling = self._task.cancelling() if self._task is not None else 0
        self._unsubscribe = self._watch.on_trip(self._cancel)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._unsubscribe()
        if self._cancelled and kind is None:
            await _take_cancellation()
        others = self._task.uncancel() if self._cancelled and self._task is not None else self._cancelling
        if others > self._cancelling or (
            kind is not None and not (self._cancelled and issubclass(kind, asyncio.CancelledError))
        ):
            return  # cancelled from elsewhere too, or the body has failed for a reason of its own
        if self._watch.trip is not None:
            await self._fail(error)

    async def _fail(self, error: BaseException | None) -> None:
        await self._watch.settle()
        raise self._watch.failure() from error


async def _take_cancellation() -> None:
    """Receive a cancellation that was asked for after the task's last await."""
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(0)
