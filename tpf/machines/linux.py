"""Machine kind `linux`: a program that ESP-IDF built for this host (target `linux`) as the device."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

from tpf.console import HOST_GUARDS
from tpf.errors import UsageError
from tpf.machines.base import BootRequest, Exit, Machine, Receiver
from tpf.machines.elf import foreign
from tpf.machines.hosted import pipes, terminal
from tpf.machines.program import Program, booted, check_surroundings
from tpf.process import Outcome, Patience, Request
from tpf.scenario.declare import Element, attribute
from tpf.scenario.model import MachineSpec
from tpf.scenario.types import ARGUMENTS, FLAG, SIZE

_CRASHES: Final = {
    signal.SIGABRT: "aborted",
    signal.SIGBUS: "bus error",
    signal.SIGFPE: "arithmetic exception",
    signal.SIGILL: "illegal instruction",
    signal.SIGSEGV: "segmentation fault",
    signal.SIGSYS: "bad system call",
    signal.SIGTRAP: "trap",
}
# A shell that becomes the program, once it has taken from it what it must not have. Not a function between fork and
# exec: `tpf.process` says why there is none.
_LIMITED: Final = 'ulimit -c 0 && {} exec "$@"'
_PATIENCE: Final = Patience(terminate=1.0)  # FreeRTOS' port may have the signal blocked: there is nothing to save


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """ESP-IDF's host build (`idf.py --preview set-target linux`), or any other program that firmware was built into.

    The program is the firmware's `elf`. It runs in a folder of its own, new at each boot and kept over resets; its
    standard input and output (and error) are the console. For each `<forward name="web"/>` it finds a free port to
    listen at, on 127.0.0.1, in its environment: `PORT_WEB`. When it is killed by a signal that tells of a fault of its
    own (SIGSEGV, SIGABRT, ...), that is a panic; so are reports of sanitizers and failed assertions.
    """

    element: ClassVar[Element] = Element(
        name="machine",
        children=("forward",),
        example='<machine kind="linux" env="LOG_LEVEL=debug" memory="64MB"/>',
    )

    args: tuple[str, ...] = attribute(ARGUMENTS, doc="arguments for the program", default=())
    env: tuple[str, ...] = attribute(
        ARGUMENTS, doc="variables for its environment: `LOG_LEVEL=debug SEED=1`", default=()
    )
    memory: int | None = attribute(
        SIZE,
        doc="limit of its address space; not for programs with AddressSanitizer, which reserve terabytes; "
        "default: no limit",
        default=None,
    )
    pty: bool = attribute(
        FLAG,
        doc="`false` gives it pipes instead of a raw pseudo-terminal; the C library holds output to a pipe back until "
        "some kilobytes have come together",
        default=True,
    )

    def check(self) -> Iterator[str | tuple[str, str]]:
        for word in self.env:
            name, equals, _ = word.partition("=")
            if not equals or not name:
                yield "env", f"attribute env: {word!r} is no variable: write NAME=value"


class LinuxKind:
    """Firmware that was built for this host: the program is the device."""

    name = "linux"
    Options: type[Any] = Options
    targets: tuple[str, ...] = ("linux",)
    gives_ports = True
    guards = HOST_GUARDS

    def check_target(self, target: str, options: Any) -> None:
        """For the reader of scenarios. Raises ValueError for a chip."""
        if target not in ("", *self.targets):
            raise ValueError(f'a machine of kind linux runs what was built for this host: target="linux", not {target}')

    def check_links(self, target: str, machine: MachineSpec, kinds: tuple[str, ...]) -> None:
        """For the reader of scenarios: a program can have any links."""

    def describe(self, request: BootRequest) -> str:
        program = _file(request)
        return f"linux {program.name if program is not None else ''}".rstrip()

    def check(self, request: BootRequest) -> None:
        """Whether the program is one for this host is known only when it has been built."""
        check_surroundings(request)

    def boot(self, request: BootRequest, receiver: Receiver) -> AbstractAsyncContextManager[Machine]:
        program = program_of(request, receiver)
        reason = foreign(Path(program.command[0]))
        if reason:
            raise UsageError(f'{request.spec.source}: <machine kind="linux">: {program.command[0]} {reason}')
        request.processes.find(program.command[0], request.checkout)
        request.folder.mkdir(parents=True, exist_ok=True)
        return booted(program, request, receiver)


def _file(request: BootRequest) -> Path | None:
    return request.firmware.elf or request.firmware.image


def program_of(request: BootRequest, receiver: Receiver) -> Program:
    """What there is to start. Raises UsageError when there is no firmware."""
    options: Options = request.spec.options
    file = _file(request)
    if file is None:
        raise UsageError(
            f'{request.spec.source}: <machine kind="linux"> runs the firmware\'s program: '
            'add <firmware elf="..."/>, or <firmware project="..."/> to have it built'
        )
    command = (str(file.absolute()), *options.args)
    limit = "" if options.memory is None else f"ulimit -v {max(1, options.memory // 1024)} &&"

    async def explain(outcome: Outcome) -> Exit:
        ending = exit_of(outcome)
        crash = crash_of(outcome)
        if crash:
            receiver.feed(f"-- crashed: {crash}\n".encode())
        return ending

    return Program(
        command=command,
        request=Request(
            argv=("sh", "-c", _LIMITED.format(limit), "sh", *command),
            cwd=request.folder,
            environment=tuple((name, value) for name, _, value in (word.partition("=") for word in options.env)),
            patience=_PATIENCE,
        ),
        wires=terminal if options.pty else pipes,
        explain=explain,
    )


def crash_of(outcome: Outcome) -> str:
    """The signal that tells of the program's own fault: ``SIGSEGV (segmentation fault)``; "" for another end."""
    word = _CRASHES.get(signal.Signals(outcome.signal)) if outcome.signal in signal.valid_signals() else None
    return f"{signal.Signals(outcome.signal).name} ({word})" if word and outcome.signal else ""


def exit_of(outcome: Outcome) -> Exit:
    """How the program ended, as people should read it."""
    code = outcome.code if outcome.signal is None else -outcome.signal
    return Exit(code=code, detail=str(outcome))
