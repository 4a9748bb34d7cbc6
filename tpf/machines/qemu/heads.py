"""What the beginnings of a flash image tell of whether it can boot. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tpf.machines.qemu.chip_image import chip_of, declared_flash, is_application, revision_of
from tpf.machines.qemu.efuses import written
from tpf.machines.qemu.plan import Plan


class Head(NamedTuple):
    """Bytes of a flash image."""

    first: bytes  # from its start
    bootloader: bytes  # from where the chip has its bootloader


def unbootable(plan: Plan, head: Head) -> str:
    """Why it surely can't boot; "" when it may."""
    image = plan.flash.source if plan.flash is not None else None
    if is_application(head.first):
        return (
            f"{image} is an application alone, without bootloader and partition table: give <firmware> the build "
            "folder (image=...), or name all files of flasher_args.json with <part>"
        )
    chip = chip_of(head.bootloader)
    if chip and chip != plan.board.machine:
        return (
            f"the bootloader in {image} is for the {chip}, and the board is {plan.board.machine}: give the scenario "
            f"the target {chip}, or another image"
        )
    return ""


def doubts_about(plan: Plan, head: Head, chip_revision: int | None) -> Iterator[str]:
    """What probably won't work. `chip_revision` is that of the eFuses, None when they can't be read."""
    if plan.board.bootloader is None or plan.flash is None:
        return
    if declared_flash(head.bootloader) is None:
        yield (
            f"there is no bootloader in {plan.flash.source} at {plan.board.bootloader:#x}, where the "
            f"{plan.board.machine} has it: is that a whole flash image of this chip? without one, it stays silent"
        )
    least = revision_of(head.bootloader)
    if plan.build is None and chip_revision is not None and least > chip_revision:
        yield (
            f"the bootloader needs an {plan.board.machine} of revision {written(least)} at least, and the eFuses say "
            f'{written(chip_revision)}: say <machine revision="{written(least)}"/>, or give it other eFuses'
        )
