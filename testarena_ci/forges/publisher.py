"""A thread that brings commit statuses to a forge beside the run, and can neither block nor fail it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from testarena_ci.forges.base import CommitStatus, Forge, NotPosted, Outcome
from testarena_ci.forges.outbox import Outbox
from testarena_ci.forges.patience import Clock, WallClock
from testarena_ci.forges.spool import read_spool, write_spool

PROGRESS_BUDGET: Final = 6.0  # seconds for a progress update: the next one is near
FINAL_BUDGET: Final = 20.0
LINK_BUDGET: Final = 5.0
CLOSE_BUDGET: Final = 30.0


class StatusPublisher:
    """Posts what is wanted, as the limits of `Outbox` let it, and keeps in the file `spool` what stays unsent.

    `connect` opens the forge, in the publisher's thread: the run waits neither for a client library to load nor for a
    server to say where this run's page is, which is where a status leads to that has no link of its own. `say` gets one
    line for people whenever posting begins to fail; it is called from that thread too. `main` is the context that goes
    first when time gets short, `first` what is wanted from the start.
    """

    def __init__(
        self,
        connect: Callable[[], Forge],
        *,
        say: Callable[[str], None],
        spool: Path,
        main: str = "",
        first: Iterable[CommitStatus] = (),
        clock: Clock | None = None,
    ) -> None:
        self._connect = connect
        self._say = say
        self._spool = spool
        self._spooled = read_spool(spool)
        self._clock = clock or WallClock()
        self._outbox = Outbox(start=self._clock.now(), main=main)
        for status in first:
            self._outbox.want(status)
        self._changed = threading.Condition()
        self._deadline: float | None = None  # set by close()
        self._failing = False
        self._thread = threading.Thread(target=self._work, name="status-publisher", daemon=True)
        self._thread.start()

    def want(self, status: CommitStatus) -> None:
        """Have this status posted; returns at once. After close() it does nothing."""
        with self._changed:
            if self._deadline is None:
                self._outbox.want(status)
                self._changed.notify()

    def close(self, budget: float = CLOSE_BUDGET) -> tuple[CommitStatus, ...]:
        """Give the final states that much time to get through; returns those that did not, which are in the spool."""
        with self._changed:
            if self._deadline is None:
                self._deadline = self._clock.now() + budget
                self._outbox.close()
                self._changed.notify()
        self._thread.join(budget)
        unsent = self._unsent()
        self._keep(unsent)
        if unsent:
            self._say(
                f"{len(unsent)} commit statuses are not posted yet: `testarena finish` sends them from {self._spool}"
            )
        return unsent

    def _work(self) -> None:
        forge: Forge | None = None
        link = ""
        while (status := self._next()) is not None:
            self._keep(self._unsent())
            if forge is None:
                forge = self._connect()
                link = forge.run_link(budget=self._within_deadline(LINK_BUDGET))
            linked = replace(status, target_url=status.target_url or link)
            budget = self._within_deadline(FINAL_BUDGET if status.state.final else PROGRESS_BUDGET)
            outcome = forge.post_status(linked, budget=budget)
            with self._changed:
                self._outbox.settle(status, outcome, self._clock.now())
            self._tell(outcome)
            self._keep(self._unsent())

    def _next(self) -> CommitStatus | None:
        """Wait for the next status that is due; None when the work is over."""
        with self._changed:
            while not self._over():
                now = self._clock.now()
                status = self._outbox.due(now)
                if status is not None:
                    return status
                self._clock.wait(self._changed, self._time_to_wait(now))
        return None

    def _over(self) -> bool:
        if self._deadline is None:
            return False
        return self._outbox.wake_at() is None or self._clock.now() >= self._deadline

    def _time_to_wait(self, now: float) -> float | None:
        times = [time for time in (self._outbox.wake_at(), self._deadline) if time is not None]
        return max(0.0, min(times) - now) if times else None

    def _within_deadline(self, budget: float) -> float:
        return budget if self._deadline is None else max(0.0, min(budget, self._deadline - self._clock.now()))

    def _unsent(self) -> tuple[CommitStatus, ...]:
        with self._changed:
            return self._outbox.unsent()

    def _keep(self, unsent: tuple[CommitStatus, ...]) -> None:
        """Before it is posted a final state is on disk, so that a kill in between loses nothing."""
        if unsent == self._spooled:
            return
        self._spooled = unsent
        try:
            write_spool(self._spool, unsent)
        except OSError as error:
            self._say(f"{self._spool}: {error.strerror}: can't keep the commit statuses that are not posted yet")

    def _tell(self, outcome: Outcome) -> None:
        """The first failure after a success: the same trouble every ten seconds would bury the log."""
        failing = isinstance(outcome, NotPosted)
        if isinstance(outcome, NotPosted) and not self._failing:
            self._say(f"no commit status: {outcome.reason}")
        self._failing = failing


def resend(
    connect: Callable[[], Forge], spool: Path, *, say: Callable[[str], None], budget: float = CLOSE_BUDGET
) -> bool:
    """Post what an earlier process left in its spool; True when nothing is left."""
    statuses = read_spool(spool)
    return not statuses or not StatusPublisher(connect, say=say, spool=spool, first=statuses).close(budget)
