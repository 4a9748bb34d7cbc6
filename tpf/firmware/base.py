"""What the supply of firmware knows of a build: a job that can be run once, and what came out."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from msgspec import Struct

from tpf.context import RunContext
from tpf.machines.base import BuildFacts
from tpf.result import FirmwareSize, Source


class Built(Struct, frozen=True, kw_only=True):
    """What a build made."""

    facts: BuildFacts | None = None  # None for a command, which tells nothing
    elf: Path | None = None
    reused: bool = False  # nothing had changed
    sizes: tuple[FirmwareSize, ...] = ()


class Job(Protocol):
    """A build; equal ones are one."""

    @property
    def name(self) -> str:
        """Short, a file name, and the same in every run."""

    @property
    def shown(self) -> str:
        """The command, as people would write it."""

    @property
    def source(self) -> Source:
        """The scenario's place that asks for it."""

    async def run(self, context: RunContext, log: Path) -> Built:
        """Build. Raises BuildError with the cause, EnvironmentLacks without a tool."""
