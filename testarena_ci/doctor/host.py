"""What this machine has and lacks for running scenarios: facts gathered by running the programs themselves."""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from tpf.errors import EnvironmentLacks
from tpf.machines.qemu.boards import BOARDS, Board
from tpf.process import Processes, Request, run_once
from tpf.processes.programs import advice

Need = Literal["needed", "one of", "optional"]
_LIMIT: Final = 10.0  # seconds a program may take to tell its version


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A program to look for. Of all that are `one of` the same group, one is enough."""

    group: str
    program: str
    use: str  # what it is for
    need: Need = "optional"
    arguments: tuple[str, ...] = ("--version",)
    mend: str = ""  # the command that gets it; else what is known of the program's package


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What became of a probe."""

    probe: Probe
    present: bool
    detail: str  # version, or what went wrong

    @property
    def mend(self) -> str:
        return "" if self.present else self.probe.mend or advice(self.probe.program)


PROBES: Final = (
    Probe(group="emulators", program="qemu-system-riscv32", need="one of", use="RISC-V targets"),
    Probe(group="emulators", program="qemu-system-xtensa", need="one of", use="Xtensa targets"),
    Probe(group="toolchains", program="idf.py", use="building ESP-IDF projects"),
    Probe(group="toolchains", program="riscv64-unknown-elf-gcc", use="building the demo firmware for riscv32-virt"),
    Probe(group="toolchains", program="xtensa-lx106-elf-gcc", use="building the demo firmware for xtensa-lx60"),
    Probe(group="toolchains", program="make", use="building the demo firmware"),
    Probe(group="tools", program="git", use="knowing commit and branch"),
    Probe(
        group="tools",
        program="setpriv",
        use="emulators die at once with a killed run",
        mend="on Debian and Ubuntu: apt install util-linux",
    ),
    Probe(group="tools", program="gdb-multiarch", use="decoding panics"),
)
LIBRARIES: Final = ("qemu.qmp", "PyGithub", "py-gitea", "junit-xml", "jinja2", "rich")


async def examine(environment: Mapping[str, str], probes: Iterable[Probe] = PROBES) -> tuple[Finding, ...]:
    """Ask every program for its version, all at once."""
    async with Processes(environment) as processes:
        return tuple(await asyncio.gather(*(_examine(probe, processes) for probe in probes)))


async def _examine(probe: Probe, processes: Processes) -> Finding:
    try:
        outcome = await run_once(
            processes, Request(argv=(probe.program, *probe.arguments), cwd=Path("/")), timeout=_LIMIT
        )
    except EnvironmentLacks as error:
        return Finding(probe=probe, present=False, detail=str(error).split(";")[0])
    text = outcome.output.decode("utf-8", "replace").strip()
    first = text.splitlines()[0] if text else ""
    if not outcome.ok:
        return Finding(probe=probe, present=False, detail=f"does not start: {outcome}: {first}")
    return Finding(probe=probe, present=True, detail=first[:100])


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A target, and whether an emulator of this machine has its board."""

    name: str
    board: Board
    present: bool

    @property
    def mend(self) -> str:
        """The command that gets the emulator that has it."""
        if self.board.package:
            return f"idf_tools.py install {self.board.package}; then source ESP-IDF's export.sh"
        return advice(self.board.emulator)


async def targets(environment: Mapping[str, str], boards: Mapping[str, Board] = BOARDS) -> tuple[Target, ...]:
    """Ask each emulator for the boards that it has: a distribution's QEMU has none of Espressif's."""
    emulators = sorted({board.emulator for board in boards.values()})
    async with Processes(environment) as processes:
        answers = await asyncio.gather(*(_machines(emulator, processes) for emulator in emulators))
    known = dict(zip(emulators, answers, strict=True))
    return tuple(
        Target(name=name, board=board, present=board.machine in known[board.emulator]) for name, board in boards.items()
    )


async def _machines(emulator: str, processes: Processes) -> frozenset[str]:
    """The boards of an emulator: the first words of the lines of its `-M help`."""
    try:
        asked = Request(argv=(emulator, "-M", "help"), cwd=Path("/"))
        outcome = await run_once(processes, asked, timeout=_LIMIT)
    except EnvironmentLacks:
        return frozenset()
    lines = outcome.output.decode("utf-8", "replace").splitlines() if outcome.ok else []
    return frozenset(words[0] for words in map(str.split, lines) if words)


def targets_as_text(found: Iterable[Target]) -> Iterator[str]:
    """A line for each target, and the way out where its emulator is missing."""
    yield "targets:"
    for target in found:
        sign = "ok     " if target.present else "missing"
        yield f"  {sign} {target.name:26} {target.board.emulator} -M {target.board.machine}"
        if not target.present:
            yield f"          -> {target.mend}"


def able(findings: Iterable[Finding]) -> bool:
    """Whether scenarios can be run here at all."""
    known = tuple(findings)
    enough = any(finding.present for finding in known if finding.probe.need == "one of")
    return enough and all(finding.present for finding in known if finding.probe.need == "needed")


def as_text(findings: Iterable[Finding]) -> Iterator[str]:
    """The findings for people: grouped, each missing one with the command that mends it."""
    group = ""
    for finding in findings:
        if finding.probe.group != group:
            group = finding.probe.group
            yield f"{group}:"
        sign = "ok     " if finding.present else "missing"
        yield f"  {sign} {finding.probe.program:26} {finding.detail if finding.present else 'for ' + finding.probe.use}"
        if not finding.present:
            yield f"          -> {finding.mend}"


def libraries() -> Iterator[str]:
    """The versions of the Python packages that matter."""
    yield "libraries:"
    for name in LIBRARIES:
        try:
            yield f"  ok      {name:26} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            yield f"  missing {name:26} reinstall testarena-ci: pip install --force-reinstall testarena-ci"


def machine() -> Iterator[str]:
    """Processor cores, memory and room for reports."""
    yield "machine:"
    room = shutil.disk_usage(Path.cwd()).free >> 20
    yield f"  ok      {'processor cores':26} {os.cpu_count()}"
    yield f"  {'ok     ' if room > 500 else 'low    '} {'free disk here':26} {room} MB"
