"""Runs a plan: scenarios side by side, builds shared, every end told. What happened leaves as events alone."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import secrets
import shutil
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from msgspec.structs import replace

import tpf
from tpf import events as ev
from tpf.context import Kinds, RunContext
from tpf.errors import UsageError
from tpf.firmware.supply import FirmwareSupply
from tpf.machines.base import BootRequest, Firmware, HasPreflight
from tpf.machines.reservation import reserved
from tpf.outcomes import Stopped, failure_of
from tpf.panics.decode import Decoders
from tpf.panics.explain import Explainer
from tpf.process import Processes
from tpf.result import Failure, FailureKind
from tpf.scenario.model import Device, Scenario
from tpf.scenario_run import ScenarioRun
from tpf.schedule import Plan, PlannedRun, announced
from tpf.scope import Scope
from tpf.session import Session, over_limit
from tpf.telling import Clock, Record

WORK_FOLDER: Final = ".work"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How a run goes about its plan."""

    report: Path  # the report folder; exists already
    checkout: Path  # paths of scenarios can't leave this folder
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)  # of emulators, builds and host commands
    jobs: int = 1  # scenarios side by side
    cwd: Path = Path()  # the folder that the run was started in: files in messages are relative to it
    timeout: float = 1800.0  # seconds for the whole run
    values: tuple[tuple[str, str], ...] = ()
    properties: tuple[tuple[str, str], ...] = ()  # what the reports say of the run: commit, branch, ...


class RunControl:
    """The handle by which a run is stopped from outside: `stop` ends it in order, with the reason in every report."""

    def __init__(self) -> None:
        self._scope: Scope | None = None
        self._reason: Exception | None = None

    def stop(self, reason: str) -> None:
        self.end(Stopped(reason))

    def end(self, reason: Exception) -> None:
        """The same for any reason; the first one counts."""
        self._reason = self._reason or reason
        if self._scope is not None:
            self._scope.interrupt(self._reason)

    def attach(self, scope: Scope) -> None:
        self._scope = scope
        if self._reason is not None:
            scope.interrupt(self._reason)


def new_run_id() -> str:
    """Unlike any other run's, and sorted by time: ``20260102-030405-1a2b3c``."""
    return f"{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


Work = Callable[[Plan, RunContext, int, Scope], Awaitable[None]]


async def run_plan(
    plan: Plan, kinds: Kinds, sink: ev.Sink, options: RunOptions, control: RunControl, work: Work | None = None
) -> None:
    """Run everything in the plan, or do some other work with it. What happens is told by events, and never raised.

    Raises EnvironmentLacks when the events, or the devices' logs, can't be written any more: the run is ended then.
    """
    clock = Clock.start()
    record = Record(sink, options.report, control.end)
    asyncio.get_running_loop().set_exception_handler(record.take_stray)
    record(_run_started(plan, options, clock()))
    scope = Scope(options.timeout, lambda: over_limit("the run", options.timeout))
    failure: Failure | None = None
    try:
        async with Processes(options.environment) as processes, Decoders(processes) as decoders:
            context = RunContext(
                kinds=kinds,
                sink=record,
                clock=clock,
                processes=processes,
                report=options.report,
                work=options.report / WORK_FOLDER,
                checkout=options.checkout,
                values=options.values,
                explainer=Explainer(decoders, options.checkout, options.cwd),
            )
            async with scope:
                control.attach(scope)
                await (work or _run_all)(plan, context, options.jobs, scope)
    except Exception as error:  # noqa: BLE001  whatever it is becomes an outcome
        failure = failure_of(error, None, options.report)
    finally:
        shutil.rmtree(options.report / WORK_FOLDER, ignore_errors=True)
        record(ev.RunFinished(t=clock(), failure=failure))
    if record.failure is not None:
        raise record.failure


def _run_started(plan: Plan, options: RunOptions, now: float) -> ev.RunStarted:
    return ev.RunStarted(
        t=now,
        run_id=new_run_id(),
        started=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        version=tpf.__version__,
        jobs=options.jobs,
        scenarios=announced(plan),
        properties=options.properties,
    )


async def _run_all(plan: Plan, context: RunContext, jobs: int, scope: Scope) -> None:
    waiting = deque(plan.runs)
    supply = FirmwareSupply(context)

    async def worker(number: int) -> None:
        while waiting:
            await _run_one(waiting.popleft(), number, supply, context, scope)

    async with supply, asyncio.TaskGroup() as group:
        for number in range(min(jobs, len(waiting))):
            group.create_task(worker(number), name=f"worker {number}")


