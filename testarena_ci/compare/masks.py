"""What of a line differs from run to run without meaning anything, masked: times, addresses, counters. Pure."""

from __future__ import annotations

import re
from typing import Final

# In this order: a time of day has numbers in it, and the time of an ESP_LOG line stands in parentheses. First a
# character that the line must have: most have it not, and looking for it costs a tenth of looking for the pattern
_STEADY: Final = (
    ("(", re.compile(r"(?<=^[EWIDV] )\( *\d+\)"), "(<time>)"),  # ESP_LOG: I (322) main: ...
    ("(", re.compile(r"(?<=^[EWIDV] )\(\d\d:\d\d:\d\d\.\d+\)"), "(<time>)"),  # with the system's time
    ("[", re.compile(r"^\[ *\d+\.\d+\]"), "[<time>]"),  # dmesg, Zephyr
    (":", re.compile(r"\b[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}\b"), "<mac>"),
    ("-", re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?"), "<time>"),
    (":", re.compile(r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b"), "<time>"),
    ("0", re.compile(r"\b0[xX][0-9a-fA-F]{4,}\b"), "<address>"),
    ("", re.compile(r"\b(?=[0-9a-f]{8})(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{8,}\b"), "<hash>"),
    ("", re.compile(r"(?i)(\b(?:[pt]id|seq|count|counter|ticks?|uptime|run|boot)\b *[:=#]? *|#)\d+\b"), r"\1<count>"),
    ("", re.compile(r"\b\d+(?:\.\d+)? ?(?:[nuµm]?s|sec|seconds)\b"), "<time>"),
)
_NUMBER: Final = re.compile(r"(?<![A-Za-z_0-9])\d+(?:\.\d+)?")  # not the 32 of esp32
_DIGIT: Final = re.compile(r"\d")
_LONGEST: Final = 2000  # characters of a line that are looked at


def steady(text: str) -> str:
    """The text without what is another in each run; plain numbers stay."""
    text = text[:_LONGEST]
    if _DIGIT.search(text) is None:
        return text.rstrip()
    for needed, pattern, word in _STEADY:
        if needed in text:
            text = pattern.sub(word, text)
    return text.rstrip()


def shape(masked: str) -> str:
    """What `steady` made, without its numbers either: lines of one shape stand beside each other."""
    return _NUMBER.sub("<number>", masked)
