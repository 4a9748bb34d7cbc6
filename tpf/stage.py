"""Runs the steps of one setup, case or teardown in order, and tells each step's beginning and end."""

from __future__ import annotations

import operator
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tpf import events as ev
from tpf.device import DeviceRun
from tpf.errors import DeviceFailure, StepError
from tpf.outcomes import Failed, failure_of
from tpf.process import Processes
from tpf.result import Failure, FailureKind, LogSpan
from tpf.scenario.bind import BadValue, bind_step
from tpf.scenario.model import Scenario, Step
from tpf.scope import Scope
from tpf.steps.base import StepContext, StepKind
from tpf.telling import CaseRecorder

Awaited = frozenset[tuple[str, FailureKind]]  # of a device by its name


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
    doing: str = ""  # what it does, as one would say it

    async def run(self, steps: tuple[Step, ...]) -> None:
        """Run steps in order. Raises Failed at the first that fails, and what ends the scope as it is."""
        awaited = accumulate(map(self._awaits, reversed(steps)), operator.or_)
        for step, kinds in zip(steps, reversed(tuple(awaited)), strict=True):
            self._defer(kinds)
            await self._one(step)
        self._defer(frozenset())

    def _defer(self, awaited: Awaited) -> None:
        """What this step and those behind it await is let wait for them. Steps within a step count as that step."""
        for name, run in self.devices.items() if self.depth == 0 else ():
            run.console.watch.defer(*(kind for device, kind in awaited if device == name))

    def _awaits(self, step: Step) -> Awaited:
        kinds: Iterable[FailureKind] = getattr(self.kinds.get(step.kind), "awaits", ())
        return frozenset((step.device, kind) for kind in kinds).union(*map(self._awaits, step.children))

    async def _one(self, step: Step) -> None:
        self.current = step
        declared = self.kinds[step.kind]
        device = self.devices[step.device]
        first = device.next_line
        part = len(self.record.parts)
        try:
            bound = bind_step(declared, step, self.values)
            self._tell_start(step, f"{self._which(step)}{bound.summary()}")
        except (BadValue, ValueError) as error:
            self._tell_start(step, f"<{step.kind}>")
            failure = failure_of(StepError(f"{step.source}: <{step.kind}>: {error}"), step.source, self.report)
            self._tell_end(device, first, failure)
            raise Failed(failure) from error
        try:
            await bound.run(self._context(step, device))
            self.record.judge_parts(part, step.source)
        except BaseException as error:
            reason = self._reason()
            failure = failure_of(reason or error, step.source, self.report)
            if reason is None and isinstance(error, DeviceFailure):
                failure = replace(failure, message=f"{self._which(step)}{failure.message}{self._meanwhile()}")
            self._tell_end(device, first, failure)
            if isinstance(error, Exception):
                raise Failed(failure) from error
            raise
        self._tell_end(device, first, None)

    def _which(self, step: Step) -> str:
        """The device that a step is about, for texts; "" when there is no choice, or when it is about none."""
        about_one = self.kinds[step.kind].element.device == "one"
        return f"{step.device}: " if about_one and len(self.devices) > 1 else ""

    def _reason(self) -> Exception | None:
        """Why the steps are being ended from outside, if they are: what a guard saw, or a limit."""
        hit = (run.console.watch.failure() for run in self.devices.values())
        return next((failure for failure in hit if failure is not None), None) or self.scope.reason

    def _meanwhile(self) -> str:
        """Panics that a later step asks for and that this step's failure may come from, as lines of its message."""
        waiting = (run.console.watch.deferred.first for run in self.devices.values())
        return "".join(f"\nmeanwhile, {panic.hit.headline}\n{panic}" for panic in waiting if panic is not None)

    def _context(self, step: Step, device: DeviceRun) -> StepContext:
        return StepContext(
            console=device.console,
            machine=device.machine,
            values=self.values,
            source=step.source,
            folder=step.folder or self.scenario.folder,
            checkout=self.checkout,
            artifacts=self.artifacts,
            report=self.report,
            processes=self.processes,
            record=self.record,
            bind=lambda child: bind_step(child.declared or self.kinds[child.kind], child, self.values),
            run=self._nested,
            limited=partial(self._limited, device),
            extras=self.extras,
        )

    async def _nested(self, steps: tuple[Step, ...], which: str) -> None:
        self.depth += 1
        try:
            await self.run(steps)
        except Failed as error:
            raise Failed(replace(error.failure, message=f"{which}: {error.failure.message}")) from error
        finally:
            self.depth -= 1

    @asynccontextmanager
    async def _limited(
        self, device: DeviceRun, seconds: float | None, message: Callable[[], str]
    ) -> AsyncIterator[None]:
        """Ends what is done within after so many seconds of the device's time."""

        def overdue() -> Exception:
            return DeviceFailure(FailureKind.TIMEOUT, message())

        outer = self.scope
        self.scope = inner = Scope(None, overdue, within=outer)
        timer = None
        try:
            async with inner:
                if seconds is not None:
                    timer = device.console.time.end_later(seconds, lambda: inner.interrupt(overdue()))
                yield
        finally:
            if timer is not None:
                timer.cancel()
            self.scope = outer

    def _tell_start(self, step: Step, summary: str) -> None:
        self.doing = summary
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
