"""Runs the steps of one setup, case or teardown in order, and tells each step's beginning and end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tpf import events as ev
from tpf.device import DeviceRun
from tpf.errors import StepError
from tpf.outcomes import Failed, failure_of
from tpf.process import Processes
from tpf.result import Failure, LogSpan
from tpf.scenario.bind import BadValue, bind_step
from tpf.scenario.model import Scenario, Step
from tpf.scope import Scope
from tpf.steps.base import StepContext, StepKind
from tpf.telling import CaseRecorder


@dataclass(slots=True, kw_only=True)
class Stage:
    """The steps' surroundings, the same for all steps of a stretch of work."""

    scenario: Scenario
    phase: str  # "setup", "case" or "teardown"
    kinds: Mapping[str, type[StepKind]]
    devices: Mapping[str, DeviceRun]
    values: dict[str, str]
    record: CaseRecorder
    scope: Scope  # ends the steps early, with its reason
    processes: Processes
    report: Path
    checkout: Path
    artifacts: Path
    extras: dict[str, Any] = field(default_factory=dict)
    depth: int = 0
    current: Step | None = None  # the step that runs, or ran last

    async def run(self, steps: tuple[Step, ...]) -> None:
        """Run steps in order. Raises Failed at the first that fails, and what ends the scope as it is."""
        for step in steps:
            await self._one(step)

    async def _one(self, step: Step) -> None:
        self.current = step
        declared = self.kinds[step.kind]
        device = self.devices[step.device]
        first = device.next_line
        part = len(self.record.parts)
        try:
            bound = bind_step(declared, step, self.values)
            self._tell_start(step, bound.summary())
        except (BadValue, ValueError) as error:
            self._tell_start(step, f"<{step.kind}>")
            failure = failure_of(StepError(f"{step.source}: <{step.kind}>: {error}"), step.source, self.report)
            self._tell_end(device, first, failure)
            raise Failed(failure) from error
        try:
            await bound.run(self._context(step, device))
            self.record.judge_parts(part, step.source)
        except BaseException as error:
            failure = failure_of(self._reason() or error, step.source, self.report)
            self._tell_end(device, first, failure)
            if isinstance(error, Exception):
                raise Failed(failure) from error
            raise
        self._tell_end(device, first, None)

    def _reason(self) -> Exception | None:
        """Why the steps are being ended from outside, if they are: a tripped guard, or a limit."""
        tripped = (run.console.watch.failure() for run in self.devices.values() if run.console.watch.trip is not None)
        return next(tripped, None) or self.scope.reason

    def _context(self, step: Step, device: DeviceRun) -> StepContext:
        return StepContext(
            console=device.console,
            machine=device.machine,
            values=self.values,
            source=step.source,
            folder=self.scenario.folder,
            checkout=self.checkout,
            artifacts=self.artifacts,
            report=self.report,
            processes=self.processes,
            record=self.record,
            bind=lambda child: bind_step(child.declared or self.kinds[child.kind], child, self.values),
            run=self._nested,
            extras=self.extras,
        )

    async def _nested(self, steps: tuple[Step, ...]) -> None:
        self.depth += 1
        try:
            await self.run(steps)
        finally:
            self.depth -= 1

    def _tell_start(self, step: Step, summary: str) -> None:
        self.record.sink(
            ev.StepStarted(
                t=self.record.clock(),
                scenario=self.record.scenario,
                case=self.record.case,
                phase=self.phase,
                kind=step.kind,
                summary=summary,
                source=step.source,
                depth=self.depth,
            )
        )

    def _tell_end(self, device: DeviceRun, first: int, failure: Failure | None) -> None:
        last = device.last_line
        span = (LogSpan(device=device.name, first=first, last=last),) if last >= first else ()
        self.record.sink(
            ev.StepFinished(t=self.record.clock(), scenario=self.record.scenario, failure=failure, log=span)
        )
