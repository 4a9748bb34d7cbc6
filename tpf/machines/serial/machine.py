"""A board that runs: flashed if need be, reset under our ears, and listened to until its port is given back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from tpf.errors import MachineError, StepError
from tpf.machines.base import BootRequest, Exit, Machine, Receiver
from tpf.machines.serial.flash import job_of, write
from tpf.machines.serial.line import Line, Wire
from tpf.machines.serial.options import Options
from tpf.machines.serial.resets import RESETS, Pulse


class SerialMachine:
    """Satisfies `tpf.machines.base.CanReset`. There is no switch for its power."""

    pid: Final = None
    no_power: Final = (
        "a board on a serial port has no power switch that we could reach: <reset/> starts it over; for tests of power "
        "cuts run the scenario in an emulator"
    )

    def __init__(self, line: Line, options: Options, receiver: Receiver) -> None:
        self.command: Final = ("python", "-m", "serial.tools.miniterm", line.name, str(options.baud))
        self._line = line
        self._pulse = RESETS[options.reset]
        self._receiver = receiver
        self._deaf = True  # the board is held in reset: what still comes is old
        self._wire: Wire | None = None
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen; with a reset, from the very first byte on. Raises MachineError."""
        if self._pulse is None:
            self._listen()
            return
        await self._hold(self._pulse)
        self._listen()
        await self._release(self._pulse)

    async def reset(self) -> None:
        if self._pulse is None:
            raise StepError('this board can\'t be reset: its <machine> says reset="none"')
        self._deaf = True
        await self._hold(self._pulse)
        await self._release(self._pulse)

    async def _hold(self, pulse: Pulse) -> None:
        """Stop the board, and forget what it has said until then."""
        await self._line.levels(dtr=False, rts=True)
        await asyncio.sleep(pulse.hold)  # the pulse's length: there is nothing to wait for
        await self._line.forget()

    async def _release(self, pulse: Pulse) -> None:
        self._deaf = False
        await self._line.levels(dtr=False, rts=False)
        await asyncio.sleep(pulse.rest)

    async def send(self, data: bytes) -> None:
        """Write to the console. Raises MachineError when the board is gone."""
        if self._wire is None or self._wire.ended.done():
            raise gone(self._line.name)
        try:
            await self._wire.send(data)
        except OSError as error:
            raise gone(self._line.name) from error

    def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._line.close()

    def _listen(self) -> None:
        self._deaf = False
        self._wire = self._line.listen(self._hear)
        self._watch = asyncio.create_task(self._until_gone(self._wire), name=f"end of {self._line.name}")

    def _hear(self, data: bytes) -> None:
        if not self._deaf:
            self._receiver.feed(data)

    async def _until_gone(self, wire: Wire) -> None:
        await asyncio.shield(wire.ended)
        fault = gone(self._line.name)
        self._receiver.ended(Exit(code=None, detail=str(fault), fault=fault))


def gone(port: str) -> MachineError:
    """What whoever needs the board is told when it was unplugged."""
    return MachineError(
        f"the serial port {port} disappeared while it was in use: was the board unplugged, or did it lose its power? "
        "check cable, plug and hub"
    )


@asynccontextmanager
async def booted(request: BootRequest, receiver: Receiver, port: str) -> AsyncIterator[Machine]:
    """The board with the request's firmware, right from its reset. Raises MachineError, EnvironmentLacks, UsageError.

    esptool leaves the chip in its boot loader, where it says nothing: so nothing is lost until we listen.
    """
    options: Options = request.spec.options
    job = job_of(request, port)
    if job is not None:
        await write(job, request)
    line = await Line.open(port, options.baud, hold=RESETS[options.reset] is not None)
    machine = SerialMachine(line, options, receiver)
    try:
        await machine.start()
        yield machine
    finally:
        machine.close()
