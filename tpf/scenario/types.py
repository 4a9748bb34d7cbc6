"""The types that attributes and texts of a scenario can have: how each is written, checked and turned into a value.

A `Type` serves four readers at once: the parser (`convert`), the XSD (`pattern`, `choices`), the reference page and the messages (`doc`).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Type(Generic[T]):
    """A way to write a value. `convert` raises ValueError with a message that begins with the value."""

    name: str
    doc: str
    convert: Callable[[str], T]
    pattern: str = ""  # XSD regular expression of the whole value
    choices: tuple[str, ...] = ()


_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_BYTES = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
_LONGEST = 7 * 24 * 3600.0


def _duration(text: str) -> float:
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)(ms|s|min|h)", text.strip())
    if match is None:
        hint = f"; did you mean '{text.strip()}s'?" if re.fullmatch(r"\d+(\.\d+)?", text.strip()) else ""
        raise ValueError(f"{text!r} is not a duration: write a number with its unit (ms, s, min, h), as in '500ms' or '2min'{hint}")
    seconds = float(match[1]) * _SECONDS[match[2]]
    if seconds > _LONGEST:
        raise ValueError(f"{text!r} is longer than the longest duration, 168h")
    return seconds


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d{1,9})(B|KB|MB|GB)", text.strip())
    if match is None:
        hint = f"; did you mean '{text.strip()}B'?" if text.strip().isascii() and text.strip().isdigit() else ""
        raise ValueError(f"{text!r} is not a size: write a whole number with its unit (B, KB, MB, GB), as in '4MB'{hint}")
    return int(match[1]) * _BYTES[match[2]]


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"{text!r} is neither 'true' nor 'false'")
    return text == "true"


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError(f"{text!r} is not a finite number")
    return value


def _name(text: str) -> str:
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", text) is None:
        raise ValueError(f"{text!r} is not a name: letters, digits, '_', '.', '-', starting with a letter, at most 64 characters")
    return text


def _names(text: str) -> tuple[str, ...]:
    return tuple(_name(word) for word in text.split())


def _tags(text: str) -> tuple[str, ...]:
    for word in text.split():
        if re.fullmatch(r"[\w.:/+-]{1,64}", word) is None:
            raise ValueError(f"{word!r} is not a tag: letters, digits and '_.:/+-', at most 64 characters")
    return tuple(text.split())


def _line(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise ValueError("is empty")
    if len(stripped) > 200:
        raise ValueError(f"has {len(stripped)} characters; at most 200 are allowed")
    if any(ord(character) < 32 for character in stripped):
        raise ValueError(f"{stripped!r} has a control character")
    return stripped


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"{text!r} is not a regular expression: {error}") from None


def _path(text: str) -> str:
    path = PurePosixPath(text)
    if not text.strip() or "\0" in text:
        raise ValueError(f"{text!r} is not a path")
    if path.is_absolute():
        raise ValueError(f"{text!r} is an absolute path: paths are relative to the scenario's file")
    return text


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ValueError(f"{text!r} is not hexadecimal: write two digits a byte, as in '0d 0a'") from None


def _arguments(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise ValueError(f"{text!r} can't be split into arguments: {error}") from None


DURATION = Type(
    name="duration",
    doc="a number with its unit, `ms`, `s`, `min` or `h`: `500ms`, `1.5s`, `2min`",
    convert=_duration,
    pattern=r"\d{1,9}(\.\d{1,6})?(ms|s|min|h)",
)
SIZE = Type(name="size", doc="a whole number with its unit, `B`, `KB`, `MB` or `GB`: `4MB`", convert=_size, pattern=r"\d{1,9}(B|KB|MB|GB)")
FLAG = Type(name="flag", doc="`true` or `false`", convert=_flag, choices=("true", "false"))
NUMBER = Type(name="number", doc="a number: `100`, `-2.5`", convert=_number, pattern=r"[+\-]?(\d+(\.\d*)?|\.\d+)([eE][+\-]?\d+)?")
NAME = Type(name="name", doc="letters, digits, `_`, `.`, `-`, starting with a letter", convert=_name, pattern=r"[A-Za-z_][A-Za-z0-9_.\-]{0,63}")
NAMES = Type(name="names", doc="names, separated by blanks", convert=_names)
TAGS = Type(name="tags", doc="words, separated by blanks", convert=_tags)
LINE = Type(name="line", doc="one line of text, at most 200 characters", convert=_line)
TEXT = Type(name="text", doc="text", convert=str)
PATTERN = Type(name="pattern", doc="a regular expression in Python's syntax", convert=_pattern)
PATH = Type(name="path", doc="a path, relative to the scenario's own file; it can't leave the checkout", convert=_path)
HEX = Type(name="hex", doc="bytes as hexadecimal digits: `0d 0a`", convert=_hex, pattern=r"\s*([0-9A-Fa-f]{2}\s*)*")
ARGUMENTS = Type(name="arguments", doc="words, split as a shell would", convert=_arguments)


def integer(minimum: int, maximum: int) -> Type[int]:
    """A whole number within bounds, both included."""

    def convert(text: str) -> int:
        if re.fullmatch(r"[+-]?\d{1,18}", text.strip()) is None:
            raise ValueError(f"{text!r} is not a whole number")
        if not minimum <= int(text) <= maximum:
            raise ValueError(f"{text!r} is not between {minimum} and {maximum}")
        return int(text)

    return Type(name="integer", doc=f"a whole number from {minimum} to {maximum}", convert=convert, pattern=r"\s*[+\-]?\d{1,18}\s*")


def choice(*choices: str) -> Type[str]:
    """One of some words."""

    def convert(text: str) -> str:
        if text not in choices:
            raise ValueError(f"{text!r} is not one of {', '.join(choices)}")
        return text

    return Type(name="choice", doc=" or ".join(f"`{word}`" for word in choices), convert=convert, choices=choices)
