"""Follows the run in a report folder, over the folder's being made, killed and replaced, for all who watch."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from testarena_ci.report_folder import is_held
from testarena_ci.viewing.board import Board, elapsed, seconds_left
from testarena_ci.viewing.files import REPORT, exists
from testarena_ci.viewing.tail import Gain, JournalTail
from tpf.journal import FILE_NAME as JOURNAL
from tpf.journal import decode

PERIOD: Final = 0.2  # seconds between two looks at the journal
_QUIET: Final = 2.0  # seconds without an event, after which we look whether the run is still alive


class Phase(StrEnum):
    """Where the folder stands: what the page tells beside the state of the run."""

    WAITING = "waiting"  # no run has begun there
    RUNNING = "running"
    REPORTING = "reporting"  # the run is over, its reports are being made
    ENDED = "ended"  # the report is there
    KILLED = "killed"  # nobody goes on with it
    DAMAGED = "damaged"  # the journal is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What somebody has seen: the last event's id, ``<board>-<version>``."""

    board: str
    version: int

    @classmethod
    def read(cls, text: str) -> Mark | None:
        """The mark of an event id that a browser sends back; None when it is none of ours."""
        board, _, version = text.rpartition("-")
        if not board or not version.isascii() or not version.isdigit() or len(version) > 12:
            return None
        return cls(board=board, version=int(version))

    def __str__(self) -> str:
        return f"{self.board}-{self.version}"


def phase_of(*, begun: bool, finished: bool, report: bool, held: bool, problem: str = "") -> Phase:
    """Where a folder stands. `held`: a run is writing into it."""
    if problem:
        return Phase.DAMAGED
    if report and (finished or not held):
        return Phase.ENDED
    if not begun:
        return Phase.WAITING
    if not held:
        return Phase.KILLED
    return Phase.REPORTING if finished else Phase.RUNNING


@dataclass(slots=True)
class Feed:
    """What there is to know now. `changed` is set, and replaced, whenever there is more to know."""

    folder: Path
    now: Callable[[], float] = time.time  # the time of day
    still: Callable[[], float] = time.monotonic
    board: Board = field(default_factory=Board)
    name: str = field(default_factory=lambda: secrets.token_hex(8))  # of the board: no run before had it
    phase: Phase = Phase.WAITING
    problem: str = ""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _tail: JournalTail = field(init=False)
    _lines: int = 0
    _heard: float = 0.0  # when the journal last grew
    _held: bool = True

    def __post_init__(self) -> None:
        self._tail = JournalTail(self.folder, JOURNAL)

    @property
    def mark(self) -> Mark:
        """What somebody knows who has been told everything."""
        return Mark(board=self.name, version=self.board.version)

    def look(self) -> bool:
        """Take what is new. Returns whether there is more to take at once."""
        before = (self.phase, self.mark)
        gain = self._tail.look()
        if gain.fresh:
            self.board, self.name, self.problem, self._lines = Board(), secrets.token_hex(8), "", 0
        if gain.fresh or gain.lines:
            self._heard, self._held = self.still(), True
            self._take(gain)
        self.phase = self._phase()
        if (self.phase, self.mark) != before:
            if self.mark == before[1]:
                self.board.version += 1
            self.changed.set()
            self.changed = asyncio.Event()
        return gain.more

    def _take(self, gain: Gain) -> None:
        if self.problem or not gain.lines:
            return
        try:
            self.board.take(decode(line) for line in self._numbered(gain.lines))
        except (ValueError, KeyError, IndexError, RecursionError) as error:
            self.problem = f"{self.folder / JOURNAL}:{self._lines}: not an event of a run: {error}"

    def _numbered(self, lines: tuple[bytes, ...]) -> Any:
        for line in lines:
            self._lines += 1
            yield line

    def _phase(self) -> Phase:
        progress = self.board.progress
        report = exists(self.folder, REPORT)
        finished = progress.state not in ("waiting", "running")
        if self._held and not (report and finished) and self.still() - self._heard >= _QUIET:
            # Asked only of a run that may be dead, and never again once it is: asking takes its lock for a moment
            self._held = is_held(self.folder)
            self._heard = self.still()
        return phase_of(
            begun=bool(progress.run_id), finished=finished, report=report, held=self._held, problem=self.problem
        )

    def update(self, seen: Mark | None) -> dict[str, Any]:
        """What somebody is to be told who has seen that much."""
        known = seen.version if seen is not None and seen.board == self.name else None
        if known is not None and known > self.board.version:
            known = None
        running = self.phase is Phase.RUNNING
        progress = self.board.progress
        gone = elapsed(progress, self.now()) if running else progress.now
        return {
            **self.board.since(known),
            "run": self.name,
            "phase": str(self.phase),
            "state": str(progress.state),
            "problem": self.problem,
            "elapsed": round(gone, 3),
            "left": seconds_left(self.board, gone) if running else None,
        }

    async def follow(self) -> None:
        """Look again and again, until cancelled."""
        try:
            while True:  # noqa: ASYNC110  a file that grows sets no event
                await asyncio.sleep(0 if self.look() else PERIOD)
        finally:
            self._tail.close()
