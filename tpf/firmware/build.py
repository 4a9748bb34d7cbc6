"""Firmware that a command of the project's own builds."""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from tpf.context import RunContext
from tpf.firmware.base import Built
from tpf.firmware.causes import Folders
from tpf.firmware.running import Program, alone_in, run_program
from tpf.process import Request
from tpf.result import Source
from tpf.scenario.model import FirmwareSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandBuild:
    """A build command and the folder it runs in; equal ones are one build."""

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

    async def run(self, context: RunContext, log: Path) -> Built:
        """Run the command to its end. Raises BuildError with the cause, EnvironmentLacks without a tool."""
        program = Program(
            name=self.name,
            request=Request(argv=self.command, cwd=self.folder),
            shown=self.shown,
            folders=Folders(build=self.folder, project=self.folder, checkout=context.checkout),
        )
        async with alone_in(self.folder):
            await run_program(program, context, log)
        return Built()


def command_build(spec: FirmwareSpec, folder: Path) -> CommandBuild:
    """The build of a firmware that a command makes."""
    return CommandBuild(command=spec.command, folder=folder, source=spec.source)
