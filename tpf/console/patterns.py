"""Searching lines with a regular expression that a person wrote, in bounded time: the lines come from outside."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, Final

SECONDS: Final = 0.25  # of computing for one line; a sound expression takes microseconds
_STEPS: Final = 4_000_000  # about what `re` does in 20 ms
_SAME_FLAGS: Final = (
    re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE
)  # those that have the same number in both packages
_repetition = re.compile(r"[*+]|\{\d*,\d*\}")
_repeated_group = re.compile(r"\)[*+{]")
_choice = re.compile(r"(?<![(*+}])\?|\|")  # not the ? of "(?:" and "*?"


class TooSlow(Exception):
    """A regular expression took too long on a line: it backtracks too much."""

    def __init__(self, pattern: str, line: str) -> None:
        super().__init__(
            f"the regular expression {pattern!r} took more than {SECONDS:g}s on a line of {len(line)} characters; "
            "write it so that two repetitions can't match the same text: '([^ ]+ )*' for '(.+ ?)*'"
        )


class LinePattern:
    """A regular expression to search lines with.

    `re` knows no limit of time. A line of n characters takes it at most n^(r+1) * 2^c steps with r repetitions and
    c choices, and exponentially many with a repeated group. Where that may be too many, the `regex` package is asked,
    which reads the same syntax and has a limit (looking at the clock costs it a microsecond a line).
    """

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self._short = _harmless_length(pattern.pattern)

    @cached_property
    def _search_limited(self) -> Callable[..., Any]:
        import regex  # lazy: 7 ms that most runs don't need

        flags = self._pattern.flags & _SAME_FLAGS | (regex.ASCII if self._pattern.flags & re.ASCII else 0)
        try:
            return partial(regex.compile(self._pattern.pattern, flags).search, timeout=SECONDS)
        except regex.error:  # some curiosity that only `re` takes
            return self._pattern.search

    def search(self, line: str, start: int = 0) -> re.Match[str] | None:
        """As `re.Pattern.search`. Raises TooSlow."""
        if len(line) <= self._short:
            return self._pattern.search(line, start)
        try:
            found: re.Match[str] | None = self._search_limited(line, start)
        except TimeoutError as error:
            raise TooSlow(self._pattern.pattern, line) from error
        return found


def _harmless_length(pattern: str) -> int:
    """How long a line may be that can't take `re` long."""
    if _repeated_group.search(pattern) is not None:
        return 0
    repetitions = len(_repetition.findall(pattern))
    choices = min(len(_choice.findall(pattern)), 30)
    return int((_STEPS / 2**choices) ** (1 / (repetitions + 1)))
