"""A device with a time of its own: it says what a timetable says, and its clock goes on only when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.fakes.machine import FakeOptions
from tpf.machines.base import BootRequest, Exit, Machine, Receiver

TICK = 0.01  # seconds


class Clockwork:
    """Satisfies `Machine` and `HasClock`; `timetable` is what it says by the seconds of its time, None for its end."""

    pid = None
    command = ("clockwork",)

    def __init__(self, timetable: Mapping[float, str | None], receiver: Receiver) -> None:
        self.sent: list[tuple[float, bytes]] = []
        self.runs: list[float] = []  # how long its time was to go on, each time
        self._timetable = dict(timetable)
        self._receiver = receiver
        self._ticks = 0
        self._ended = False

    @property
    def device_time(self) -> float:
        return self._ticks * TICK

    async def send(self, data: bytes) -> None:
        self.sent.append((self.device_time, data))

    async def run_for(self, seconds: float, enough: Callable[[], bool]) -> None:
        self.runs.append(seconds)
        end = self.device_time + seconds - TICK / 2
        while not self._ended and self.device_time < end:
            await asyncio.sleep(0)
            self._ticks += 1
            self._say()
            if enough():
                return

    def _say(self) -> None:
        for due in [due for due in self._timetable if due <= self.device_time + TICK / 2]:
            text = self._timetable.pop(due)
            if text is not None:
                self._receiver.feed(text.encode())
            else:
                self._ended = True
                self._receiver.ended(Exit(code=3, detail="exit status 3"))


@dataclass(slots=True)
class ClockworkKind:
    """A machine kind whose devices all follow one timetable, from each boot on."""

    timetable: Mapping[float, str | None] = field(default_factory=dict)
    name: str = "clockwork"
    Options: type = FakeOptions
    targets: tuple[str, ...] = ()

    def describe(self, request: BootRequest) -> str:
        return "clockwork"

    def check(self, request: BootRequest) -> None:
        pass

    @asynccontextmanager
    async def boot(self, request: BootRequest, receiver: Receiver) -> AsyncIterator[Machine]:
        yield Clockwork(self.timetable, receiver)
