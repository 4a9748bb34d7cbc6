"""A session: the devices of a scenario from a fresh boot, through setup, to teardown and power-off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from tpf.context import RunContext
from tpf.device import DevicePlace, DeviceRun
from tpf.errors import DeviceFailure
from tpf.machines.base import BootRequest, Firmware
from tpf.machines.cables import Cables
from tpf.outcomes import Failed, failure_of
from tpf.panics.dumps import DumpDesk, with_dumps
from tpf.panics.explain import explained
from tpf.panics.suspect import Suspect
from tpf.result import Failure, FailureKind, LogSpan
from tpf.scenario.model import Device, Scenario, Step
from tpf.scope import Scope
from tpf.stage import Stage
from tpf.telling import CaseRecorder


class Session:
    """Runs stretches of steps on the devices of one scenario; boots them anew on request; `close` ends them."""

    def __init__(
        self,
        scenario: Scenario,
        slug: str,
        firmware: Mapping[str, Firmware],
        context: RunContext,
        doubts: tuple[str, ...] = (),
    ) -> None:
        """`doubts` are what probably won't work; failures that may come from them name them."""
        self._scenario = scenario
        self._slug = slug
        self._firmware = firmware
        self._context = context
        self._doubts = doubts
        self.report = context.report
        self._artifacts = context.report / "artifacts" / slug
        self._values = {
            **dict(context.values),
            **dict(scenario.parameters),
            "target": scenario.target,
            "scenario.name": scenario.name,
            "scenario.dir": str(scenario.folder),
            "report.dir": str(context.report),
            "artifacts": str(self._artifacts),
        }
        self._cables = Cables(())
        self._devices = {device.name: self._device(device) for device in scenario.devices}
        self._suspects = tuple(
            Suspect(
                console=self._devices[device.name].console,
                firmware=firmware[device.name],
                target=device.target or scenario.target,
                core_dumps=self._devices[device.name].core_dumps,
            )
            for device in scenario.devices
        )

    def _device(self, device: Device) -> DeviceRun:
        name = device.name or "console"
        place = DevicePlace(
            scenario=self._slug,
            report=self._context.report,
            log=f"logs/{self._slug}/{name}.log",
            work=self._context.work / self._slug / name,
        )
        kind = self._context.kinds.machines[device.machine.kind]
        return DeviceRun(device, kind, self._scenario, place, self._context.sink, self._context.clock)

    async def boot(self) -> None:
        """Start all devices anew, on cables that nobody has used; a setup is due then, and a teardown owed after it."""
        self._cables.close()
        self._cables = Cables(self._scenario.links)
        for device in self._scenario.devices:
            run = self._devices[device.name]
            self._values.update(await run.boot(self._request(device, run.boot_folder())))

    def _request(self, device: Device, folder: Path) -> BootRequest:
        return BootRequest(
            spec=device.machine,
            target=device.target or self._scenario.target,
            firmware=self._firmware[device.name],
            folder=folder,
            checkout=self._scenario.folder,
            links=self._cables.of(device.name),
            processes=self._context.processes,
            say=lambda text: self._devices[device.name].console.flush(f"-- {text}"),
        )

    async def steps(self, phase: str, steps: tuple[Step, ...], case: int | None, scope: Scope) -> None:
        """Run steps within a scope, while the guard patterns watch: a panic ends them at once. Raises Failed."""
        stage = self._stage(phase, case, scope)
        dumps = DumpDesk(record=stage.record, report=self.report, processes=self._context.processes)
        try:
            async with scope, AsyncExitStack() as guards:
                for run in self._devices.values():
                    await guards.enter_async_context(run.console.watch.guarded())
                await stage.run(steps)
        except Exception as error:
            source = stage.current.source if stage.current else self._scenario.source
            failure = failure_of(error, source, self._context.report)
            at_step = failure if isinstance(error, Failed) else _at_step(failure, stage.doing)
            for run in self._devices.values():
                run.failed(case)
            outcome = await explained(self._context.explainer, at_step, self._suspects)
            told = with_dumps(outcome, await dumps.take(self._suspects))
            raise Failed(_doubted(told, self._doubts)) from error
        await dumps.take(self._suspects)

    def _stage(self, phase: str, case: int | None, scope: Scope) -> Stage:
        return Stage(
            scenario=self._scenario,
            phase=phase,
            kinds=self._context.kinds.steps,
            devices=self._devices,
            values=self._values,
            record=CaseRecorder(
                self._slug, case, self._context.sink, self._context.clock, _forgiven_parts(self._scenario, case)
            ),
            scope=scope,
            processes=self._context.processes,
            report=self._context.report,
            checkout=self._context.checkout,
            artifacts=self._artifacts,
        )

    def begin_case(self, allow: Iterable[str] = ()) -> None:
        """What the case before forbade, tripped or allowed is over; guards of these names are let through from here."""
        for run in self._devices.values():
            run.console.next_case()
            run.console.watch.allowed = frozenset(allow)

    async def untold(self) -> Failure | None:
        """What a guard saw that nobody has been told of: it came when no step was running."""
        watches = (run.console.watch for run in self._devices.values())
        failure = next((watch.failure() for watch in watches if watch.trip is not None and not watch.told), None)
        if failure is None:
            return None
        outcome = failure_of(failure, self._scenario.source, self.report)
        return await explained(self._context.explainer, outcome, self._suspects)

    def lines(self) -> dict[str, int]:
        """Where each device's log stands, to ask `spans` for what came since."""
        return {name: run.next_line for name, run in self._devices.items()}

    def spans(self, since: Mapping[str, int]) -> tuple[LogSpan, ...]:
        found = (LogSpan(device=name, first=since[name], last=run.last_line) for name, run in self._devices.items())
        return tuple(span for span in found if span.last >= span.first)

    async def shut_down(self) -> None:
        for run in self._devices.values():
            await run.shut_down()

    async def aclose(self) -> None:
        """End all devices and their logs."""
        async with AsyncExitStack() as stack:
            stack.callback(self._cables.close)
            for run in self._devices.values():
                stack.push_async_callback(run.close)


_DOUBTFUL: Final = frozenset(
    {FailureKind.SILENCE, FailureKind.TIMEOUT, FailureKind.LIMIT, FailureKind.REBOOT_LOOP, FailureKind.PANIC}
)


def _doubted(failure: Failure, doubts: tuple[str, ...]) -> Failure:
    """A failure that may come from what was told before the boot, with that."""
    if failure.kind not in _DOUBTFUL or not doubts:
        return failure
    lines = "".join(f"\nnoted before the boot: {doubt}" for doubt in doubts)
    return replace(failure, message=f"{failure.message}{lines}")


def _at_step(failure: Failure, doing: str) -> Failure:
    """A limit that was exceeded, with what was being waited for then."""
    if failure.kind is not FailureKind.LIMIT or not doing:
        return failure
    return Failure(kind=failure.kind, message=f"{failure.message}, at the step {doing}", source=failure.source)


def over_limit(what: str, limit: float) -> DeviceFailure:
    """The failure of a case or scenario that took too long."""
    return DeviceFailure(FailureKind.LIMIT, f"{what} took longer than its limit of {limit:g}s")


def _forgiven_parts(scenario: Scenario, case: int | None) -> frozenset[str]:
    """Names of the tests in quarantine that steps of a case tell of."""
    return frozenset() if case is None else frozenset(name for name, _ in scenario.cases[case].quarantined_parts)
