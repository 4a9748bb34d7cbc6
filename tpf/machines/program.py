"""A machine that is a program of this host: what the kinds `command` and `linux` share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from tpf.machines.base import BootRequest, Machine, Receiver
from tpf.machines.hosted import Explain, Hosted, Wires
from tpf.machines.loopback import Ports, check_names, variable
from tpf.process import Request

_LINK: Final = "LINK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What a kind starts for a device."""

    command: tuple[str, ...]  # as people should read it
    request: Request  # without ports and links: they are added
    wires: Callable[[], Wires]
    explain: Explain


class ProgramMachine:
    """A running program; a reset starts it again in the same folder."""

    def __init__(self, program: Program, hosted: Hosted, ports: Ports, request: BootRequest) -> None:
        self.command: Final = program.command
        self._program = program
        self._hosted = hosted
        self._ports = ports
        self._links = request.links

    @property
    def pid(self) -> int | None:
        return self._hosted.pid

    async def send(self, data: bytes) -> None:
        await self._hosted.send(data)

    async def reset(self) -> None:
        await self._hosted.stop()
        self.start()

    async def power_off(self, *, cut: bool) -> None:
        await self._hosted.stop(at_once=cut)

    async def power_on(self) -> None:
        await self.reset()

    async def forwarded(self) -> dict[str, str]:
        return self._ports.addresses

    def start(self) -> None:
        for link in self._links:
            link.plug_in()
        self._hosted.start(self._program.request, self._program.wires())


def check_surroundings(request: BootRequest) -> None:
    """Raise UsageError when the program could not tell its ports or links apart by their names."""
    check_names(forward.name for forward in request.spec.forwards)
    check_names((end.name for end in request.links), "link", _LINK)


@asynccontextmanager
async def booted(program: Program, request: BootRequest, receiver: Receiver) -> AsyncIterator[Machine]:
    """The program running, with a free port for each forward; leaving the context ends it."""
    with Ports.reserve(forward.name for forward in request.spec.forwards) as ports:
        hosted = Hosted(request.processes, receiver, program.explain)
        machine = ProgramMachine(_surrounded(program, request, ports), hosted, ports, request)
        machine.start()
        try:
            yield machine
        finally:
            await machine.power_off(cut=False)


def _surrounded(program: Program, request: BootRequest, ports: Ports) -> Program:
    """The program with its ports and links in its environment."""
    cables = tuple((variable(end.name, _LINK), str(end.descriptor)) for end in request.links)
    asked = program.request
    return replace(
        program,
        request=replace(
            asked,
            environment=(*request.environment, *ports.environment, *cables, *asked.environment),
            pass_fds=tuple(end.descriptor for end in request.links),
        ),
    )
