"""The sizes of a firmware in words: ``image 166 KB of 1 MB (16%), DIRAM 63.2 KB of 314 KB (20%)``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from testarena_ci.reports.text import one_line
from tpf.result import FirmwareSize

_UNITS: Final = ((1 << 20, "MB"), (1 << 10, "KB"))
_MOST: Final = 8
_LONGEST: Final = 40  # characters of a name


def size_words(sizes: Iterable[FirmwareSize]) -> str:
    """The application's image first; "" when nothing is known."""
    ordered = sorted(sizes, key=lambda size: size.name != "image")
    return ", ".join(_words(size) for size in ordered[:_MOST])


def _words(size: FirmwareSize) -> str:
    name = one_line(size.name, _LONGEST)
    if not size.total:
        return f"{name} {byte_words(size.used)}"
    return f"{name} {byte_words(size.used)} of {byte_words(size.total)} ({round(100 * size.used / size.total)}%)"


def byte_words(number: int) -> str:
    """``63.2 KB``, ``1 MB``, ``17 B``"""
    for unit, word in _UNITS:
        if number >= unit:
            value = number / unit
            return f"{value:.0f} {word}" if value >= 100 or number % unit == 0 else f"{value:.1f} {word}"
    return f"{number} B"
