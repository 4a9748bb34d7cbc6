"""Merges flash images, each once: what has not changed since is taken from the cache."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from tpf.errors import EnvironmentLacks, UsageError
from tpf.files import keep_out_of_git
from tpf.firmware.images.esptool import merge, merge_argv
from tpf.firmware.images.parts import Layout, Parts, layout_of
from tpf.machines.esptool import esptool_of, major_version
from tpf.machines.python_tools import Python
from tpf.process import Processes

_KEEP: Final = 24 * 3600.0  # seconds that an image nobody has used is kept: another run may still be reading it

_MAKING: Final = ".making-"


class FlashImages:
    """The flash images of one run; `cache` is the folder where they stay for the next ones."""

    def __init__(self, processes: Processes, *, cache: Path) -> None:
        self._processes = processes
        self._cache = cache
        self._versions: dict[Python, int] = {}
        self._merging = asyncio.Lock()

    async def flash_image(self, parts: Parts) -> Path:
        """The file that holds all parts, filled up to the size of the flash with 0xFF.

        An image whose parts have the sizes and times that they had before is there already: then no program is
        started. Raises UsageError for parts that are missing, overlap or don't fit, EnvironmentLacks without esptool.
        """
        layout = layout_of(parts)
        image = self._cache / layout.name
        async with self._merging:
            if _there(image, layout.size):
                with suppress(OSError):  # of somebody else, perhaps; the time only tells that it is in use
                    os.utime(image)
                return image
            try:
                await self._merge(layout, parts, image)
            except OSError as error:
                where = f"flash images are kept in {self._cache}, and that can't be written: {error.strerror}"
                raise EnvironmentLacks(f"{where}; give this user the folder, and room on its disk") from error
        _forget_old(image, layout)
        return image

    async def _merge(self, layout: Layout, parts: Parts, image: Path) -> None:
        if not parts.target:
            raise UsageError(f"{parts.source}: say for which chip the flash image is: <scenario target=...>")
        tool = esptool_of(parts.environment, "merging a flash image of several files")
        if tool not in self._versions:
            self._versions[tool] = await major_version(tool, self._processes)
        self._cache.mkdir(parents=True, exist_ok=True)
        keep_out_of_git(self._cache)
        with tempfile.TemporaryDirectory(dir=self._cache, prefix=_MAKING) as folder:
            made = Path(folder) / "flash.bin"
            argv = merge_argv(self._versions[tool], tool.program, parts.target, layout, made)
            await merge(tool, argv, self._processes)
            made.replace(image)


def _there(image: Path, size: int) -> bool:
    try:
        return image.stat().st_size == size
    except OSError:
        return False


def _forget_old(image: Path, layout: Layout) -> None:
    """Remove images of the same files that nobody has used for long, and what runs that were killed have left."""
    oldest = time.time() - _KEEP
    for other in image.parent.glob(layout.siblings):
        with suppress(OSError):  # another run was faster
            if other != image and other.stat().st_mtime < oldest:
                other.unlink()
    for making in image.parent.glob(f"{_MAKING}*"):
        with suppress(OSError):
            if making.stat().st_mtime < oldest:
                shutil.rmtree(making, ignore_errors=True)
