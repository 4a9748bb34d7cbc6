"""A person's terminal in raw mode, and back as it was."""

from __future__ import annotations

import os
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

_INPUT: Final = 0
_LOCAL: Final = 3
_CHARACTERS: Final = 6


@contextmanager
def raw(fd: int) -> Iterator[None]:
    """Each key comes at once, and none of them is a signal; output is as ever. However this ends, all is put back."""
    saved = termios.tcgetattr(fd)
    try:
        termios.tcsetattr(fd, termios.TCSADRAIN, _raw(saved))
        yield
    finally:
        with suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(fd, termios.TCSADRAIN, saved)


def _raw(attributes: list[Any]) -> list[Any]:
    made = list(attributes)
    made[_INPUT] &= ~(termios.IXON | termios.ICRNL | termios.INLCR | termios.IGNCR | termios.BRKINT)
    made[_LOCAL] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
    made[_CHARACTERS] = list(made[_CHARACTERS])
    made[_CHARACTERS][termios.VMIN], made[_CHARACTERS][termios.VTIME] = 1, 0
    return made


def is_terminal(fd: int) -> bool:
    """Whether a person may be there."""
    try:
        return os.isatty(fd)
    except OSError:
        return False
