"""Which commit status to post next, and when: decided from what is wanted, what is posted and the time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from testarena_ci.forges.base import CommitStatus, NotPosted, Outcome, State

WRITE_GAP: Final = 1.0  # seconds from one write to the next, over all contexts
PROGRESS_GAP: Final = 10.0  # from one progress update of a context to the next
RETRY_GAP: Final = 5.0  # doubles with each failure
LONGEST_RETRY_GAP: Final = 60.0
_SLOWER_WITH_AGE: Final = 60.0  # GitHub takes 1000 statuses a commit and context: a day of progress is some 350 of them


@dataclass(slots=True)
class _Slot:
    """One context of one commit."""

    wanted: CommitStatus
    posted: CommitStatus | None = None
    not_before: float = 0.0
    failures: int = 0
    refused: bool = False

    @property
    def open(self) -> bool:
        return not self.refused and self.wanted != self.posted


class Outbox:
    """The statuses that wait. The latest one of each context wins, and progress never replaces a final one."""

    def __init__(self, *, start: float, main: str = "") -> None:
        self._start = start
        self._main = main.casefold()  # the context that goes first when the time gets short
        self._slots: dict[tuple[str, str], _Slot] = {}
        self._next_write = start
        self._hopeless = False
        self._closing = False

    def want(self, status: CommitStatus) -> None:
        """Have this status posted as soon as the limits let it."""
        slot = self._slots.get(status.key)
        if slot is None:
            self._slots[status.key] = _Slot(wanted=status)
        elif status.state.final:
            if not slot.wanted.state.final:
                slot.not_before, slot.refused = 0.0, False  # whatever became of the progress, the end gets its chance
            slot.wanted = status
        elif not slot.wanted.state.final:
            slot.wanted = status

    def close(self) -> None:
        """From now on only final states matter."""
        self._closing = True

    def due(self, now: float) -> CommitStatus | None:
        """The status to post now, if there is one."""
        if now < self._next_write:
            return None
        ready = [slot for slot in self._waiting() if slot.not_before <= now]
        return min(ready, key=self._urgency).wanted if ready else None

    def wake_at(self) -> float | None:
        """When there will be one; None if nothing waits."""
        times = [slot.not_before for slot in self._waiting()]
        return max(self._next_write, min(times)) if times else None

    def settle(self, status: CommitStatus, outcome: Outcome, now: float) -> None:
        """Take note of what became of a status that was due. A newer one may be wanted by now."""
        self._next_write = now + WRITE_GAP
        slot = self._slots[status.key]
        if isinstance(outcome, NotPosted):
            self._failed(slot, status, outcome, now)
            return
        slot.posted, slot.failures = status, 0
        newer_is_final = slot.wanted != status and slot.wanted.state.final
        slot.not_before = 0.0 if newer_is_final else now + self._progress_gap(now)

    def unsent(self) -> tuple[CommitStatus, ...]:
        """Final states that are not on the forge yet and could be one day."""
        return tuple(slot.wanted for slot in self._open() if slot.wanted.state.final)

    def _failed(self, slot: _Slot, status: CommitStatus, outcome: NotPosted, now: float) -> None:
        slot.failures += 1
        self._hopeless = self._hopeless or outcome.hopeless
        if not outcome.retry_later and slot.wanted == status:
            slot.refused = True
        gap = min(LONGEST_RETRY_GAP, RETRY_GAP * 2.0 ** min(slot.failures - 1, 10))
        slot.not_before = now + max(gap, outcome.wait)
        if outcome.wait:  # the forge as a whole asked for it
            self._next_write = now + outcome.wait

    def _progress_gap(self, now: float) -> float:
        return max(PROGRESS_GAP, (now - self._start) / _SLOWER_WITH_AGE)

    def _open(self) -> list[_Slot]:
        return [] if self._hopeless else [slot for slot in self._slots.values() if slot.open]

    def _waiting(self) -> list[_Slot]:
        return [slot for slot in self._open() if slot.wanted.state.final or not self._closing]

    def _urgency(self, slot: _Slot) -> tuple[bool, bool, bool, float]:
        """Final before progress, the run's own before the scenarios', bad news before good, then the longest wait."""
        status = slot.wanted
        return (
            not status.state.final,
            status.context.casefold() != self._main,
            status.state is State.SUCCESS,
            slot.not_before,
        )
