"""Private copies of the images that an emulator writes to."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tpf.errors import UsageError
from tpf.machines.qemu.chip_image import declared_flash
from tpf.machines.qemu.plan import Copy

_ERASED = b"\xff"


def make(copy: Copy) -> None:
    """Copy an image, and fill it up as erased flash is. Raises UsageError when it is missing or too large."""
    if copy.source is None:
        copy.copy.write_bytes(copy.content)
        return
    try:
        size = copy.source.stat().st_size
        wanted = _size_for(copy, copy.source, size)
        _clone(copy.source, copy.copy, size)
    except FileNotFoundError:
        raise missing(copy.source) from None
    except OSError as error:
        raise UsageError(f"{copy.source}: can't be copied to {copy.copy}: {error.strerror}") from error
    if wanted > size:
        with copy.copy.open("ab") as file:
            file.write(_ERASED * (wanted - size))


def missing(image: Path) -> UsageError:
    return UsageError(f"{image}: there is no such image; build it first, or mend the path")


def _size_for(copy: Copy, source: Path, size: int) -> int:
    """The first of the sizes that holds the image, and that its firmware takes: it refuses a smaller flash."""
    if copy.exactly is not None and size != copy.exactly:
        how = "mend <efuse>: `idf.py qemu` leaves such a file (build/qemu_efuse.bin), `espefuse --virt` another form"
        raise UsageError(f"{source}: has {size} bytes, and an image of these eFuses has {copy.exactly}: {how}")
    if not copy.sizes:
        return size
    least = max(size, _declared_in(source, copy.bootloader)) if len(copy.sizes) > 1 else size
    for wanted in sorted(copy.sizes):
        if least <= wanted:
            return wanted
    largest = f"a flash of {max(copy.sizes)} bytes"
    if size > max(copy.sizes):
        how = "is it the flash image of this board? build it for a smaller flash, or boot it on another board"
        raise UsageError(f"{source}: has {size} bytes, which is more than {largest} holds; {how}")
    raise UsageError(f"{source}: is made for a flash of {least >> 20}MB, and would not run with {largest}, the largest")


def _declared_in(image: Path, bootloader: int | None) -> int:
    """For how large a flash the bootloader was made; 0 when there is none to be seen."""
    if bootloader is None:
        return 0
    with image.open("rb") as file:
        file.seek(bootloader)
        return declared_flash(file.read(4)) or 0


def _clone(source: Path, target: Path, size: int) -> None:
    """Copy within the kernel, which shares the blocks on file systems that can."""
    if not hasattr(os, "copy_file_range"):
        shutil.copyfile(source, target)
        return
    with source.open("rb") as reading, target.open("wb") as writing:
        left = size
        while left > 0:
            try:
                copied = os.copy_file_range(reading.fileno(), writing.fileno(), left)
            except OSError:  # between two file systems, or of a kind that can't
                shutil.copyfileobj(reading, writing)
                return
            if copied == 0:
                return  # somebody cut it short meanwhile
            left -= copied
