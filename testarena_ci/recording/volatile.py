"""What of a line will be the same in the next run, and what not: numbers become patterns. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

LONGEST: Final = 160  # characters of a line that are expected

_VOLATILE: Final = re.compile(
    r"(?P<mac>\b[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}\b)"
    r"|(?P<hex>\b0[xX][0-9a-fA-F]+)"
    r"|(?P<hash>\b(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b)"
    r"|(?P<number>(?<![A-Za-z_0-9])[0-9]+)"  # not the 32 of esp32
)
_PATTERNS: Final = {
    "mac": "(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}",
    "hex": "0[xX][0-9a-fA-F]+",
    "hash": "[0-9a-f]{8,}",
    "number": r"\d+",
}
_SPECIAL: Final = re.compile(r"[\\.^$*+?{}\[\]|()]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What to wait for, and how to compare: the text and the `match` of an <expect>."""

    text: str
    match: Literal["contains", "exact", "regex"] = "contains"


def expected(line: str, *, typed: str = "", echoed: bool = False) -> Expected:
    """A line as the next run will show it. Numbers that were typed are the user's own, and stay.

    Where the device echoes what is `typed`, the echo must not be taken for the answer: then the whole line must match.
    """
    line = _writable(line)
    line = line[:LONGEST].rstrip() if len(line) > LONGEST else line
    own = {found[0] for found in _VOLATILE.finditer(typed)}
    pieces = list(_pieces(line, own))
    if not any(pattern for _, pattern in pieces):
        whole = echoed and line in typed and len(line) < LONGEST
        return Expected(text=_without_names(line), match="exact" if whole else "contains")
    text = "".join(pattern or _literal(literal) for literal, pattern in pieces).strip()
    if echoed and re.search(text, typed):
        text = f"^{text}$" if len(line) < LONGEST else f"^{text}"
    return Expected(text=_without_names(text), match="regex")


def _writable(line: str) -> str:
    """The longest part that can stand in XML, and be read there."""
    if line.isprintable():
        return line
    parts = "".join(char if char.isprintable() else "\n" for char in line).split("\n")
    return max(parts, key=lambda part: len(part.strip()))


def _pieces(line: str, own: set[str]) -> list[tuple[str, str]]:
    """The line in pieces: what stays, and the pattern for what doesn't ("" for what stays)."""
    found: list[tuple[str, str]] = []
    at = 0
    for volatile in _VOLATILE.finditer(line):
        if volatile[0] not in own:
            found += [(line[at : volatile.start()], ""), (volatile[0], _PATTERNS[volatile.lastgroup or "number"])]
            at = volatile.end()
    return [*found, (line[at:], "")]


def _literal(text: str) -> str:
    return _SPECIAL.sub(lambda special: f"\\{special[0]}", text)


def _without_names(text: str) -> str:
    """`${` as a scenario writes the characters themselves."""
    return text.replace("${", "$${")
