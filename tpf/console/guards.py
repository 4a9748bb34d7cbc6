"""Patterns that end a case whenever they appear: panics, watchdogs, reboot loops, and the scenario's own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from tpf.errors import DeviceFailure
from tpf.result import FailureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardPattern:
    """One pattern to guard against, searched in each line."""

    name: str  # what <allow> calls it
    pattern: str  # a regular expression
    kind: FailureKind


DEFAULT_GUARDS: tuple[GuardPattern, ...] = ()


def fail_on(pattern: str) -> GuardPattern:
    """The guard for a scenario's own <fail-on>."""
    return GuardPattern(name="fail-on", pattern=pattern, kind=FailureKind.FORBIDDEN_OUTPUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """A guard that was hit."""

    kind: FailureKind
    headline: str  # the failure in one line
    number: int  # of the console line that did it
    line: str


class Watch:
    """The guards of one console: armed, masked, tripped. Reached as `console.watch`."""

    trip: Trip | None  # the first hit since the last `rearm`

    def on_trip(self, callback: Callable[[Trip], None]) -> Callable[[], None]:
        """Call back at the first hit after each `rearm`, from within `feed`; returns what ends that."""
        raise NotImplementedError

    def mask(self, *kinds: FailureKind) -> None:
        """Hits of these kinds trip nothing until the next `mask` or `rearm`; they still stand in `hits`."""
        raise NotImplementedError

    def rearm(self) -> None:
        """Forget the trip, the mask and the resets counted so far: a new case or boot begins."""
        raise NotImplementedError

    async def settle(self) -> None:
        """After a trip: wait until the panic's body is whole (reboot, 300 ms of quiet, at most 1.5 s)."""
        raise NotImplementedError

    def failure(self) -> DeviceFailure:
        """The trip as a failure: the headline, then the last lines of the console, a panic's body among them."""
        raise NotImplementedError

    def guarded(self) -> AbstractAsyncContextManager[None]:
        """A trip within cancels the body, waits for `settle` and raises `failure()`; a trip from before raises at once."""
        raise NotImplementedError
