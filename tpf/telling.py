"""How the rooms of the engine tell what happens: events with the run's clock on them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tpf import events as ev
from tpf.outcomes import Failed, failure_of, lack_behind
from tpf.parts import failure_by
from tpf.result import Artifact, Metric, Part, Source, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Seconds since the start of the run, to the microsecond."""

    origin: float

    @classmethod
    def start(cls) -> Clock:
        return cls(origin=time.monotonic())

    def __call__(self) -> float:
        return round(time.monotonic() - self.origin, 6)


class Record:
    """Takes the events of a run; `end` ends the run when they can't be written down any more."""

    def __init__(self, sink: ev.Sink, report: Path, end: Callable[[Exception], None]) -> None:
        self._sink = sink
        self._report = report
        self._end = end
        self.failure: Exception | None = None  # why the record has gaps

    def __call__(self, event: ev.Event) -> None:
        try:
            self._sink(event)
        except OSError as error:
            self._lost(error)

    def take_stray(self, _: asyncio.AbstractEventLoop, details: dict[str, Any]) -> None:
        """The event loop's handler of errors that nobody waits for.

        One in a callback, where the console's lines are written, too, ends the run. One in a task is a library's: the
        log of internal errors has it.
        """
        error = details.get("exception")
        if "handle" in details and isinstance(error, Exception):
            self._lost(error)
        else:
            failure_of(error or RuntimeError(details["message"]), None, self._report)

    def _lost(self, error: Exception) -> None:
        if self.failure is None:
            self.failure = lack_behind(error, self._report) or error
            self._end(self.failure)


@dataclass(slots=True)
class CaseRecorder:
    """Takes what a step wants in the report, for the case that is under way (`case` is None outside of cases)."""

    scenario: str
    case: int | None
    sink: ev.Sink
    clock: Clock
    quarantined: frozenset[str] = frozenset()  # names of parts whose failures don't fail the case
    parts: list[Part] = field(default_factory=list)  # those that have not been judged yet

    def note(self, text: str) -> None:
        self.sink(ev.Noted(t=self.clock(), scenario=self.scenario, case=self.case, text=text))

    def metric(self, metric: Metric) -> None:
        self.sink(ev.Measured(t=self.clock(), scenario=self.scenario, case=self.case, metric=metric))

    def artifact(self, artifact: Artifact) -> None:
        self.sink(ev.Attached(t=self.clock(), scenario=self.scenario, case=self.case, artifact=artifact))

    def part(self, part: Part) -> None:
        self.parts.append(part)
        self.sink(ev.PartFinished(t=self.clock(), scenario=self.scenario, case=self.case, part=part))

    def judge_parts(self, first: int, source: Source) -> None:
        """A step is done that told of `parts[first:]`: raises Failed when one of them is bad, so that its case is, too.

        Those of a step that fails by itself stay: they are judged with the step around it, should that go on.
        """
        parts = tuple(self.parts[first:])
        del self.parts[first:]
        failure = failure_by([part for part in parts if not self._forgiven(part)], source)
        if failure is not None:
            raise Failed(failure)

    def _forgiven(self, part: Part) -> bool:
        return part.name in self.quarantined and part.verdict is Verdict.FAILED

    def output(self, text: str) -> None:
        self.sink(ev.Output(t=self.clock(), scenario=self.scenario, origin="run", lines=(text,)))
