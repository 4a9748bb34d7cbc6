"""Writes a board's flash by esptool, where it doesn't hold the firmware already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tpf.errors import MachineError, UsageError
from tpf.machines.base import BootRequest
from tpf.machines.esptool import esptool_of, major_version
from tpf.machines.reservation import leave_note, note_of
from tpf.machines.serial.flashing import Job, advice, argv, complaint, digest, files_of, worth_telling
from tpf.machines.serial.options import Options
from tpf.machines.serial.ports import identity
from tpf.process import Request, run_once

LIMIT: Final = 900.0  # seconds: 16 MB at 115200 bits a second take longer than that, nothing sensible does


def job_of(request: BootRequest, port: str) -> Job | None:
    """What there is to write; None for nothing. Raises UsageError when it was asked for, and there is no firmware."""
    options: Options = request.spec.options
    files = files_of(request.firmware)
    if options.write is False or (not files and not options.write):
        return None
    if not files:
        raise UsageError(f'{request.spec.source}: attribute write: there is no <firmware image="..."/> to be written')
    build = request.firmware.build
    return Job(port=port, chip=(build.target if build else "") or request.target, files=files, options=options)


async def write(job: Job, request: BootRequest) -> bool:
    """Write it; False when this run has written the same before. Raises MachineError, EnvironmentLacks, UsageError."""
    board = identity(job.port)
    try:
        mine = f"{request.processes.token} {await asyncio.to_thread(digest, job)}"
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}; build the firmware first, or mend the path") from error
    if note_of(board) == mine and not job.options.erase:
        request.say(f"{job.port} holds this firmware already: not written again")
        return False
    leave_note(board, "")  # whatever comes of it, the board no longer holds what it did
    await _run_esptool(job, request)
    leave_note(board, mine)
    return True


async def _run_esptool(job: Job, request: BootRequest) -> None:
    environment = request.firmware.build.environment if request.firmware.build is not None else ()
    tool = esptool_of(environment, f"to flash the board at {job.port}")
    command = argv(await major_version(tool, request.processes), tool.program, job)
    lines = _Lines(request.say)
    outcome = await run_once(
        request.processes,
        Request(argv=command, cwd=Path("/"), environment=(*tool.environment, *_PLAIN)),
        timeout=LIMIT,
        on_output=lines.take,
    )
    lines.end()
    if not outcome.ok:
        said = outcome.output.decode(errors="replace")
        raise MachineError(
            f"{request.spec.source}: the board at {job.port} can't be flashed: {complaint(said)}{advice(said)} "
            f"(esptool: {outcome}; all that it said stands in the log)"
        )


_PLAIN: Final = (("NO_COLOR", "1"), ("COLUMNS", "200"), ("PYTHONUNBUFFERED", "1"))


class _Lines:
    """Tells whole lines out of pieces of bytes; a bar that is drawn again ends a line, too."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._open = b""

    def take(self, data: bytes) -> None:
        *whole, self._open = (self._open + data).replace(b"\r", b"\n").split(b"\n")
        for line in worth_telling(piece.decode("utf-8", "backslashreplace") for piece in whole):
            self._say(f"esptool: {line}")

    def end(self) -> None:
        self.take(b"\n")
