"""Lets a QEMU whose clock ticks go on and stand still, so that each run of a scenario does so at the same moments.

At rest the machine is stopped as by QMP's `stop`: whatever is done to it happens at one moment of its time. A guest
that sleeps at a tick is stopped there, to the nanosecond. One that is computing right then runs on for as long as QEMU
takes to stop it, some microseconds: its next tick is where it would have been, but what it is sent comes later by that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from tpf.errors import MachineError
from tpf.machines.qemu.count import Count
from tpf.machines.qemu.restart import restart, set_phase
from tpf.machines.qemu.ticks import Ticks

_LINGER: Final = 2.0  # seconds that an emulator that refuses may take to be gone
_ROUNDING: Final = 0.5  # microseconds: a sum of times is a little more or less than the tick that it means


class Control(Protocol):
    """What is needed of QMP."""

    async def execute(
        self, command: str, arguments: Mapping[str, object] | None = None, *, out_of_band: bool = False
    ) -> object: ...
    async def listen(self, event: str, on_event: Callable[[Mapping[str, object]], None]) -> None: ...
    async def reset(self) -> None: ...


class Stepping:
    """The time of one emulator. `pass_on` is called at each tick, to hand on what the device has said until then."""

    def __init__(self, control: Control, ticks: Ticks, pass_on: Callable[[], None]) -> None:
        self.count: Final = Count(ticks.microseconds)
        self._control = control
        self._ticks = ticks
        self._pass_on = pass_on
        self._asked = ""  # why the guest has stopped the machine, when it has
        self._enough = False
        self._running: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Make the started emulator ready to go; it may have ended by now."""
        try:
            await self._control.listen("SHUTDOWN", self._guest_asks)
            await set_phase(self._control, self._ticks)
            self._ticks.shut_gate()
        except MachineError:
            if not await self._ticks.over(_LINGER):
                raise

    async def run_for(self, microseconds: float, enough: Callable[[], bool]) -> None:
        """See `tpf.machines.base.HasClock`. When cancelled, time stands still again from the next tick on."""
        await self.rest()
        self._enough = False
        self._running = asyncio.create_task(self._run(self.count.now + microseconds - _ROUNDING, enough))
        try:
            await asyncio.shield(self._running)
        except asyncio.CancelledError:
            self._enough = True
            raise

    async def rest(self) -> None:
        """Wait until time stands still."""
        if self._running is not None:
            await asyncio.wait((self._running,))
            running, self._running = self._running, None
            running.result()

    async def reset(self) -> None:
        """Press the reset button."""
        await self.rest()
        self.count.restart(await restart(self._control, self._ticks))

    def _guest_asks(self, event: Mapping[str, object]) -> None:
        if event.get("guest"):
            self._asked = str(event.get("reason"))
            self._ticks.wake()

    async def close(self) -> None:
        """Forget the emulator, which goes on as it likes."""
        self._ticks.close()
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait((self._running,))

    async def _run(self, end: float, enough: Callable[[], bool]) -> None:
        try:
            going = self._sent("cont")
            while await self._tick():
                stopped = self._asked != ""
                if stopped:
                    await going
                    await self._answer()
                self._pass_on()
                if self._enough or self.count.now >= end or enough():
                    if not stopped:
                        await self._stop(going)
                    return
                if stopped:
                    going = self._sent("cont")
                else:
                    self._ticks.grant()
        except MachineError:
            if not await self._ticks.over(_LINGER):
                raise

    def _sent(self, command: str, *, out_of_band: bool = False) -> asyncio.Task[object]:
        """A command, on its way in the order of sending. Its answer may have to wait until QEMU may go on."""
        task = asyncio.create_task(self._control.execute(command, out_of_band=out_of_band))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task

    async def _tick(self) -> bool:
        """Wait for the next tick, or until the guest has stopped the machine. False when the emulator has ended."""
        time = await self._ticks.next()
        self.count.heard(time)
        return time is not None or self._asked != ""

    async def _stop(self, going: asyncio.Task[object]) -> None:
        """Stop the machine, which stands still at a tick.

        QEMU takes commands, and answers those out of band, but can't do `stop` before it may go on. An answer to one
        that was sent after `stop` proves that it has that; it does it then before the guest's clock jumps again.
        """
        stopping = self._sent("stop")
        await self._sent("query-yank", out_of_band=True)
        self._ticks.free = True
        self._ticks.grant()
        try:
            await going
            await stopping
        finally:
            self._ticks.free = False
        self.count.heard(self._ticks.last())
        if self._asked:
            await self._answer()

    async def _answer(self) -> None:
        """Do what the guest has stopped the machine for."""
        asked, self._asked = self._asked, ""
        if asked == "guest-reset":
            self.count.restart(await restart(self._control, self._ticks))
        else:
            await self._control.execute("quit")
