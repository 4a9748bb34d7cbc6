"""How the rooms of the engine tell what happens: events with the run's clock on them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tpf import events as ev
from tpf.outcomes import Failed
from tpf.parts import failure_by
from tpf.result import Artifact, Metric, Part, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Seconds since the start of the run, to the microsecond."""

    origin: float

    @classmethod
    def start(cls) -> Clock:
        return cls(origin=time.monotonic())

    def __call__(self) -> float:
        return round(time.monotonic() - self.origin, 6)


@dataclass(slots=True)
class CaseRecorder:
    """Takes what a step wants in the report, for the case that is under way (`case` is None outside of cases)."""

    scenario: str
    case: int | None
    sink: ev.Sink
    clock: Clock
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
        failure = failure_by(parts, source)
        if failure is not None:
            raise Failed(failure)

    def output(self, text: str) -> None:
        self.sink(ev.Output(t=self.clock(), scenario=self.scenario, origin="run", lines=(text,)))
