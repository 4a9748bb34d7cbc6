"""Keeps what a machine's images held, packed, in the report."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path


def pack(image: Path, folder: Path, prefix: str, boot: int) -> Path:
    """Pack an image into a folder, under its name: ``flash.bin.gz``, ``node-flash-boot2.bin.gz``."""
    which = f"-boot{boot}" if boot > 1 else ""
    packed = folder / f"{prefix}{image.stem}{which}{image.suffix}.gz"
    folder.mkdir(parents=True, exist_ok=True)
    part = packed.with_name(f".{packed.name}.part")
    with image.open("rb") as reading, gzip.open(part, "wb", compresslevel=3) as writing:
        shutil.copyfileobj(reading, writing, 1 << 20)
    part.replace(packed)
    return packed
