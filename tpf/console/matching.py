"""What a step waits for in a console's text, and how it is found incrementally: each byte is looked at once."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A text to wait for; exactly one of the three."""

    text: str = ""  # contained anywhere, also over line ends
    line: str = ""  # a whole line
    pattern: re.Pattern[str] | None = None  # searched in each line
    count: int = 1  # how often it must come, not overlapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where a wanted text was found (the last one, when several were wanted)."""

    wanted: Wanted
    text: str  # what matched
    groups: tuple[str, ...]  # of the regular expression; "" for a group that took no part
    line: str  # the whole line in which the match ends, as far as it is known
    number: int  # that line's number
