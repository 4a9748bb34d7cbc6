"""Looks before a boot, and before anybody waits for a build, whether a board is going to work."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Final

from tpf.errors import UsageError
from tpf.machines.base import BootRequest
from tpf.machines.qemu import images
from tpf.machines.qemu.boards import Board
from tpf.machines.qemu.chip_image import HEAD
from tpf.machines.qemu.doubts import WIFI, doubts, impossible
from tpf.machines.qemu.efuses import FUSES, revision_in
from tpf.machines.qemu.heads import Head, doubts_about, unbootable
from tpf.machines.qemu.lookup import find_emulator, numbers_of, search_of, version_of
from tpf.machines.qemu.plan import Plan, board_for, plan_for
from tpf.machines.qemu.symbols import linked

_ESP32S3_SINCE: Final = (9, 2)


async def preflight(request: BootRequest) -> tuple[str, ...]:
    """See `tpf.machines.base.HasPreflight`."""
    options = request.spec.options
    board = board_for(request.target, options)  # `check` has told already what is wrong with that
    wrong = impossible(board, request.firmware.build, options.flash)
    if wrong:
        raise UsageError(f"{request.spec.source}: <machine>: {wrong}")
    if not board.package:
        return ()
    if request.firmware.image is None and request.firmware.elf is None:
        return await _of_emulator(board, request)
    plan = plan_for(request)
    head = await asyncio.to_thread(_head, plan)
    wrong = unbootable(plan, head)
    if wrong:
        raise UsageError(f"{request.spec.source}: <machine>: {wrong}")
    told = doubts(plan, _revision(plan), await _linked(request.firmware.elf))
    return (*told, *doubts_about(plan, head, _revision(plan)))


async def _of_emulator(board: Board, request: BootRequest) -> tuple[str, ...]:
    """Make sure that it starts and has the board; say when it is older than it should be."""
    program = await find_emulator(board, search_of(request), sure=True)
    if board.machine != "esp32s3":
        return ()
    version = await version_of(program, search_of(request))
    numbers = numbers_of(version)
    if not numbers or numbers >= _ESP32S3_SINCE:
        return ()
    how = f"`python $IDF_PATH/tools/idf_tools.py install {board.package}` of ESP-IDF 5.5 or later has one"
    return (f"{program} is {version}: the esp32s3 needs QEMU 9.2 or later; {how}",)


def _head(plan: Plan) -> Head:
    """The first bytes of the flash, and of the bootloader in it; empty where there are none."""
    place = plan.board.bootloader
    if plan.flash is None or plan.flash.source is None or place is None:
        return Head(b"", b"")
    try:
        with plan.flash.source.open("rb") as file:
            first = file.read(HEAD)
            file.seek(place)
            return Head(first, file.read(HEAD))
    except OSError as error:
        raise images.missing(plan.flash.source) from error


async def _linked(elf: Path | None) -> frozenset[str]:
    return frozenset() if elf is None else await asyncio.to_thread(linked, elf, WIFI)


def _revision(plan: Plan) -> int | None:
    """The chip's revision, from the eFuses that it will have."""
    if plan.efuse is None or plan.board.machine not in FUSES:
        return None
    image = plan.efuse.content
    if plan.efuse.source is not None:
        with suppress(OSError):
            image = plan.efuse.source.read_bytes()
    return revision_in(plan.board.machine, image) if image else None
