"""Keeps compiled templates beside the compiled modules, as Python does with those: compiling costs 45 ms, each run."""

from __future__ import annotations

import contextlib
import sys
from importlib.util import cache_from_source
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, FileSystemBytecodeCache


def beside_modules() -> Path:
    """The `__pycache__` of this package."""
    return Path(cache_from_source(__file__)).parent


class TemplateCache(FileSystemBytecodeCache):
    """In a folder that only those who may change the program write to: code is loaded from it.

    It may be absent, closed to us, or hold something broken: the template is compiled then.
    """

    def __init__(self, folder: Path) -> None:
        # jinja2 itself tells Python's versions and the templates' texts apart, but not its own versions
        super().__init__(str(folder), f"jinja2-{jinja2.__version__}-%s.cache")

    def load_bytecode(self, bucket: Bucket) -> None:
        try:
            super().load_bytecode(bucket)
        except Exception:  # noqa: BLE001  there is no end to what reading a broken file can raise
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        if not sys.dont_write_bytecode:
            with contextlib.suppress(OSError):
                super().dump_bytecode(bucket)
