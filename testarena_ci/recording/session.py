"""Boots a device as a run does, and lets somebody work with it; all that happens goes onto a tape."""

from __future__ import annotations

import asyncio
import dataclasses
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec.structs

from testarena_ci.recording.person import Person
from testarena_ci.recording.tape import Exchange, Tape
from tpf import events as ev
from tpf.context import Kinds, RunContext
from tpf.errors import BuildError, MachineError
from tpf.firmware.supply import FirmwareSupply
from tpf.machines.base import BootRequest, Exit, Machine, MachineKind
from tpf.outcomes import Failed, Stopped
from tpf.process import Processes
from tpf.scenario.model import Device, Scenario
from tpf.telling import Clock

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a recording needs besides the device."""

    kinds: Kinds
    checkout: Path
    environment: dict[str, str]
    values: tuple[tuple[str, str], ...]
    say: Callable[[str], None]  # a line for people
    show: Callable[[str], None]  # what the device says


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What came of it."""

    exchanges: tuple[Exchange, ...]
    ending: str  # how the device ended by itself; "" when it still ran
    signal: str  # the signal that ended it; "" when none did


class _Wire:
    """The device on one side, the person on the other; the machine's Receiver."""

    def __init__(self, clock: Clock, show: Callable[[str], None]) -> None:
        self.tape = Tape()
        self.news = asyncio.Event()
        self.over = asyncio.Event()
        self.exit: Exit | None = None
        self.signal = ""
        self.machine: Machine | None = None
        self.starting = asyncio.current_task()  # until somebody can work with the device; a signal ends it
        self.clock = clock
        self.show = show

    def feed(self, data: bytes) -> None:
        self.show(self.tape.hear(data, self.clock()))
        self.news.set()

    def ended(self, exit_: Exit) -> None:
        self.exit = exit_
        self.over.set()

    def stop(self, name: str) -> None:
        self.signal = name
        self.over.set()
        if self.starting is not None:
            self.starting.cancel()

    async def send(self, data: bytes) -> None:
        if self.machine is None:
            raise MachineError("the device is switched off")
        await self.machine.send(data)


async def record(
    scenario: Scenario, device: Device, person: Person, hands: AbstractContextManager[None], around: Surroundings
) -> Recording:
    """Boot the device; `hands` (the terminal's raw mode) are on it while `person` is. Raises TestArenaError."""
    clock = Clock.start()
    wire = _Wire(clock, around.show)
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, wire.stop, number.name)
    try:
        await _recorded(scenario, device, person, hands, around, wire)
    except asyncio.CancelledError:
        if not wire.signal:
            raise
        raise Stopped(f"{wire.signal} before the device was up: nothing was recorded") from None
    if wire.exit is not None and wire.exit.fault is not None:
        raise wire.exit.fault
    ending = wire.exit.detail if wire.exit is not None else ""
    return Recording(exchanges=wire.tape.finish(), ending=ending, signal=wire.signal)


async def _recorded(
    scenario: Scenario,
    device: Device,
    person: Person,
    hands: AbstractContextManager[None],
    around: Surroundings,
    wire: _Wire,
) -> None:
    kind = around.kinds.machines[device.machine.kind]
    with tempfile.TemporaryDirectory(prefix="testarena-record-") as folder:
        async with Processes(around.environment) as processes:
            context = _context(around, processes, wire.clock, Path(folder))
            async with _booted(kind, scenario, device, context, wire) as machine:
                wire.machine = machine
                wire.starting = None
                with hands:
                    await _work(wire, person)


async def _work(wire: _Wire, person: Person) -> None:
    """Until the person has enough, the device ends, or a signal comes."""
    working = asyncio.ensure_future(person(wire))
    over = asyncio.create_task(wire.over.wait())
    await asyncio.wait((working, over), return_when=asyncio.FIRST_COMPLETED)
    for task in (working, over):
        task.cancel()
    results = await asyncio.gather(working, over, return_exceptions=True)
    error = results[0]
    if isinstance(error, MachineError):  # what was sent didn't arrive: the device has ended, and says how in a moment
        return
    if isinstance(error, Exception):
        raise error


def _context(around: Surroundings, processes: Processes, clock: Clock, folder: Path) -> RunContext:
    return RunContext(
        kinds=around.kinds,
        sink=lambda event: _tell_build(event, around.say),
        clock=clock,
        processes=processes,
        report=folder,
        work=folder / "work",
        checkout=around.checkout,
        values=around.values,
    )


def _tell_build(event: ev.Event, say: Callable[[str], None]) -> None:
    if isinstance(event, ev.BuildStarted):
        say(f"building: {event.command}")
    elif isinstance(event, ev.Output):
        for line in event.lines:
            say(line)


@asynccontextmanager
async def _booted(
    kind: MachineKind, scenario: Scenario, device: Device, context: RunContext, wire: _Wire
) -> AsyncIterator[Machine]:
    try:
        async with FirmwareSupply(context) as supply:
            firmware = await supply.get(device.firmware, scenario.folder)
    except Failed as error:
        raise BuildError(f"{error.failure.source}: {error.failure.message}") from error
    request = BootRequest(
        spec=msgspec.structs.replace(device.machine, options=_in_real_time(device.machine.options)),
        target=device.target or scenario.target,
        firmware=firmware,
        folder=context.work / "boot-1",
        checkout=scenario.folder,
        processes=context.processes,
    )
    kind.check(request)
    async with kind.boot(request, wire) as machine:
        yield machine


def _in_real_time(options: Any) -> Any:
    """A person's time is the wall's; the scenario that is made keeps the clock that it names."""
    return dataclasses.replace(options, clock="wall") if getattr(options, "clock", "wall") != "wall" else options
