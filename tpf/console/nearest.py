"""The line that is most like what was wanted: 'did you mean' for a device's output."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from typing import Final

from tpf.console.matching import Wanted

_LEAST: Final = 0.6  # likeness below which a hint would only confuse
_MOST_LINES: Final = 400  # the cost is bounded: the last different lines, and of each only the beginning
_WIDTH: Final = 300
_syntax = re.compile(r"\\[a-zA-Z0-9]|\[[^\]]*\]|\(\?[a-zA-Z:=!<]*|[()^$*+?.|\\]|\{\d*,?\d*\}")


def nearest_line(wanted: Sequence[Wanted], lines: Sequence[str]) -> str | None:
    """The line that is most like one of the wanted texts, if any is much like it."""
    candidates = list(dict.fromkeys(line for line in reversed(lines) if line.strip()))[:_MOST_LINES]
    rated = ((_likeness(_sample(one), line[:_WIDTH]), line) for one in wanted for line in candidates)
    likeness, line = max(rated, key=lambda pair: pair[0], default=(0.0, ""))
    return line if likeness >= _LEAST else None


def _sample(wanted: Wanted) -> str:
    """A text that is like what is wanted; of a regular expression, what is plain text in it."""
    text = wanted.text or wanted.line
    if wanted.pattern is not None:
        text = " ".join(_syntax.sub(" ", wanted.pattern.pattern).split())
    return text.strip()[:_WIDTH].lower()


def _likeness(sample: str, line: str) -> float:
    """How much the sample is like the part of the line that is most like it, from 0 to 1."""
    if len(sample) < 2:
        return 0.0
    line = line.lower()
    matcher = SequenceMatcher(None, line, sample, autojunk=False)
    starts = {max(0, block.a - block.b) for block in matcher.get_matching_blocks() if block.size}
    return max(_ratios(sample, (line[start : start + len(sample)] for start in starts)), default=0.0)


def _ratios(sample: str, parts: Iterable[str]) -> Iterable[float]:
    matcher = SequenceMatcher(None, "", sample, autojunk=False)
    for part in parts:
        matcher.set_seq1(part)
        yield matcher.ratio()
