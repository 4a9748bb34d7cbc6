"""Pieces of a console as messages show them: numbered, head and tail of what is long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tpf.console.quoting import shorten

HEAD: Final = 15
TAIL: Final = 45
_WIDTH: Final = 240  # characters of a line


def excerpt(lines: Sequence[str], first: int, *, head: int = HEAD, tail: int = TAIL) -> str:
    """Lines with their numbers, the middle left out when they are many; `first` is the number of the first."""
    if len(lines) <= head + tail:
        return _numbered(lines, first)
    hidden = len(lines) - head - tail
    return "\n".join(
        (
            _numbered(lines[:head], first),
            f"        … {hidden} lines left out",
            _numbered(lines[-tail:], first + head + hidden),
        )
    )


def _numbered(lines: Sequence[str], first: int) -> str:
    return "\n".join(f"{number:7} | {shorten(line, _WIDTH)}".rstrip() for number, line in enumerate(lines, first))
