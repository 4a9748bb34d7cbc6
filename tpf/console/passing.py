"""A wait that goes past a panic which a later step asks for: the panic can't be that step's any more, and trips."""

from __future__ import annotations

from collections.abc import Sequence

from tpf.console.matching import Found
from tpf.console.watch import Watch


def waits_past(watch: Watch, why: str) -> None:
    """Somebody waits for a text that hasn't come before the panic."""
    waiting = watch.deferred.first
    if waiting is not None:
        waiting.note = f"a later step expects a panic, but this one came too early: {why}"
        watch.defer()


def check_match(watch: Watch, found: Sequence[Found]) -> None:
    """Raise the panic's failure when one of these was found behind its text."""
    waiting = watch.deferred.first
    past = next((one for one in found if waiting is not None and one.number > waiting.last), None)
    if past is not None:
        waits_past(watch, f"{past.wanted} came after it")
        failure = watch.failure()
        if failure is not None:
            raise failure
