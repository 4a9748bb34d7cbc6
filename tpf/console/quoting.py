"""Texts as messages show them: in quotes, on one line, not too long."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 120
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quote(text: str, longest: int = LONGEST) -> str:
    """The text in double quotes, what isn't printable spelled out, the middle left out when it is long."""
    return f'"{"".join(map(_spell, shorten(text, longest)))}"'


def shorten(text: str, longest: int = LONGEST) -> str:
    """The text with its middle left out when it is longer than `longest`."""
    if len(text) <= longest:
        return text
    head = longest * 2 // 3
    return f"{text[:head]}…{text[len(text) - (longest - head - 1) :]}"


def seconds(value: float) -> str:
    """A duration as one would write it in a scenario: ``500ms``, ``2s``, ``1.5min``."""
    if value < 1:
        return f"{value * 1000:g}ms"
    return f"{value:g}s" if value < 120 else f"{value / 60:g}min"


def _spell(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else character.encode("unicode_escape").decode()
