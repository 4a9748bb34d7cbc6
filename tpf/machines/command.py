"""Machine kind `command`: any program of the host as the device; its standard input and output are the console."""

from __future__ import annotations

import shlex
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, ClassVar

from tpf.machines.base import BootRequest, Exit, Machine, Receiver
from tpf.machines.hosted import pipes, terminal
from tpf.machines.program import Program, booted, check_surroundings
from tpf.process import Outcome, Request
from tpf.scenario.declare import Element, attribute
from tpf.scenario.model import MachineSpec
from tpf.scenario.types import ARGUMENTS, FLAG


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
        check_surroundings(request)
        program = request.spec.options.command[0]
        if "/" not in program:
            request.processes.find(program, request.checkout)

    def boot(self, request: BootRequest, receiver: Receiver) -> AbstractAsyncContextManager[Machine]:
        return booted(program_of(request), request, receiver)


def program_of(request: BootRequest) -> Program:
    """What there is to start. Pure."""
    options: Options = request.spec.options
    return Program(
        command=options.command,
        request=Request(argv=options.command, cwd=request.checkout),
        wires=terminal if options.pty else pipes,
        explain=_exit,
    )


async def _exit(outcome: Outcome) -> Exit:
    code = outcome.code if outcome.signal is None else -outcome.signal
    return Exit(code=code, detail=str(outcome))
