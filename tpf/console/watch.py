"""Watches a console with its guard patterns: a hit ends what a case is doing at once, or waits to be asked for."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Final

from msgspec.structs import replace

from tpf.console.deferred import Deferred
from tpf.console.guards import SLOW_TO_TELL, GuardPattern, Guards, Hit
from tpf.console.news import News
from tpf.console.resets import Resets
from tpf.console.story import Story
from tpf.device_time import WALL, DeviceTime
from tpf.errors import DeviceFailure
from tpf.result import FailureKind

_QUIET: Final = 0.3  # seconds
_LONGEST: Final = 1.5  # seconds
_QUIET_SLOW, _LONGEST_SLOW = 2.0, 10.0  # seconds; of a tool that looks for names while it tells
_QUIET_DUMP: Final = 2.0  # seconds; in the midst of a core dump
_LONGEST_DUMP: Final = 120.0  # seconds: a megabyte takes a serial line that long


class Watch:
    """The guards of one console. Reached as `console.watch`."""

    def __init__(
        self, patterns: Sequence[GuardPattern], name: str = "", time: Callable[[], DeviceTime] = lambda: WALL
    ) -> None:
        self.name = name  # of the device, when it is one of several
        self.trip: Hit | None = None  # the first hit since the last `rearm` that nobody asks for
        self.allowed: frozenset[str] = frozenset()  # names of guards that are let through, until this is set anew
        self.deferred = Deferred()
        self.resets = Resets()
        self._time = time
        self._guards = Guards(patterns)
        self._callbacks: list[Callable[[Hit], None]] = []
        self.story: Story | None = None  # of the trip
        self.dumped = 0  # characters of core dumps that came, which are no part of the text
        self.told = False  # whether somebody has been told of the trip
        self._ended = False
        self._news = News()

    def look_at(self, text: str, first: int, before: Callable[[], Sequence[str]]) -> None:
        """Take complete lines, the first one's number, and how to get the lines before them."""
        self._news.tell()
        for story in (self.story, self.deferred.telling):
            if story is not None:
                story.add(text.split("\n"), first)
        last = first + text.count("\n")
        for hit in self._guards.scan(text, first):
            self.report(hit, lambda: (*before(), *text.split("\n")), last)

    def report(self, hit: Hit, around: Callable[[], Sequence[str]], last: int) -> None:
        """Take a hit, how to get the lines around it, and the last one's number."""
        if hit.name in self.allowed:
            return
        grave = hit if hit.kind is not FailureKind.REBOOT_LOOP else self.resets.count(hit)
        if grave is None or self.trip is not None:
            return
        if self.name:
            grave = replace(grave, headline=f"{self.name}: {grave.headline}")
        if not self.deferred.takes(grave, lambda: Story(grave, around(), last)):
            self._trip(Story(grave, around(), last))

    def _trip(self, story: Story | None) -> None:
        if story is None or self.trip is not None:
            return
        self.trip = story.hit
        self.story = story
        self.told = False
        for callback in tuple(self._callbacks):
            callback(story.hit)

    def on_trip(self, callback: Callable[[Hit], None]) -> Callable[[], None]:
        """Call back at the first hit after each `rearm`, from within `feed`; returns what ends that."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def defer(self, *kinds: FailureKind) -> None:
        """A later step asks for hits of these kinds: they wait for it. One that waits for nothing any more trips."""
        self.deferred.kinds = frozenset(kinds)
        self._trip(self.deferred.unasked())

    def rearm(self) -> None:
        """A new case begins: forget the trip, unless nobody has been told of it, what waits, and the resets so far."""
        if self.told:
            self.trip = self.story = None
        self.deferred.clear()
        self.resets.forget()

    def boot(self) -> None:
        """A new boot begins: nothing from before counts, and the next reset banner is no sign of a reboot loop."""
        self.told = True
        self._ended = False
        self.rearm()
        self.resets.boot()

    def ended(self, *, ended: bool = True) -> None:
        """The device has ended: nothing more will come. Or it comes back."""
        self._ended = ended
        self._news.tell()

    async def settle(self, story: Story | None = None) -> None:
        """Wait until a panic's text is whole: a reboot, 300 ms of quiet, the device's end, at most 1.5 s.

        A core dump in its midst may take longer. Without a story, that of the trip.
        """
        story = self.story if story is None else story
        time = self._time()
        began, dumped = time.now(), self.dumped
        while story is not None and story.hit.kind is FailureKind.PANIC and not (story.whole or self._ended):
            quiet, longest = (_QUIET_SLOW, _LONGEST_SLOW) if story.hit.name in SLOW_TO_TELL else (_QUIET, _LONGEST)
            if self.dumped != dumped:
                quiet, longest = _QUIET_DUMP, _LONGEST_DUMP
            before = self.dumped
            came = await self._news.come(time, min(quiet, began + longest - time.now()))
            if not came and (self.dumped == before or time.now() - began >= longest):
                return

    def failure(self) -> DeviceFailure | None:
        """The trip as a failure: the headline, then the console around it, a panic's body among that."""
        if self.story is None:
            return None
        self.told = True
        return DeviceFailure(self.story.hit.kind, f"{self.story.hit.headline}\n{self.story}")

    def guarded(self) -> AbstractAsyncContextManager[None]:
        """A trip within cancels the body, settles and raises `failure()`; a trip from before does so at once."""
        return _Guarded(self)


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
        if self._cancelled and (kind is None or not issubclass(kind, asyncio.CancelledError)):
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
        failure = self._watch.failure()
        if failure is not None:
            raise failure from error


async def _take_cancellation() -> None:
    """Receive a cancellation that was asked for after the task's last await."""
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(0)
