"""What the engine tells while it runs: one frozen record per thing that happened, in order.

Events are all that leaves the engine. The journal keeps them (but for console output, which has files of its own);
live views and
reports are made from nothing else. `t` is in seconds since the start of the run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tpf.result import Artifact, Failure, LogSpan, Metric, Part, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCase:
    """A case that the run is going to run, or to skip."""

    name: str
    source: Source
    tags: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    skip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedScenario:
    """A scenario that the run is going to run; `slug` names it in all later events."""

    name: str
    slug: str
    source: Source
    target: str
    cases: tuple[PlannedCase, ...]
    doc: str = ""
    tags: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened."""

    t: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    run_id: str
    started: str  # ISO 8601, UTC
    version: str
    jobs: int
    scenarios: tuple[PlannedScenario, ...]
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildStarted(Event):
    name: str
    command: str
    log: str  # relative to the report folder


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildFinished(Event):
    name: str
    failure: Failure | None = None
    reused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioStarted(Event):
    scenario: str
    worker: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Booted(Event):
    """A device was started; `boot` counts from 1 over the scenario."""

    scenario: str
    device: str
    boot: int
    machine: str
    command: tuple[str, ...]
    log: str  # of its console, relative to the report folder
    pid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStarted(Event):
    scenario: str
    case: int  # index in PlannedScenario.cases
    attempt: int  # from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted(Event):
    """`case` is None in setup and teardown that belong to no case."""

    scenario: str
    case: int | None
    phase: str  # "setup", "case" or "teardown"
    kind: str
    summary: str
    source: Source
    depth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished(Event):
    """Ends the innermost StepStarted of the scenario that hasn't ended yet."""

    scenario: str
    failure: Failure | None = None
    log: tuple[LogSpan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFinished(Event):
    scenario: str
    failure: Failure | None = None
    log: tuple[LogSpan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseNotRun(Event):
    scenario: str
    case: int
    failure: Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Event):
    """A line of the scenario author's own."""

    scenario: str
    case: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Event):
    scenario: str
    case: int | None
    metric: Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached(Event):
    scenario: str
    case: int | None
    artifact: Artifact


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFinished(Event):
    """A step told of a test of its own, which becomes a case beside the planned ones."""

    scenario: str
    case: int | None  # whose step it was
    part: Part


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioFinished(Event):
    """`failure` is the scenario's own (setup, teardown, machine, build, limit), not that of a case."""

    scenario: str
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished(Event):
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Output(Event):
    """Lines that a device, a host command or a build printed; not in the journal: they have log files."""

    scenario: str  # slug, or "" for a build
    origin: str  # device name, "run" for a host command, the build's name for a build
    lines: tuple[str, ...]


Sink = Callable[[Event], None]

JOURNALED: Final[dict[str, type[Event]]] = {
    kind.__name__: kind
    for kind in (
        RunStarted,
        BuildStarted,
        BuildFinished,
        ScenarioStarted,
        Booted,
        CaseStarted,
        StepStarted,
        StepFinished,
        CaseFinished,
        CaseNotRun,
        Noted,
        Measured,
        Attached,
        PartFinished,
        ScenarioFinished,
        RunFinished,
    )
}
