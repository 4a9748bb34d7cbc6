"""Runs a build command: live output, a log, a time limit, and the cause when it fails."""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import os
import re
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tpf import events as ev
from tpf.context import RunContext
from tpf.errors import BuildError
from tpf.process import Outcome, Request, run_once
from tpf.result import Source
from tpf.scenario.model import FirmwareSpec

BUILD_LIMIT: Final = 1800.0  # seconds
_LOCK_LIMIT: Final = 1800.0
_LOCK_POLL: Final = 0.02
_LAST_LINES: Final = 15
_ERRORS: Final = tuple(  # the best ones first
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^[^\s:][^:\n]*:\d+:(?:\d+:)? (?:fatal )?error: .+|^.*: undefined reference to .+",
        r"^CMake Error.*(?:\n+[ \t]+\S.*)?",  # its words stand in the line below its place
        r"^.*\*\*\* (?!\[).+",  # make's own; what it says in brackets only tells that a command failed
    )
)
_ECHO: Final = re.compile(r"^g?make(\[\d+\])?: |^ninja: build stopped|^ninja failed with exit code")  # after the cause


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """A build command and the folder it runs in; equal requests are one build."""

    command: tuple[str, ...]
    folder: Path
    source: Source = field(compare=False)

    @property
    def name(self) -> str:
        """Short, and the same in every run: ``build-3f2a91c0``."""
        return f"build-{hashlib.sha256(repr((self.command, str(self.folder))).encode()).hexdigest()[:8]}"

    @property
    def shown(self) -> str:
        return shlex.join(self.command)


def build_request(spec: FirmwareSpec, folder: Path) -> BuildRequest | None:
    """What there is to build; None for ready-made files."""
    return BuildRequest(command=spec.command, folder=folder, source=spec.source) if spec.command else None


async def build(request: BuildRequest, context: RunContext, log: Path) -> None:
    """Run the build to its end. Raises BuildError with the cause, EnvironmentLacks without a tool."""
    lines = _LineSplitter()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab", buffering=0) as file:

        def take(data: bytes) -> None:
            file.write(data)
            _tell(lines.split(data), request, context)

        async with _alone(request):
            command = Request(argv=request.command, cwd=request.folder)
            outcome = await run_once(context.processes, command, timeout=BUILD_LIMIT, on_output=take)
        _tell(lines.rest(), request, context)
    if not outcome.ok:
        raise BuildError(_why(request, outcome))


def _tell(lines: tuple[str, ...], request: BuildRequest, context: RunContext) -> None:
    if lines:
        context.sink(ev.Output(t=context.clock(), scenario="", origin=request.name, lines=lines))


def _why(request: BuildRequest, outcome: Outcome) -> str:
    """The cause in the headline, the last lines below it."""
    text = outcome.output.decode("utf-8", "backslashreplace")
    last = "\n".join(text.rstrip().splitlines()[-_LAST_LINES:])
    where = f"`{request.shown}` in {request.folder}: {outcome}"
    return f"the firmware can't be built: {cause_of(text) or outcome}\n{where}; it said last:\n{last}"


def cause_of(text: str) -> str:
    """The line of a build's output that says best why it failed: its first error, else its last words."""
    for pattern in _ERRORS:
        if found := pattern.search(text):
            return " ".join(found[0].split())
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip() and not _ECHO.match(line)), "")


class _LineSplitter:
    """Whole lines out of pieces of bytes."""

    def __init__(self) -> None:
        self._open = b""

    def split(self, data: bytes) -> tuple[str, ...]:
        *whole, self._open = (self._open + data).split(b"\n")
        return tuple(line.rstrip(b"\r").decode("utf-8", "backslashreplace") for line in whole)

    def rest(self) -> tuple[str, ...]:
        return self.split(b"\n") if self._open else ()


@asynccontextmanager
async def _alone(request: BuildRequest) -> AsyncIterator[None]:
    """Keep other builds, also of other runs on this host, from running in this folder meanwhile.

    They would write the same files. The folder itself is what is locked, so that no lock file is left behind.
    """
    lock = os.open(request.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            async with asyncio.timeout(_LOCK_LIMIT):
                while not _try_lock(lock):  # noqa: ASYNC110  another process holds it: there is no event to wait for
                    await asyncio.sleep(_LOCK_POLL)
        except TimeoutError:
            raise BuildError(
                f"another build has been running in {request.folder} for {_LOCK_LIMIT:g}s; end it, then try again"
            ) from None
        yield
    finally:
        os.close(lock)


def _try_lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
