"""What a flash image is made of, and what can be wrong with that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from msgspec import Struct

from tpf.errors import UsageError
from tpf.machines.base import BuildFacts, FlashFile
from tpf.machines.qemu.chip_image import declared_flash
from tpf.result import Source

_MB: Final = 1 << 20
SIZES: Final = tuple(_MB << shift for shift in range(8))  # 1MB to 128MB: what esptool fills up to


class Parts(Struct, frozen=True, kw_only=True):
    """Files, each with its place in the flash. Texts are "" and sizes None where nobody said."""

    source: Source  # the scenario's place that asks for them
    files: tuple[FlashFile, ...]
    target: str = ""
    flash_size: int | None = None  # bytes
    environment: tuple[tuple[str, str], ...] = ()  # of the activated ESP-IDF, whose esptool is taken then


def parts_of_build(facts: BuildFacts, source: Source) -> Parts:
    """Those that a build folder tells of."""
    return Parts(
        source=source,
        files=facts.files,
        target=facts.target,
        flash_size=facts.flash_size,
        environment=facts.environment,
    )


class Placed(NamedTuple):
    """A part as it is on the disk now."""

    offset: int
    path: Path
    size: int
    mtime: int  # nanoseconds

    @property
    def end(self) -> int:
        return self.offset + self.size

    def __str__(self) -> str:
        return f"{self.path} (at {self.offset:#x}, {self.size} bytes)"


class Layout(NamedTuple):
    """A flash image to be made: parts in order that fit, and the size to fill up to."""

    placed: tuple[Placed, ...]
    size: int

    @property
    def name(self) -> str:
        """Of the image's file: the first half stands for which files there are, the second for what is in them."""
        which = [(part.offset, str(part.path)) for part in self.placed]
        what = [(part.size, part.mtime) for part in self.placed]
        return f"flash-{_digest(which)}-{_digest((what, self.size))}.bin"

    @property
    def siblings(self) -> str:
        """A pattern for the names of images made of the same files at other times."""
        return f"{self.name.rpartition('-')[0]}-*.bin"


def layout_of(parts: Parts) -> Layout:
    """Look at the files. Raises UsageError that names the scenario's place and what is wrong with the parts."""
    if not parts.files:
        raise UsageError(f"{parts.source}: a flash image of no files: name at least the bootloader or the application")
    placed = tuple(sorted(_placed(part, parts.source) for part in parts.files))
    problem = next(_problems(placed), None)
    if problem is not None:
        raise UsageError(f"{parts.source}: {problem}")
    return Layout(placed, _size(placed, parts))


def _placed(part: FlashFile, source: Source) -> Placed:
    try:
        state = part.path.stat()
    except OSError as error:
        reason = f"{error.strerror}: build the firmware first, or take all files of the build folder along"
        raise UsageError(f"{source}: {part.path}, the part of the flash image at {part.offset:#x}: {reason}") from None
    if not part.path.is_file():
        raise UsageError(f"{source}: {part.path}, the part of the flash image at {part.offset:#x}, is no file")
    return Placed(part.offset, part.path, state.st_size, state.st_mtime_ns)


def _problems(placed: tuple[Placed, ...]) -> Iterator[str]:
    for part in placed:
        if part.size == 0:
            yield f"{part.path}, the part of the flash image at {part.offset:#x}, is empty"
    for first, second in pairwise(placed):
        if second.offset < first.end:
            over = f"{first} reaches {first.end - second.offset} bytes into {second}"
            yield f"parts of the flash image overlap: {over}; mend an offset, or the partition table"


def _size(placed: tuple[Placed, ...], parts: Parts) -> int:
    """The size of the flash: what the build says, else what the bootloader was made for, else the smallest."""
    last = max(placed, key=lambda part: part.end)
    size = parts.flash_size or max(map(_declared, placed), default=0)
    if size and last.end > size:
        room = f"which ends at {last.end:#x}, while a flash of {size // _MB}MB ends at {size:#x}"
        raise UsageError(f"{parts.source}: no room in the flash for {last}, {room}; is its size right in sdkconfig?")
    size = size or next((size for size in SIZES if last.end <= size), 0)
    if size not in SIZES:
        raise UsageError(f"{parts.source}: there is no flash of {size or last.end} bytes: the largest has 128MB")
    return size


def _declared(part: Placed) -> int:
    with part.path.open("rb") as file:
        return declared_flash(file.read(4)) or 0


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:12]
