"""How the rooms of the engine tell what happens: events with the run's clock on them."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tpf import events as ev
from tpf.result import Artifact, Metric


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

    def note(self, text: str) -> None:
        self.sink(ev.Noted(t=self.clock(), scenario=self.scenario, case=self.case, text=text))

    def metric(self, metric: Metric) -> None:
        self.sink(ev.Measured(t=self.clock(), scenario=self.scenario, case=self.case, metric=metric))

    def artifact(self, artifact: Artifact) -> None:
        self.sink(ev.Attached(t=self.clock(), scenario=self.scenario, case=self.case, artifact=artifact))

    def output(self, text: str) -> None:
        self.sink(ev.Output(t=self.clock(), scenario=self.scenario, origin="run", lines=(text,)))
