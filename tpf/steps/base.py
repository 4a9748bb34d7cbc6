"""What a step kind is, and what it is given when it runs.

A step kind is a declared dataclass (see `tpf.scenario.declare`) with two methods more: `summary`, what it does in
one line, and `run`.
A step tells a wrong firmware by raising `DeviceFailure`, and its own trouble by raising `StepError`; it returns
when all is well.

A kind may say `awaits: ClassVar = frozenset({FailureKind.PANIC})`: what its device does wrong of this kind, from the
beginning of the case on, waits for that step (see `tpf.console.deferred`) in place of ending the case at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from tpf.console import Console
from tpf.machines.base import Machine
from tpf.process import Processes
from tpf.result import Artifact, Metric, Part, Source
from tpf.scenario.declare import Element
from tpf.scenario.model import Step


class Recorder(Protocol):
    """Where a step puts what should be seen in the report."""

    def note(self, text: str) -> None: ...
    def metric(self, metric: Metric) -> None: ...
    def artifact(self, artifact: Artifact) -> None: ...
    def part(self, part: Part) -> None:
        """A test of its own. When one has failed, the step fails at its end: it needn't raise anything for it."""

    def output(self, text: str) -> None:
        """A line of a host command's output, for the live log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContext:
    """Everything a step may touch."""

    console: Console  # of the device that the step talks to
    machine: Machine
    values: dict[str, str]  # names for ${...}; a step saves by writing here
    source: Source
    folder: Path  # of the scenario's file: relative paths start here
    checkout: Path  # paths can't leave this
    artifacts: Path  # files put here go into the report
    report: Path  # the report folder, in which `artifacts` lies
    processes: Processes
    record: Recorder
    bind: Callable[[Step], Any]  # the typed value of a child as written
    # runs child steps in order; the text says which time it is, for the failure: ``round 3 of 10``
    run: Callable[[tuple[Step, ...], str], Awaitable[None]]
    # ends what is done within after so many seconds, with DeviceFailure (TIMEOUT), in place of `asyncio.timeout`, of
    # which child steps would know nothing; the function gives the message then
    limited: Callable[[float | None, Callable[[], str]], AbstractAsyncContextManager[None]]
    extras: dict[str, Any] = field(default_factory=dict)  # per case: state that steps of one kind share


class StepKind(Protocol):
    """The class of a step kind; listed in `steps.KINDS`."""

    element: ClassVar[Element]

    def summary(self) -> str:
        """What it does, as one would say it: ``expect "pong" within 1s``."""

    async def run(self, context: StepContext) -> None:
        """Do it. Raises DeviceFailure or StepError."""
