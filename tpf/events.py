"""What the engine tells while it runs: one frozen record per thing that happened, in order.

Events are all that leaves the engine. The journal keeps them (but for console output, which has files of its own);
live views and
reports are made from nothing else. `t` is in seconds since the start of the run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from tpf.result import Artifact, Failure, FirmwareSize, LogSpan, Metric, Part, Quarantine, Seconds, Source


class PlannedCase(Struct, frozen=True, kw_only=True):
    """A case that the run is going to run, or to skip."""

    name: str
    source: Source
    tags: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    skip: str = ""
    ticket: str = ""  # the fault for which it is expected to fail
    quarantine: Quarantine | None = None  # its failures don't fail the run
    quarantined_parts: tuple[tuple[str, Quarantine], ...] = ()  # tests of its steps, by name

    def quarantine_of(self, part: str) -> Quarantine | None:
        """That of a test that one of its steps tells of."""
        return dict(self.quarantined_parts).get(part, self.quarantine)


class PlannedScenario(Struct, frozen=True, kw_only=True):
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


class Event(Struct, frozen=True, kw_only=True, tag_field="event", tag=True):
    """Something that happened. Its name stands before its fields, as `event`, where it is written down."""

    t: Seconds


class RunStarted(Event, frozen=True, kw_only=True):
    run_id: str
    started: str  # ISO 8601, UTC
    version: str
    jobs: int
    scenarios: tuple[PlannedScenario, ...]
    properties: tuple[tuple[str, str], ...] = ()


class BuildStarted(Event, frozen=True, kw_only=True):
    name: str
    command: str
    log: str  # relative to the report folder


class BuildFinished(Event, frozen=True, kw_only=True):
    name: str
    failure: Failure | None = None
    reused: bool = False
    sizes: tuple[FirmwareSize, ...] = ()


class ScenarioStarted(Event, frozen=True, kw_only=True):
    scenario: str
    worker: int


class Booted(Event, frozen=True, kw_only=True):
    """A device was started; `boot` counts from 1 over the scenario."""

    scenario: str
    device: str
    boot: int
    machine: str
    command: tuple[str, ...]
    log: str  # of its console, relative to the report folder
    pid: int | None = None


class CaseStarted(Event, frozen=True, kw_only=True):
    scenario: str
    case: int  # index in PlannedScenario.cases
    attempt: int  # from 1


class StepStarted(Event, frozen=True, kw_only=True):
    """`case` is None in setup and teardown that belong to no case."""

    scenario: str
    case: int | None
    phase: str  # "setup", "case" or "teardown"
    kind: str
    summary: str
    source: Source
    depth: int = 0


class StepFinished(Event, frozen=True, kw_only=True):
    """Ends the innermost StepStarted of the scenario that hasn't ended yet."""

    scenario: str
    failure: Failure | None = None
    log: tuple[LogSpan, ...] = ()


class CaseFinished(Event, frozen=True, kw_only=True):
    """`failure` is why it isn't passed; `expected` how it failed as was expected of it, which is a pass."""

    scenario: str
    failure: Failure | None = None
    expected: Failure | None = None
    log: tuple[LogSpan, ...] = ()


class CaseNotRun(Event, frozen=True, kw_only=True):
    scenario: str
    case: int
    failure: Failure


class Noted(Event, frozen=True, kw_only=True):
    """A line of the scenario author's own."""

    scenario: str
    case: int | None
    text: str


class Measured(Event, frozen=True, kw_only=True):
    scenario: str
    case: int | None
    metric: Metric


class Attached(Event, frozen=True, kw_only=True):
    scenario: str
    case: int | None
    artifact: Artifact


class PartFinished(Event, frozen=True, kw_only=True):
    """A step told of a test of its own, which becomes a case beside the planned ones."""

    scenario: str
    case: int | None  # whose step it was
    part: Part


class ScenarioFinished(Event, frozen=True, kw_only=True):
    """`failure` is the scenario's own (setup, teardown, machine, build, limit), not that of a case."""

    scenario: str
    failure: Failure | None = None


class RunFinished(Event, frozen=True, kw_only=True):
    failure: Failure | None = None


class Output(Event, frozen=True, kw_only=True):
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
