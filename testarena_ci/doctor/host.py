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

from testarena_ci.doctor import surroundings
from testarena_ci.doctor.asking import first_line
from testarena_ci.doctor.checks import Check, Section, State, lacking, there
from testarena_ci.doctor.render import section_lines
from tpf.errors import EnvironmentLacks
from tpf.machines.qemu.boards import BOARDS, Board
from tpf.machines.qemu.lookup import Search, boards_of, candidates
from tpf.process import Processes, Request, run_once
from tpf.processes.programs import advice

Need = Literal["needed", "one of", "optional"]
_LIMIT: Final = 10.0  # seconds a program may take to tell its version
_ENOUGH_DISK: Final = 500  # MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A program to look for. Of all that are `one of` the same group, one is enough."""

    group: str
    program: str
    use: str  # what it is for
    need: Need = "optional"
    others: tuple[str, ...] = ()  # names that do as well
    arguments: tuple[str, ...] = ("--version",)
    mend: str = ""  # the command that gets it; else what is known of the program's package


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What became of a probe."""

    probe: Probe
    present: bool
    detail: str  # version, or what went wrong
    program: str = ""  # the name that it was found by

    @property
    def mend(self) -> str:
        return "" if self.present else self.probe.mend or advice(self.probe.program)


PROBES: Final = (
    Probe(group="emulators", program="qemu-system-riscv32", need="one of", use="RISC-V targets"),
    Probe(group="emulators", program="qemu-system-xtensa", need="one of", use="Xtensa targets"),
    Probe(
        group="toolchains",
        program="idf.py",
        use="building ESP-IDF projects, which are also built when it is not on PATH",
        mend="testarena doctor --target esp32c3 says what is there of ESP-IDF, and what is missing",
    ),
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
    Probe(
        group="tools",
        program="chromium",
        others=("chromium-browser", "google-chrome", "google-chrome-stable"),
        use="the step <browser>",
        mend="on Debian and Ubuntu: apt install chromium",
    ),
    Probe(
        group="tools",
        program="ffmpeg",
        arguments=("-version",),
        use="videos of the step <browser>",
        mend="on Debian and Ubuntu: apt install ffmpeg",
    ),
)
_OURS: Final = "reinstall testarena-ci: pip install --force-reinstall testarena-ci"
LIBRARIES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("qemu.qmp", "PyGithub", "py-gitea", "junit-xml", "jinja2", "rich"), _OURS),
    "playwright": "for the step <browser>: pip install 'testarena-ci[browser]'",
    "pillow": "for <screenshot compare=...>: pip install 'testarena-ci[screenshot]'",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A target, and whether an emulator of this machine has its board."""

    name: str
    board: Board
    present: bool

    @property
    def mend(self) -> str:
        """The command that gets the emulator that has it, or that says more."""
        if self.board.package:
            return f"testarena doctor --target {self.name} says how to get it"
        return advice(self.board.emulator)


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """All that was found."""

    findings: tuple[Finding, ...]
    targets: tuple[Target, ...]
    boards: Section  # the serial ports of real boards

    @property
    def able(self) -> bool:
        """Whether scenarios can be run here at all."""
        enough = any(finding.present for finding in self.findings if finding.probe.need == "one of")
        return enough and all(finding.present for finding in self.findings if finding.probe.need == "needed")


async def examine_all(
    environment: Mapping[str, str], probes: Iterable[Probe] = PROBES, boards: Mapping[str, Board] = BOARDS
) -> Host:
    """Ask every program for its version and every emulator for its boards, all at once."""
    async with Processes(environment) as processes:
        findings, targets = await asyncio.gather(
            asyncio.gather(*(_examine(probe, processes) for probe in probes)),
            asyncio.gather(*(_target(name, board, processes) for name, board in boards.items())),
        )
    ports = surroundings.boards(surroundings.look(Path.cwd()), needed=False)
    return Host(findings=tuple(findings), targets=tuple(targets), boards=ports)


async def _examine(probe: Probe, processes: Processes) -> Finding:
    name = next((name for name in (probe.program, *probe.others) if shutil.which(name, path=processes.path)), "")
    program = name or probe.program
    try:
        asked = Request(argv=(program, *probe.arguments), cwd=Path("/"))
        outcome = await run_once(processes, asked, timeout=_LIMIT)
    except EnvironmentLacks as error:
        return Finding(probe=probe, present=False, detail=str(error).split(";")[0])
    first = first_line(outcome)
    if not outcome.ok:
        return Finding(probe=probe, present=False, detail=f"does not start: {outcome}: {first}")
    return Finding(probe=probe, present=True, detail=first, program=program)


async def _target(name: str, board: Board, processes: Processes) -> Target:
    """Whether an emulator has its board, looked for as a run does: a distribution's QEMU has none of Espressif's."""
    search = Search(processes=processes, folder=Path("/"))
    answers = [await _boards(program, search) for program in candidates(board, search)]
    return Target(name=name, board=board, present=any(board.machine in answer for answer in answers))


async def _boards(program: str, search: Search) -> frozenset[str]:
    try:
        return await boards_of(program, search)
    except EnvironmentLacks:
        return frozenset()


def sections(host: Host) -> Iterator[Section]:
    """The findings in groups, each missing one with the command that mends it."""
    for group in dict.fromkeys(finding.probe.group for finding in host.findings):
        checks = tuple(_check(finding) for finding in host.findings if finding.probe.group == group)
        yield Section(name=group, title=group, checks=checks)
    yield Section(name="targets", title="targets", checks=tuple(map(_of_target, host.targets)))
    yield host.boards
    yield Section(name="libraries", title="libraries", checks=tuple(_libraries()))
    yield Section(name="machine", title="machine", checks=tuple(_machine()))


def as_text(host: Host) -> Iterator[str]:
    """The findings for people."""
    for section in sections(host):
        yield from section_lines(section)
    if host.able:
        yield "scenarios can be run here"
    else:
        yield "no emulator was found: scenarios can only be run on machines of other kinds (command, linux, serial)"


def _check(finding: Finding) -> Check:
    if finding.present:
        return there(finding.program, finding.detail)
    broken = finding.detail if finding.detail.startswith("does not start") else f"for {finding.probe.use}"
    return lacking(finding.probe.program, broken, finding.mend, needed=finding.probe.need != "optional")


def _of_target(target: Target) -> Check:
    detail = f"{target.board.emulator} -M {target.board.machine}"
    return there(target.name, detail) if target.present else lacking(target.name, detail, target.mend)


def _libraries() -> Iterator[Check]:
    """The versions of the Python packages that matter."""
    for name, mend in LIBRARIES.items():
        try:
            yield there(name, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield lacking(name, "", mend, needed=mend == _OURS)


def _machine() -> Iterator[Check]:
    """Processor cores, and room for reports."""
    yield there("processor cores", str(os.cpu_count()))
    room = shutil.disk_usage(Path.cwd()).free >> 20
    state = State.OK if room > _ENOUGH_DISK else State.LOW
    yield Check(name="free disk here", state=state, detail=f"{room} MB")
