"""Searching lines with a regular expression that a person wrote, in bounded time: the lines come from outside."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, Final

SECONDS: Final = 0.25  # of computing for one line; a sound expression takes microseconds
_LONG_LINE: Final = 2048  # characters; beyond, even one repetition may cost the square of that
_SAME_FLAGS: Final = (
    re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE
)  # those that have the same number in both packages
_repetition = re.compile(r"[*+]|\{\d*,\d*\}")


class TooSlow(Exception):
    """A regular expression took too long on a line: it backtracks too much."""

    def __init__(self, pattern: str, line: str) -> None:
        super().__init__(
            f"the regular expression {pattern!r} took more than {SECONDS:g}s on a line of {len(line)} characters; "
            "write it so that two repetitions can't match the same text: '([^ ]+ )*' for '(.+ ?)*'"
        )


class LinePattern:
    """A regular expression to search lines with.

    With at most one repetition it can't take long on a short line, and goes the fast way. `re` knows no limit of
    time for the others;
    the `regex` package reads the same syntax and does (looking at the clock costs a microsecond a line).
    """

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self._may_be_slow = len(_repetition.findall(pattern.pattern)) > 1

    @cached_property
    def _limited(self) -> Any:
        import regex  # lazy: 7 ms that most runs don't need

        flags = self._pattern.flags & _SAME_FLAGS | (regex.ASCII if self._pattern.flags & re.ASCII else 0)
        return regex.compile(self._pattern.pattern, flags)

    def search(self, line: str, start: int = 0) -> re.Match[str] | None:
        """As `re.Pattern.search`. Raises TooSlow."""
        if len(line) <= _LONG_LINE and not self._may_be_slow:
            return self._pattern.search(line, start)
        try:
            found: re.Match[str] | None = self._limited.search(line, start, timeout=SECONDS)
        except TimeoutError as error:
            raise TooSlow(self._pattern.pattern, line) from error
        return found
