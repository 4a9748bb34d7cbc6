"""From a scenario's wishes to one board to boot: the target's record, overridden by what the scenario says. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tpf.errors import UsageError
from tpf.machines.base import BootRequest, BuildFacts
from tpf.machines.cables import LinkEnd
from tpf.machines.qemu.boards import BOARDS, MB, NOT_EMULATED, Board, not_emulated
from tpf.machines.qemu.configured import flash_sizes, octal_psram, revision, with_psram
from tpf.machines.qemu.efuses import FUSES, fuse_image
from tpf.machines.qemu.options import Options
from tpf.machines.qemu.ticks import TICK
from tpf.scenario.model import MachineSpec, Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """An image that the emulator writes to: each boot gets its own."""

    source: Path | None  # None: it is made of `content`
    copy: Path
    content: bytes = b""
    bootloader: int | None = None  # where a bootloader lies in it, which tells for how large a flash it was made
    exactly: int | None = None  # bytes that the image has to have
    sizes: tuple[int, ...] = ()  # filled up with 0xFF to the first of these that holds it; as it is when empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One boot: the board, the file that it loads, and the copies to make before."""

    board: Board
    options: Options
    image: Path  # the copy's path when it is copied
    flash: Copy | None = None
    efuse: Copy | None = None
    octal_psram: bool = False
    storage: tuple[Storage, ...] = ()  # what partitions of the copied flash are filled with
    table: int | None = None  # where the partition table lies in the flash; None: it has to be looked for
    build: BuildFacts | None = None
    forwards: tuple[int, ...] = ()  # the guest's ports
    links: tuple[LinkEnd, ...] = ()  # to other devices


def board_for(target: str, options: Options) -> Board:
    """The board that a target and its overrides stand for. Raises ValueError saying what is missing."""
    known = BOARDS.get(target)
    if known is None and (options.emulator is None or options.board is None):
        if not target and options.board is None:
            raise ValueError(f"the scenario says no target: give it one ({', '.join(BOARDS)}), or {_BY_HAND}")
        if target in NOT_EMULATED:
            raise ValueError(not_emulated(target))
        raise ValueError(f"the target {target!r} is not known: it is none of {', '.join(BOARDS)}; or {_BY_HAND}")
    base = known or Board(emulator="", machine="")
    if options.board not in (None, base.machine):  # another board: who knows what it has
        base = replace(base, serials=None, nics=None, nic="", net_device="")
    return replace(
        base,
        emulator=options.emulator or base.emulator,
        machine=options.board or base.machine,
        cpu=options.cpu or base.cpu,
        memory=_first(options.psram, options.memory, base.memory),
        load=options.load or base.load,
    )


_FINEST, _COARSEST = 0.0001, 0.5  # seconds a tick
_BY_HAND = 'say <machine emulator="qemu-system-..." board="..."/>'


def _first(*values: int | None) -> int | None:
    return next((value for value in values if value is not None), None)


def plan_for(request: BootRequest) -> Plan:
    """Everything that is decided before anything is done. Raises UsageError that names the scenario's place."""
    options: Options = request.spec.options
    build = request.firmware.build
    try:
        board = with_psram(board_for(request.target, options), options, build)
        check_wishes(board, request.spec)
        image = _firmware(request, board)
        flash, efuse = _flash(request, board, image), _efuse(request, board)
    except ValueError as error:
        raise UsageError(f"{request.spec.source}: <machine>: {error}") from None
    table = build.config.get("PARTITION_TABLE_OFFSET") if build is not None else None
    return Plan(
        board=board,
        options=options,
        image=flash.copy if flash else image,
        flash=flash,
        efuse=efuse,
        octal_psram=octal_psram(board, options, build),
        storage=request.spec.storage,
        table=table if isinstance(table, int) else None,
        build=build,
        links=request.links,
        forwards=tuple(forward.guest for forward in request.spec.forwards if forward.guest is not None),
    )


def _flash(request: BootRequest, board: Board, image: Path) -> Copy | None:
    if board.load != "flash":
        return None
    sizes = flash_sizes(board, request.spec.options, request.firmware.build)
    return Copy(source=image, copy=request.folder / "flash.bin", bootloader=board.bootloader, sizes=sizes)


