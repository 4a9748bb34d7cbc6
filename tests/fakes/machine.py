"""A fake machine for tests of the engine: answers lines with what a table says, and remembers what was done to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tpf.errors import EnvironmentLacks, MachineError
from tpf.machines.base import BootRequest, Exit, Machine, Receiver

Answer = Callable[[int], str]  # from the number of the boot to what the device says


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeOptions:
    """A fake takes no attributes."""


@dataclass(slots=True)
class FakeMachine:
    """One boot of the fake device."""

    number: int
    answers: dict[str, Answer]
    receiver: Receiver
    sent: list[str]
    pid: int | None = None
    command: tuple[str, ...] = ("fake",)

    async def send(self, data: bytes) -> None:
        line = data.decode().strip()
        self.sent.append(line)
        if line == "die":
            self.receiver.ended(Exit(code=3, detail="exit status 3"))
            return
        if line not in self.answers:
            raise MachineError(f"the fake has no answer to {line!r}")
        self.receiver.feed((self.answers[line](self.number) + "\n").encode())


@dataclass(slots=True)
class FakeKind:
    """A machine kind whose devices say `ready` when they boot, and answer by the table."""

    answers: dict[str, Answer] = field(default_factory=dict)
    greeting: Answer = lambda number: "ready"
    sent: list[str] = field(default_factory=list)
    boots: int = 0
    running: int = 0
    most_running: int = 0
    missing: str = ""  # what this machine's host lacks
    name: str = "fake"
    Options: type = FakeOptions
    targets: tuple[str, ...] = ()

    def describe(self, request: BootRequest) -> str:
        return "fake machine"

    def check(self, request: BootRequest) -> None:
        if self.missing:
            raise EnvironmentLacks(self.missing)

    @asynccontextmanager
    async def boot(self, request: BootRequest, receiver: Receiver) -> AsyncIterator[Machine]:
        self.boots += 1
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        greeting = self.greeting(self.boots)
        greet = asyncio.get_running_loop().call_soon(receiver.feed, f"{greeting}\n".encode())
        try:
            yield FakeMachine(self.boots, self.answers, receiver, self.sent)
        finally:
            greet.cancel()
            self.running -= 1
