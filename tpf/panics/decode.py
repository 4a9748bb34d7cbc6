"""Decodes the addresses of a panic with the ELF of the firmware, by programs that are kept for the next panic."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from tpf.errors import EnvironmentLacks, TestArenaError
from tpf.machines.base import Firmware
from tpf.panics import toolchain
from tpf.panics.addr2line import Addr2line
from tpf.panics.elf import RISCV, ElfFacts, is_elf, read_elf
from tpf.panics.gdb import Gdb
from tpf.panics.kept import Kept
from tpf.panics.model import Backtrace, CoreState, Decoded, Frame, Panic
from tpf.process import Processes

_NO_ELF: Final = 'the backtrace is not decoded: the scenario names no ELF file with symbols (<firmware elf="...">)'


class _Undecoded(TestArenaError):
    """Why addresses stay as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What the decoding of one panic is about."""

    elf: ElfFacts
    stamp: tuple[int, int]  # tells an ELF from one that was built later in its place
    prefix: str  # of the toolchain, when a build folder tells it
    target: str
    environment: dict[str, str] = field(repr=False)

    @property
    def variables(self) -> toolchain.Environment:
        return tuple(self.environment.items())

    def program(self, name: str) -> str:
        """A program by its name, or by its path when it is among ESP-IDF's tools, which nobody has put on PATH."""
        return str(toolchain.installed(name, self.environment) or name)


class Decoders:
    """Decodes the panics of a run, one at a time; `close` ends the programs that it keeps."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._kept = Kept()
        self._facts: dict[tuple[Path, int, int], ElfFacts | None] = {}
        self._turn = asyncio.Lock()

    async def decode(self, panic: Panic, firmware: Firmware, target: str) -> Decoded:
        """The backtraces with functions and lines; as raw addresses and a line that says why, when that can't be."""
        raw = tuple(_raw(core) for core in _told(panic))
        if not raw or elf_of(firmware) is None:
            return Decoded(note=_NO_ELF if raw else "")
        async with self._turn:
            try:
                return await self._decoded(panic, await self._work(panic, firmware, target))
            except (TestArenaError, OSError) as error:
                return Decoded(backtraces=raw, note=f"the backtrace is not decoded: {error}")

    async def close(self) -> None:
        await self._kept.close()

    async def __aenter__(self) -> Decoders:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _work(self, panic: Panic, firmware: Firmware, target: str) -> _Work:
        path = elf_of(firmware) or Path()
        found = path.stat()
        stamp = (found.st_mtime_ns, found.st_size)
        key = (path, *stamp)
        if key not in self._facts:
            self._facts[key] = await asyncio.to_thread(read_elf, path)
        elf = self._facts[key]
        if elf is None:
            raise _Undecoded(f"{path} is no ELF file for 32 bits")
        if panic.sha256 and not elf.is_told_by(panic.sha256):
            own = elf.hashes[-1][: len(panic.sha256)]
            raise _Undecoded(f"{path} is not the ELF that runs: its SHA-256 is {own}, the device says {panic.sha256}")
        return _Work(
            elf=elf,
            stamp=stamp,
            prefix=firmware.build.tool_prefix if firmware.build else "",
            target=(firmware.build.target if firmware.build else "") or target,
            environment=toolchain.environment_of(firmware, self._processes.environment),
        )

    async def _decoded(self, panic: Panic, work: _Work) -> Decoded:
        notes: list[str] = []
        traces = [await self._core(core, work, notes) for core in _told(panic)]
        return Decoded(backtraces=tuple(traces), note="; ".join(dict.fromkeys(notes)))

    async def _core(self, core: CoreState, work: _Work, notes: list[str]) -> Backtrace:
        if core.stack and not core.backtrace and work.elf.machine == RISCV:
            try:
                return Backtrace(core=core.core, frames=await self._unwound(core, work))
            except TestArenaError as error:
                notes.append(f"only the innermost frames are known, as the stack takes gdb to read: {error}")
        frames = await self._lines(_addresses(core), work)
        return Backtrace(core=core.core, frames=frames, corrupted=core.corrupted)

    # ---- by lines

    async def _lines(self, printed: tuple[int, ...], work: _Work) -> tuple[Frame, ...]:
        """Frames for the addresses of a printed backtrace: callers' are looked up within their call."""
        step = 1 if work.elf.machine == RISCV else 0  # Xtensa's panic handler has stepped back into the call already
        inner = tuple(max(0, address - (step if index else 0)) for index, address in enumerate(printed))
        own = [address for address in inner if work.elf.has_code_at(address)]
        rom = [address for address in inner if not work.elf.has_code_at(address) and toolchain.in_rom(address)]
        known = dict(await (await self._addr2line(work, work.elf.path)).frames(own)) if own else {}
        known |= await self._rom_lines(rom, work) if rom else {}
        found = ((address, known.get(at) or (Frame(address=at),)) for address, at in zip(printed, inner, strict=True))
        return tuple(replace(frame, address=address) for address, frames in found for frame in frames)

    async def _rom_lines(self, at: list[int], work: _Work) -> dict[int, tuple[Frame, ...]]:
        rom = toolchain.rom_elf(work.target, work.environment)
        found: dict[int, tuple[Frame, ...]] = {}
        if rom is not None:
            try:
                found = dict(await (await self._addr2line(work, rom)).frames(at))
            except TestArenaError:  # the names of the ROM's functions are an extra
                rom = None
        known = {address: found.get(address) or (Frame(address=address),) for address in at}
        return {address: tuple(replace(frame, rom=True) for frame in frames) for address, frames in known.items()}

    async def _addr2line(self, work: _Work, elf: Path) -> Addr2line:
        async def start(command: tuple[str, ...]) -> Addr2line:
            argv = (work.program(command[0]), *command[1:])
            return await Addr2line.start(self._processes, argv, elf, work.variables)

        commands = toolchain.addr2lines(work.elf.machine, work.prefix)
        try:
            return await self._kept.get(Addr2line, ("lines", elf, work.stamp, work.prefix), commands, start)
        except EnvironmentLacks as error:
            raise EnvironmentLacks(f"{error}; {toolchain.how_to_get(work.elf.machine)}") from error

    # ---- by unwinding

    async def _unwound(self, core: CoreState, work: _Work) -> tuple[Frame, ...]:
        rom = toolchain.rom_elf(work.target, work.environment)

        async def start(command: tuple[str, ...]) -> Gdb:
            return await Gdb.start(self._processes, work.program(command[0]), (work.elf.path, rom), work.variables)

        commands = ((name,) for name in toolchain.gdbs(work.elf.machine, work.prefix))
        try:
            gdb = await self._kept.get(Gdb, ("frames", work.elf.path, work.stamp, work.prefix), commands, start)
        except EnvironmentLacks as error:
            raise EnvironmentLacks(f"{error}; {toolchain.how_to_get_gdb()}") from error
        return _meaningful(await gdb.frames(core), work.elf)