def _efuse(request: BootRequest, board: Board) -> Copy | None:
    """The scenario's image, or one of a chip as it leaves the factory."""
    copy = request.folder / "efuse.bin"
    fuses = FUSES.get(board.machine)
    if request.spec.efuse:
        source = request.checkout / request.spec.efuse
        return Copy(source=source, copy=copy, exactly=fuses.size if fuses is not None else None)
    if fuses is None:
        return None
    chip = revision(board.machine, request.spec.options, request.firmware.build)
    return Copy(source=None, copy=copy, content=fuse_image(board.machine, chip))


def _firmware(request: BootRequest, board: Board) -> Path:
    """What the board loads. A flash image is no ELF file: with a `-kernel` in its place, ESP32s stay silent."""
    firmware = request.firmware
    found = firmware.image if board.load == "flash" else firmware.image or firmware.elf
    if found is None:
        wanted = "a flash image: <firmware image=...>" if board.load == "flash" else "firmware: <firmware image=...>"
        raise ValueError(f"the board {board.machine} needs {wanted}")
    return found.absolute()  # QEMU runs in another folder


def check_links(board: Board, forwards: bool, kinds: Sequence[str]) -> None:
    """Raise ValueError when the board has no room for links of these kinds beside its console and forwarded ports."""
    serial, network = kinds.count("serial"), kinds.count("network")
    if board.serials is not None and serial >= board.serials:
        has = "one serial port" if board.serials == 1 else f"{board.serials} serial ports"
        more = "boards with more: esp32, esp32s3, esp32c3, and QEMU's sifive_e: <machine board=...>"
        raise ValueError(f"the board {board.machine} has {has}, and the console is at the first; {more}")
    if board.nics is not None and network + forwards > board.nics:
        has = "one network card" if board.nics == 1 else f"{board.nics} network cards"
        others = " (the forwarded ports need one, too)" if forwards else ""
        raise ValueError(
            f"the board {board.machine} has {has}{others}: no room for {network} network link{'s' * (network > 1)}"
        )


def check_wishes(board: Board, spec: MachineSpec) -> None:
    """Raise ValueError for what the board can not do."""
    options: Options = spec.options
    wishes = (
        ("psram", options.psram is not None, board.psram, "external RAM"),
        ("<efuse>", bool(spec.efuse), bool(board.efuse), "eFuses"),
        ("revision", options.revision is not None, board.machine in FUSES, "eFuses that would tell its revision"),
        ("<storage>", bool(spec.storage), board.load == "flash", "flash with partitions"),
        ("watchdogs", options.watchdogs, bool(board.watchdog), "watchdogs to switch"),
        ("flash", options.flash is not None, board.load == "flash", "flash to load from"),
    )
    for attribute, wished, granted, what in wishes:
        if wished and not granted:
            raise ValueError(f"{attribute}: the board {board.machine} has no {what}")
    if options.psram is not None and options.memory is not None:
        raise ValueError(f"psram and memory: the memory of the board {board.machine} is its PSRAM; say one of them")
    if options.flash is not None and board.flash_sizes and options.flash not in board.flash_sizes:
        sizes = ", ".join(f"{size // MB}MB" for size in board.flash_sizes)
        raise ValueError(f"flash: the board {board.machine} has flash of {sizes}, not of {options.flash} bytes")
    if options.revision is not None and spec.efuse:
        raise ValueError("revision and <efuse>: the eFuses tell the chip's revision; say one of them")
    if options.shift is not None and options.clock != "virtual":
        raise ValueError('shift: only the virtual clock has it; say clock="virtual", too')
    if options.tick != TICK and options.clock != "virtual":
        raise ValueError('tick: only the virtual clock has it; say clock="virtual", too')
    if not _FINEST <= options.tick <= _COARSEST:
        raise ValueError(f"tick: {options.tick:g}s is none of {_FINEST * 1000:g}ms to {_COARSEST * 1000:g}ms")
