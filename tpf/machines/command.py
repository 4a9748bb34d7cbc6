"""Machine kind `command`: any program of the host as the device; its standard input and output are the console."""

from __future__ import annotations

import shlex
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from tpf.machines.base import BootRequest, Exit, Machine, Receiver
from tpf.machines.hosted import Hosted, pipes, terminal
from tpf.machines.loopback import Ports, check_names, variable
from tpf.process import Outcome, Request
from tpf.scenario.declare import Element, attribute
from tpf.scenario.model import MachineSpec
from tpf.scenario.types import ARGUMENTS, FLAG

_LINK: Final = "LINK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Any program of the host: a simulator, ESP-IDF's host build, a script that talks to a real board.

    For each `<forward name="web"/>` it finds a free port to listen at, on 127.0.0.1, in its environment: `PORT_WEB`.
    For each `<link name="bus"/>` to another device it finds the number of an open socket: `LINK_BUS`.
    """

    element: ClassVar[Element] = Element(
        name="machine",
        children=("forward",),
        example='<machine kind="command" command="./simulator --seed 1"><forward name="web"/></machine>',
    )

    command: tuple[str, ...] = attribute(
        ARGUMENTS,
        doc="the program and its arguments, run in the scenario's folder; its standard input and output (and error) "
        "are the device's console",
    )
    pty: bool = attribute(FLAG, doc="`true` gives it a raw pseudo-terminal instead of pipes", default=False)


class CommandMachine:
    """A running program; a reset starts it again in the same folder."""

    def __init__(self, request: BootRequest, receiver: Receiver, ports: Ports) -> None:
        options: Options = request.spec.options
        self._ports = ports
        self.command: Final = options.command
        self._pty = options.pty
        self._hosted = Hosted(request.processes, receiver, _exit)
        self._links = request.links
        cables = tuple((variable(end.name, _LINK), str(end.descriptor)) for end in request.links)
        self._request = Request(
            argv=options.command,
            cwd=request.checkout,
            environment=(*request.environment, *ports.environment, *cables),
            pass_fds=tuple(end.descriptor for end in request.links),
        )

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
        self._hosted.start(self._request, terminal() if self._pty else pipes())


class CommandKind:
    """Any program of the host as the device: its standard input and output are the console."""

    name = "command"
    Options: type[Any] = Options
    targets: tuple[str, ...] = ()
    gives_ports = True

    def check_links(self, target: str, machine: MachineSpec, kinds: tuple[str, ...]) -> None:
        """For the reader of scenarios: a program can have any links."""

    def describe(self, request: BootRequest) -> str:
        return f"command {shlex.join(request.spec.options.command)}"

    def check(self, request: BootRequest) -> None:
        """A program with a path may be one that is still to be built: only others can be looked for."""
        check_names(forward.name for forward in request.spec.forwards)
        check_names((end.name for end in request.links), "link", _LINK)
        program = request.spec.options.command[0]
        if "/" not in program:
            request.processes.find(program, request.checkout)

    def boot(self, request: BootRequest, receiver: Receiver) -> AbstractAsyncContextManager[Machine]:
        return _booted(request, receiver)


@asynccontextmanager
async def _booted(request: BootRequest, receiver: Receiver) -> AsyncIterator[Machine]:
    with Ports.reserve(forward.name for forward in request.spec.forwards) as ports:
        machine = CommandMachine(request, receiver, ports)
        machine.start()
        try:
            yield machine
        finally:
            await machine.power_off(cut=False)


async def _exit(outcome: Outcome) -> Exit:
    code = outcome.code if outcome.signal is None else -outcome.signal
    return Exit(code=code, detail=str(outcome))