def elf_of(firmware: Firmware) -> Path | None:
    """The file that has the symbols: the one that is named so, or an image that is an ELF itself."""
    if firmware.elf is not None:
        return firmware.elf
    return firmware.image if firmware.image is not None and is_elf(firmware.image) else None


def _told(panic: Panic) -> tuple[CoreState, ...]:
    """The cores of which there is an address; where none is, the one that the headline names."""
    told = tuple(core for core in panic.cores if core.pc is not None)
    if told or panic.pc is None:
        return told
    return (CoreState(core=panic.core, registers={"PC": panic.pc}),)


def _addresses(core: CoreState) -> tuple[int, ...]:
    """A core's addresses as it printed them: the innermost first, the exact one where that is known."""
    pc = core.pc
    if core.backtrace:
        first, *others = (address for address, _ in core.backtrace)
        exact = core.registers.get("PC", first)
        return (exact if 0 <= exact - first <= 3 else first, *others)
    ra = core.registers.get("RA")
    return tuple(address for address in (pc, ra) if address)


def _raw(core: CoreState) -> Backtrace:
    frames = tuple(Frame(address=address, rom=False) for address in _addresses(core))
    return Backtrace(core=core.core, frames=frames, corrupted=core.corrupted)


def _meaningful(frames: Iterable[Frame], elf: ElfFacts) -> tuple[Frame, ...]:
    """Without what comes behind the last frame that is code: there the unwinding went astray."""
    placed = [_placed(frame, elf) for frame in frames]
    while len(placed) > 1 and not (elf.has_code_at(placed[-1].address) or placed[-1].rom):
        placed.pop()
    return tuple(placed)


def _placed(frame: Frame, elf: ElfFacts) -> Frame:
    rom = not elf.has_code_at(frame.address) and toolchain.in_rom(frame.address)
    return replace(frame, rom=True) if rom else frame
