"""Starts programs; nothing else does. Whatever a run starts ends with the run, however the run itself ends.

    Request  ->  Child (a context manager)  ->  Outcome

    async with Processes(environment) as processes, processes.start(Request(argv=("sleep", "9"))) as child:
        outcome = await child.wait()

What holds children down, from the everyday end to the worst one:

- leaving a child's context stops its whole process group in three levels (INT, TERM, KILL), each with a deadline;
- leaving `Processes` stops all that is left;
- when we are killed, the kernel kills each direct child (PR_SET_PDEATHSIG), if util-linux's `setpriv` is there to ask
  it to. Not by a `preexec_fn`: that makes Python fork where it could vfork (measured with 60 MB: 4.2 ms a start; with
  setpriv 1.4 ms, with neither 0.65 ms), and is unsafe once there are threads. PR_SET_PDEATHSIG acts when the *thread*
  that forked ends: children are started on the event loop's;
- then the reaper (`tpf.processes.reaper`) kills every group of ours, and every process that carries our mark in its
  environment.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tpf.errors import EnvironmentLacks, UsageError
from tpf.processes.channel import Channel
from tpf.processes.exits import ExitWatch
from tpf.processes.guard import SCRIPT, Guard, unmarked
from tpf.processes.programs import find_program
from tpf.processes.reaper import MARK_DIGITS, MARK_VARIABLE, kill_marked

__all__ = ["MARK_VARIABLE", "NOWHERE", "Child", "Outcome", "Patience", "Processes", "Request", "run_once"]

NOWHERE: Final = subprocess.DEVNULL


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds that a program is given after each signal before the next, stronger one; 0 leaves the signal out."""

    interrupt: float = 0.0
    terminate: float = 2.0
    # then it hangs in the kernel, and is left to the reaper; with 0 it is killed as well, and nobody waits for its end
    kill: float = 5.0

    def levels(self) -> Iterator[tuple[signal.Signals, float]]:
        levels = ((signal.SIGINT, self.interrupt), (signal.SIGTERM, self.terminate), (signal.SIGKILL, self.kill))
        return ((number, seconds) for number, seconds in levels if seconds > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A program to be started. The descriptors stay the caller's: close them once it runs."""

    argv: tuple[str, ...]
    cwd: Path = Path()
    environment: tuple[tuple[str, str], ...] = ()  # on top of the run's
    stdin: int = subprocess.DEVNULL  # a descriptor; never our own standard input
    stdout: int = subprocess.DEVNULL
    stderr: int = subprocess.STDOUT  # where its standard output goes
    pass_fds: tuple[int, ...] = ()
    patience: Patience = field(default_factory=Patience)
    sweep: bool = True  # look for descendants that left the group, too; costs a look at each process of the machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a program ended. Neither `code` nor `signal` when it can't be killed."""

    argv: tuple[str, ...]
    code: int | None  # exit status
    signal: int | None = None
    seconds: float
    timed_out: bool = False  # it was stopped because its time was up
    output: bytes = b""  # of `run_once`: the last of it

    @property
    def ok(self) -> bool:
        return self.code == 0 and not self.timed_out

    def __str__(self) -> str:
        if self.timed_out:
            return f"stopped after {self.seconds:.1f}s"
        if self.signal is not None:
            return f"killed by {_signal_name(self.signal)}"
        return "does not end, not even by SIGKILL" if self.code is None else f"exit status {self.code}"


class Child:
    """A running program, its group's leader. Leaving the context ends the group."""

    def __init__(self, request: Request, leader: _Leader, guard: Guard, mark: str) -> None:
        self.request = request
        self.pid: Final = leader.pid
        self._leader = leader
        self._guard = guard
        self._mark = mark.encode()
        self.over = False
        guard.watch(self.pid)

    @property
    def running(self) -> bool:
        return self._leader.running

    @property
    def outcome(self) -> Outcome:
        """As far as it is known."""
        argv = self.request.argv
        if self.running:
            return Outcome(argv=argv, code=None, seconds=self._leader.seconds)
        code = self._leader.exited.result().code
        if code < 0:
            return Outcome(argv=argv, code=None, signal=-code, seconds=self._leader.seconds)
        return Outcome(argv=argv, code=code, seconds=self._leader.seconds)

    async def wait(self) -> Outcome:
        """Wait for the program's own end; what it left in its group may live on until `stop`."""
        await asyncio.shield(self._leader.exited)
        return self.outcome

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole group."""
        if not self.over:
            _kill_group(self.pid, number)

    async def stop(self) -> Outcome:
        """End the program and its group; at once when cancelled meanwhile. Calling it again does no harm."""
        try:
            for number, seconds in self.request.patience.levels():
                if not self.running or self.over:
                    break
                self.signal(number)
                await asyncio.wait((self._leader.exited,), timeout=seconds)
        finally:
            self.kill()
        return self.outcome

    def kill(self) -> None:
        """End the group without waiting. Its number is ours until the leader is reaped, which comes last."""
        if self.over:
            return
        self.signal(signal.SIGKILL)
        self.over = True
        if self.request.sweep:
            kill_marked(self._mark)
        self._leader.release(lambda: self._guard.forget(self.pid))

    async def gone(self) -> None:
        """Wait for the end of a killed program, but not for ever."""
        await asyncio.wait((self._leader.exited,), timeout=_GONE_LIMIT)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


class _Leader:
    """A direct child: tells its exit, and is reaped after that."""

    def __init__(self, popen: subprocess.Popen[bytes]) -> None:
        self.pid: Final = popen.pid
        self._popen = popen
        self._watch = ExitWatch(popen.pid)
        self._started = asyncio.get_running_loop().time()
        self.exited = self._watch.exited

    @property
    def running(self) -> bool:
        return not self._watch.look()

    @property
    def seconds(self) -> float:
        loop = asyncio.get_running_loop()
        return (self.exited.result().at if self.exited.done() else loop.time()) - self._started

    def release(self, before: Callable[[], None] = lambda: None) -> None:
        """Reap it, now or as soon as it exits; `before` is called right before its number becomes free."""

        def reap(_: object) -> None:
            before()
            self._popen.poll()
            self._watch.close()

        if self.exited.done():
            reap(None)
        else:
            self.exited.add_done_callback(reap)

    async def gone(self) -> None:
        """Wait until it has exited, kill it when it takes too long, and reap it."""
        if not (await asyncio.wait((self.exited,), timeout=_GONE_LIMIT))[0]:
            self._popen.kill()
            await asyncio.wait((self.exited,), timeout=_GONE_LIMIT)
        self.release()


_GONE_LIMIT: Final = 2.0  # seconds that the end of what was killed is waited for


class Processes:
    """All programs of one run. Enter it within the event loop that starts them; `environment` is what they inherit."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.token: Final = secrets.token_hex(MARK_DIGITS // 2)
        self._numbers = itertools.count(1)
        self._environment = dict(environment)
        self._children: dict[int, Child] = {}
        self._guard = Guard(self._spawn_reaper)
        self._wrapper: tuple[str, ...] | None = None
        self._programs: dict[tuple[str, Path, str | None], str] = {}
        self.answers: Final[dict[object, asyncio.Task[Outcome]]] = {}  # what programs have said of themselves

    @property
    def path(self) -> str | None:
        """The PATH that programs are looked for on."""
        return self._environment.get("PATH")

    @property
    def environment(self) -> Mapping[str, str]:
        """What programs inherit."""
        return self._environment

    def start(self, request: Request) -> Child:
        """Start a program. Raises EnvironmentLacks when it can't be, UsageError when its folder isn't there."""
        if not request.cwd.is_dir():
            raise UsageError(f"{request.cwd}: no such folder to run {request.argv[0]} in")
        mark = f"{self.token}.{next(self._numbers)}:"
        environment = self._environment_for(request, mark)
        program = self._find(request.argv[0], request.cwd, environment.get("PATH"))
        self._guard.start()
        popen = _spawn((*self._die_with_us(), program, *request.argv[1:]), request, environment)
        child = Child(request, _Leader(popen), self._guard, mark)
        self._children = {pid: other for pid, other in self._children.items() if not other.over or other.running}
        self._children[child.pid] = child
        return child

    def find(self, name: str, cwd: Path) -> str:
        """The absolute path of a program that is to run in a folder. Raises EnvironmentLacks."""
        return self._find(name, cwd, self.path)

    def _find(self, name: str, cwd: Path, path: str | None) -> str:
        """Those on PATH are looked for once a folder: it takes longer than to start them."""
        known = self._programs.get((name, cwd, path))
        if known is None:
            known = find_program(name, cwd=cwd, path=path)
            if "/" not in name:
                self._programs[name, cwd, path] = known
        return known

    async def close(self) -> None:
        """Stop all that still runs, then search for what hid."""
        try:
            await asyncio.gather(*(child.stop() for child in self._children.values()))
        finally:
            for child in self._children.values():
                child.kill()
            if self._children:
                kill_marked(self.token.encode())
            await asyncio.gather(*(child.gone() for child in self._children.values()))
            await self._guard.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _environment_for(self, request: Request, mark: str) -> dict[str, str]:
        """A run within a run keeps the outer one's mark before its own."""
        environment = {**self._environment, **dict(request.environment)}
        return {**environment, MARK_VARIABLE: environment.get(MARK_VARIABLE, "") + mark}

    def _die_with_us(self) -> tuple[str, ...]:
        """The command before the command that has the kernel kill a child when we die; empty where there is none."""
        if self._wrapper is None:
            self._wrapper = _death_wrapper(self.path)
        return self._wrapper

    def _spawn_reaper(self, lifeline: int, ledger: int) -> _Leader:
        argv = (sys.executable or "python3", "-I", "-S", SCRIPT, self.token, str(ledger))
        request = Request(argv=argv, cwd=Path("/"), stdin=lifeline, pass_fds=(ledger,))
        return _Leader(_spawn(argv, request, unmarked(self._environment)))


async def run_once(
    processes: Processes,
    request: Request,
    *,
    timeout: float,
    on_output: Callable[[bytes], object] | None = None,
    keep: int = 1 << 16,
) -> Outcome:
    """Run a host command to its end; `on_output` gets its output as it comes, the outcome the last `keep` bytes.

    At `timeout` seconds it is stopped with all its children, and the outcome says so. What it leaves behind in the
    background ends with it. Raises what `Processes.start` raises.
    """
    tail = bytearray()

    def take(data: bytes) -> None:
        tail.extend(data)
        del tail[:-keep]
        if on_output is not None:
            on_output(data)

    source, sink = os.pipe()
    async with Channel(source=source, on_data=take) as channel:
        try:
            child = processes.start(replace(request, stdout=sink, stderr=subprocess.STDOUT))
        finally:
            os.close(sink)
        async with child:
            timed_out = await _over_time(child, timeout)
            await channel.drained(_LINGER)
            await child.stop()  # those that kept its output open
            await channel.drained(_LINGER)
        return replace(child.outcome, timed_out=timed_out, output=bytes(tail))


_LINGER: Final = 1.0  # seconds that output is waited for after a command's end, when something still holds it open


async def _over_time(child: Child, timeout: float) -> bool:
    """Wait for the program; True when it had to be stopped."""
    try:
        async with asyncio.timeout(timeout):
            await child.wait()
    except TimeoutError:
        await child.stop()
        return True
    return False


def _spawn(argv: tuple[str, ...], request: Request, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            argv,
            cwd=request.cwd,
            env=environment,
            stdin=request.stdin,
            stdout=request.stdout,
            stderr=request.stderr,
            pass_fds=request.pass_fds,
            start_new_session=True,
        )
    except ValueError as error:
        raise UsageError(f"{request.argv[0]} can't be started: a NUL stands among its arguments") from error
    except OSError as error:
        wrong = UsageError if error.errno == errno.E2BIG else EnvironmentLacks
        raise wrong(f"{request.argv[0]} can't be started: {error.strerror}") from error


def _death_wrapper(path: str | None) -> tuple[str, ...]:
    """`setpriv --pdeathsig KILL --`, if it is there and knows how: busybox's doesn't."""
    setpriv = shutil.which("setpriv", path=path)
    if setpriv is None:
        return ()
    wrapper = (setpriv, "--pdeathsig", "KILL", "--")
    try:
        tried = subprocess.run(
            (*wrapper, setpriv, "--version"), stdin=subprocess.DEVNULL, capture_output=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return wrapper if tried.returncode == 0 else ()


def _kill_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS says EPERM of a group of zombies
        os.killpg(group, number)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
