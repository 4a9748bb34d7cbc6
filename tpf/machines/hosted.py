"""A device that is a program on this host: its standard input and output are the device's console."""

from __future__ import annotations

import asyncio
import os
import signal
import tty
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from tpf.errors import MachineError
from tpf.machines.base import Exit, Receiver, switched_off
from tpf.process import Child, Outcome, Processes, Request
from tpf.processes.channel import Channel

_LINGER: Final = 1.0  # seconds that the console's rest is waited for after the program's end


@dataclass(frozen=True, slots=True, kw_only=True)
class Wires:
    """Both ends of a console."""

    source: int  # ours: what the device says
    sink: int  # ours: what it hears
    stdin: int  # the program's
    stdout: int

    def give_away(self) -> None:
        """Close the program's ends, once it has them: the end of the output is seen only when nobody holds them."""
        os.close(self.stdin)
        os.close(self.stdout)


def pipes() -> Wires:
    """What most programs are happy with, and the fastest for those that write a byte at a time."""
    source, stdout = os.pipe()
    stdin, sink = os.pipe()
    return Wires(source=source, sink=sink, stdin=stdin, stdout=stdout)


def terminal() -> Wires:
    """A raw pseudo-terminal, for programs that behave otherwise without one. As a serial line, it changes no byte."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    return Wires(source=ours, sink=os.dup(ours), stdin=theirs, stdout=os.dup(theirs))


Explain = Callable[[Outcome], Awaitable[Exit]]


class Hosted:
    """Starts the program, passes its output on, tells its end. It can be started again after `stop`."""

    def __init__(self, processes: Processes, receiver: Receiver, explain: Explain) -> None:
        self._processes = processes
        self._receiver = receiver
        self._explain = explain
        self._child: Child | None = None
        self._channel: Channel | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._exit: Exit | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None else None

    def start(self, request: Request, wires: Wires) -> None:
        """Start the program on these wires. Raises what `Processes.start` raises."""
        channel = Channel(source=wires.source, sink=wires.sink, on_data=self._receiver.feed)
        try:
            self._child = self._processes.start(replace(request, stdin=wires.stdin, stdout=wires.stdout))
        except BaseException:
            channel.close()
            raise
        finally:
            wires.give_away()
        self._channel = channel
        self._exit = None
        self._watcher = asyncio.create_task(self._watch(self._child, channel))

    async def stop(self, *, at_once: bool = False) -> None:
        """End the program, in order or at once, and forget what it has still to say; the receiver hears no end."""
        watcher, child, channel = self._watcher, self._child, self._channel
        self._watcher = self._child = self._channel = None
        if watcher is None or child is None or channel is None:
            return
        watcher.cancel()
        if at_once:
            child.signal(signal.SIGKILL)
        channel.close()  # first: a program that is stuck in writing to us would not hear us
        await child.stop()
        await asyncio.wait((watcher,))

    async def send(self, data: bytes) -> None:
        """Write to the console. Raises MachineError, or what is to blame for the end, when the program is gone."""
        if self._channel is None or self._watcher is None:
            raise switched_off()
        try:
            await self._channel.send(data)
        except OSError as error:
            await asyncio.wait((self._watcher,), timeout=2 * _LINGER)
            if self._exit is not None and self._exit.fault is not None:
                raise self._exit.fault from error
            reason = self._exit.detail if self._exit is not None else "it closed its console"
            raise MachineError(f"nothing can be sent, the device is gone: {reason}") from error

    def catch_up(self) -> None:
        """Pass on all that the program has written so far, now."""
        if self._channel is not None:
            self._channel.catch_up()

    async def _watch(self, child: Child, channel: Channel) -> None:
        """Tell the receiver when the program ends by itself, after all that it said."""
        outcome = await child.wait()
        await channel.drained(_LINGER)
        self._exit = await self._explain(outcome)
        self._receiver.ended(self._exit)
