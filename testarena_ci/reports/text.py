"""Texts for people: numbers in words, and what comes from outside made harmless to look at."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

_ANSI = re.compile(
    r"\x1b\[[0-?]*[ -/]*(?:[@-~]|\Z)"  # CSI: colours, cursor; also one that the end of the line cut off
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC: titles, links
    r"|\x1b[ -/]*[0-~]"  # the short ones
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
_ILLEGAL_IN_XML = re.compile("[^\t\n\r\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
# Controls, marks that reorder what stands beside them, line separators, lone surrogates, tags
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_WORDS = re.compile(r"[^\W_]+")


def strip_ansi(text: str) -> str:
    """The text without terminal escape sequences."""
    return _ANSI.sub("", text) if "\x1b" in text or "\x9b" in text else text


def legal_xml(text: str) -> str:
    """The text without escape sequences and without characters that XML 1.0 doesn't allow (or discourages)."""
    return text if text.isprintable() else _ILLEGAL_IN_XML.sub("", strip_ansi(text))


def visible(text: str) -> str:
    r"""The text with what can't be seen, or what reorders text, written as `\x00` or `\u202e`; tab and newline stay."""
    return text if text.isprintable() else _INVISIBLE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def plain(text: str) -> str:
    """A text from outside, fit for a page: no escape sequences, nothing invisible."""
    return visible(strip_ansi(text))


def one_line(text: str, limit: int = 500) -> str:
    """The text as one line of at most `limit` characters, an ellipsis where it was cut."""
    if len(text) <= limit and text.isprintable():  # nearly all are
        return " ".join(text.split())
    line = visible(" ".join(strip_ansi(text[: 20 * limit]).split()))
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def clipped(text: str, limit: int) -> str:
    """Head and tail of a text longer than `limit` characters, with a line between that says how much is left out."""
    if len(text) <= limit:
        return text
    head, tail = text[: limit // 2], text[-(limit // 2) :]
    return f"{head}\n[... {len(text) - len(head) - len(tail)} characters left out ...]\n{tail}"


def count(number: int, noun: str) -> str:
    """`1 case`, `1 234 cases`."""
    return f"{grouped(number)} {noun}{'' if number == 1 else 's'}"


def grouped(number: int) -> str:
    """`1 234 567`."""
    return f"{number:,}".replace(",", "\u202f")


def duration(seconds: float) -> str:
    """`0 ms`, `340 ms`, `5.02 s`, `41.3 s`, `2 min 05 s`, `1 h 02 min`."""
    if round(seconds * 1000) < 1000:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"


def number(value: float) -> str:
    """A measured number as one would write it: `150000`, `0.25`."""
    return f"{value:.0f}" if value == value // 1 and abs(value) < 1e15 else f"{value:.6g}"


def moment(started: str, offset: float = 0.0) -> datetime | None:
    """The time of day `offset` seconds after an ISO 8601 text, in UTC; None when it is no such text."""
    try:
        time = datetime.fromisoformat(started)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC) + timedelta(seconds=offset)
    except (ValueError, OverflowError):
        return None


def slug(text: str, limit: int = 80) -> str:
    """The text as a part of an address: letters and digits of any script, the rest as single hyphens."""
    words = "-".join(_WORDS.findall(unicodedata.normalize("NFKC", text[: 8 * limit]).lower()))
    return words[:limit].rstrip("-") or "case"