async def _run_one(planned: PlannedRun, worker: int, supply: FirmwareSupply, context: RunContext, outer: Scope) -> None:
    """One scenario from its firmware to its end; a failure of its own never reaches the others."""
    context.sink(ev.ScenarioStarted(t=context.clock(), scenario=planned.slug, worker=worker))
    failure: Failure | None = None
    try:
        failure = await _with_firmware(planned, supply, context, outer)
    except asyncio.CancelledError as error:
        failure = failure_of(outer.reason or error, None, context.report)
        raise
    except Exception as error:  # noqa: BLE001  whatever it is becomes an outcome
        failure = failure_of(error, planned.scenario.source, context.report)
    finally:
        context.sink(ev.ScenarioFinished(t=context.clock(), scenario=planned.slug, failure=failure))


async def _with_firmware(
    planned: PlannedRun, supply: FirmwareSupply, context: RunContext, outer: Scope
) -> Failure | None:
    scenario = planned.scenario
    async with AsyncExitStack() as stack:
        try:
            for device in scenario.devices:
                context.kinds.machines[device.machine.kind].check(_asked(device, scenario, context))
            early = await _preflight(scenario, context, {})
            firmware = await _firmware_of(scenario, supply)
            doubts = tuple(dict.fromkeys((*early, *await _preflight(scenario, context, firmware))))
            await stack.enter_async_context(_reserved(planned, context))
        except Exception as error:  # noqa: BLE001  whatever it is becomes an outcome
            failure = failure_of(error, scenario.source, context.report)
            _tell_none_ran(planned, failure, context)
            return failure
        for text in doubts:
            context.sink(ev.Noted(t=context.clock(), scenario=planned.slug, case=None, text=text))
        session = await stack.enter_async_context(aclosing(Session(scenario, planned.slug, firmware, context, doubts)))
        scope = Scope(scenario.timeout, lambda: over_limit("the scenario", scenario.timeout), within=outer)
        return await ScenarioRun(planned, session, context, scope).run()


async def _preflight(scenario: Scenario, context: RunContext, firmware: Mapping[str, Firmware]) -> tuple[str, ...]:
    """What probably won't work; asked without firmware only where it is still to be built."""
    doubts: list[str] = []
    for device in scenario.devices:
        kind = context.kinds.machines[device.machine.kind]
        waits = device.firmware is not None and bool(device.firmware.command or device.firmware.project)
        if isinstance(kind, HasPreflight) and (firmware or waits):
            asked = replace(_asked(device, scenario, context), firmware=firmware.get(device.name, Firmware()))
            which = f"{device.name}: " if device.name else ""
            doubts += [f"{which}{text}" for text in await kind.preflight(asked)]
    return tuple(doubts)


def _asked(device: Device, scenario: Scenario, context: RunContext) -> BootRequest:
    """What machines can tell before there is firmware: nobody waits for a build to hear that there is no emulator."""
    return BootRequest(
        spec=device.machine,
        target=device.target or scenario.target,
        firmware=Firmware(),
        folder=context.work,
        checkout=scenario.folder,
        processes=context.processes,
    )


def _reserved(planned: PlannedRun, context: RunContext) -> AbstractAsyncContextManager[None]:
    """What only one scenario on this host may use at a time, boards above all. To wait for it costs no time of ours."""
    names: list[str] = []
    for device in planned.scenario.devices:
        uses = getattr(context.kinds.machines[device.machine.kind], "uses", None)
        names += uses(_asked(device, planned.scenario, context)) if uses is not None else ()
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"{planned.scenario.source}: two devices are both {twice}: each needs one of its own")
    return reserved(
        names,
        f"{planned.scenario.name!r} ({planned.scenario.source.file}, process {os.getpid()})",
        lambda text: context.sink(ev.Noted(t=context.clock(), scenario=planned.slug, case=None, text=text)),
    )


async def _firmware_of(scenario: Scenario, supply: FirmwareSupply) -> dict[str, Firmware]:
    return {
        device.name: await supply.get(device.firmware, scenario.folder, device.target or scenario.target)
        for device in scenario.devices
    }


def _tell_none_ran(planned: PlannedRun, reason: Failure, context: RunContext) -> None:
    for index, case in enumerate(planned.scenario.cases):
        if not case.skip:
            never = Failure(kind=FailureKind.NOT_RUN, message=f"never ran: {reason.headline}", source=reason.source)
            context.sink(ev.CaseNotRun(t=context.clock(), scenario=planned.slug, case=index, failure=never))
