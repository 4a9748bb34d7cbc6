"""The types that attributes and texts of a scenario can have: how each is written, checked and turned into a value.

A `Type` serves four readers at once: the parser (`convert`), the XSD (`pattern`, `choices`), the reference page and the
messages (`doc`).
"""

from __future__ import annotations

import difflib
import math
import re
import shlex
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Type(Generic[T]):
    """A way to write a value. `convert` raises ValueError with a message that begins with the value."""

    name: str
    doc: str
    convert: Callable[[str], T]
    pattern: str = ""  # XSD regular expression of the whole value
    choices: tuple[str, ...] = ()
    bounds: tuple[int, int] | None = None  # of a whole number
    keeps_names: bool = False  # takes the text with ${...} in it: whoever uses the value fills the names in
    # what is filled in for a ${name} with this value, so that it stays data; by the element's attributes as written
    escape: Callable[[str, Mapping[str, str]], str] | None = None
    splits: bool = False  # into words, in which names are filled in afterwards: a value with blanks stays one word


def escape_of(type_: Type[Any], attributes: Mapping[str, str]) -> Callable[[str], str]:
    """How values are written into one of an element's values."""
    escape = type_.escape
    return str if escape is None else lambda value: escape(value, attributes)


def quote(text: str) -> str:
    """A value as messages show it: as it was written, but for control characters, and cut when it is long."""
    return f"'{printable(text if len(text) <= 80 else f'{text[:77]}...')}'"


def printable(text: str) -> str:
    """A text whose control characters, line breaks and the like are escaped."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def compile_pattern(text: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """A regular expression as it stands in a scenario. Raises ValueError; never warns."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # "[[" may become a set operation one day: no business of the user's console
            return re.compile(text, flags)
    except (re.error, OverflowError, RecursionError, MemoryError) as error:
        raise ValueError(f"{quote(text)} is not a regular expression: {error}") from None


def escaped(value: str, _: Mapping[str, str] | None = None) -> str:
    """A text as a regular expression that matches it and nothing else; `re.escape` escapes blanks, too."""
    return re.sub(r"[\\.^$*+?{}\[\]|()\-]", r"\\\g<0>", value)


_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_BYTES = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
_LONGEST = 7 * 24 * 3600.0
_LONGEST_VALUE = 100  # characters: values stand in names

_DURATION = r"[0-9]{1,9}(\.[0-9]{1,6})?(ms|s|min|h)"
_SIZE = r"[0-9]{1,9}(B|KB|MB|GB)"
_NUMBER = r"[+\-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+\-]?[0-9]{1,4})?"
_NAME = r"[A-Za-z_][A-Za-z0-9_.\-]{0,63}"
_TAG = r"[A-Za-z0-9_.:/+\-]{1,64}"
_HEX = r"[ \t\r\n]*([0-9A-Fa-f]{2}[ \t\r\n]*)*"
_PATH = r"\s*[^/\s][\s\S]*"
_INTEGER = r"[+\-]?[0-9]{1,18}"


def _split_unit(text: str) -> tuple[str, str]:
    number = text.rstrip("msinhBKMG")
    return number, text[len(number) :]


@lru_cache(maxsize=256)
def _duration(text: str) -> float:
    if re.fullmatch(_DURATION, text) is None:
        near = next((one for one in (f"{text}s", text.replace(" ", "")) if re.fullmatch(_DURATION, one)), "")
        hint = f"; did you mean '{near}'?" if near else ""
        wanted = "write a number with its unit (ms, s, min, h), as in '500ms' or '2min'"
        raise ValueError(f"{quote(text)} is not a duration: {wanted}{hint}")
    number, unit = _split_unit(text)
    seconds = float(number) * _SECONDS[unit]
    if seconds > _LONGEST:
        raise ValueError(f"{quote(text)} is longer than the longest duration, 168h")
    return seconds


def _size(text: str) -> int:
    if re.fullmatch(_SIZE, text) is None:
        wanted = "write a whole number with its unit (B, KB, MB, GB), as in '4MB'"
        raise ValueError(f"{quote(text)} is not a size: {wanted}")
    number, unit = _split_unit(text)
    return int(number) * _BYTES[unit]


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"{quote(text)} is neither 'true' nor 'false'")
    return text == "true"


def _number(text: str) -> float:
    if re.fullmatch(_NUMBER, text) is None:
        raise ValueError(f"{quote(text)} is not a number: write it as in '100', '-2.5' or '1e6'")
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{quote(text)} is too large for a number")
    return value


def _name(text: str) -> str:
    if re.fullmatch(_NAME, text) is None:
        wanted = "letters, digits, '_', '.', '-', starting with a letter, at most 64 characters"
        raise ValueError(f"{quote(text)} is not a name: {wanted}")
    return text


def _names(text: str) -> tuple[str, ...]:
    return tuple(_name(word) for word in text.split())


def _tags(text: str) -> tuple[str, ...]:
    for word in text.split():
        if re.fullmatch(_TAG, word) is None:
            raise ValueError(f"{quote(word)} is not a tag: letters, digits and '_.:/+-', at most 64 characters")
    return tuple(dict.fromkeys(text.split()))


def _line(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise ValueError(f"{quote(text)} is empty")
    if len(stripped) > 200:
        raise ValueError(f"{quote(stripped)} has {len(stripped)} characters; at most 200 are allowed")
    if not stripped.isprintable():
        raise ValueError(f"{quote(stripped)} has a line break or a control character")
    return stripped


def _path(text: str) -> str:
    if not text.strip() or "\0" in text:
        raise ValueError(f"{quote(text)} is not a path")
    if PurePosixPath(text.strip()).is_absolute():
        raise ValueError(f"{quote(text)} is an absolute path: paths are relative to the scenario's file")
    return text


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ValueError(f"{quote(text)} is not hexadecimal: write two digits a byte, as in '0d 0a'") from None


def _arguments(text: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        problem = str(error).lower()  # "No closing quotation"
        raise ValueError(f"{quote(text)} can't be split into words: {problem}") from None
    if "\0" in text:
        raise ValueError(f"{quote(text)} has a NUL character")
    return words


DURATION = Type(
    name="duration",
    doc="a number with its unit, `ms`, `s`, `min` or `h`: `500ms`, `1.5s`, `2min`",
    convert=_duration,
    pattern=_DURATION,
)
SIZE = Type(
    name="size",
    doc="a whole number with its unit, `B`, `KB`, `MB` or `GB`: `4MB`",
    convert=_size,
    pattern=_SIZE,
)
FLAG = Type(name="flag", doc="`true` or `false`", convert=_flag, choices=("true", "false"))
NUMBER = Type(name="number", doc="a number: `100`, `-2.5`, `1e6`", convert=_number, pattern=_NUMBER)
NAME = Type(
    name="name",
    doc="letters, digits, `_`, `.`, `-`, starting with a letter",
    convert=_name,
    pattern=_NAME,
)
NAMES = Type(name="names", doc="names, separated by blanks", convert=_names, pattern=rf"\s*({_NAME}(\s+{_NAME})*)?\s*")
TAGS = Type(name="tags", doc="words, separated by blanks", convert=_tags, pattern=rf"\s*({_TAG}(\s+{_TAG})*)?\s*")
LINE = Type(name="line", doc="one line of text, at most 200 characters", convert=_line, pattern=r"[\s\S]*\S[\s\S]*")
TEXT: Type[str] = Type(name="text", doc="text", convert=str)
PATTERN = Type(
    name="pattern",
    doc="a regular expression in Python's syntax; the value of a `${name}` in it matches itself",
    convert=compile_pattern,
    escape=escaped,
)
PATH = Type(
    name="path",
    doc="a path, relative to the scenario's own file; it can't leave the checkout",
    convert=_path,
    pattern=_PATH,
)
FILE = Type(
    name="file",
    doc="the path of a file that is there, relative to the scenario's own file; it can't leave the checkout",
    convert=_path,
    pattern=_PATH,
)
HEX = Type(name="hex", doc="bytes as hexadecimal digits: `0d 0a`", convert=_hex, pattern=_HEX)
ARGUMENTS = Type(
    name="arguments",
    doc="words, split as a shell would: `one 'two words'`; a `${name}` in a word stays one word, whatever its value is",
    convert=_arguments,
    splits=True,
)


def _values(text: str) -> tuple[str, ...]:
    words = _arguments(text)
    if not words:
        raise ValueError(f"{quote(text)} has no value")
    seen: set[str] = set()
    for word in words:
        if len(word) > _LONGEST_VALUE:
            raise ValueError(f"{quote(word)} has {len(word)} characters; at most {_LONGEST_VALUE} are allowed")
        if not word.isprintable():
            raise ValueError(f"{quote(word)} has a line break or a control character")
        if word in seen:
            raise ValueError(f"{quote(word)} stands twice")
        seen.add(word)
    return words


VALUES = replace(
    ARGUMENTS,
    name="values",
    doc=f"values, separated by blanks; one with blanks is quoted: `on 'not yet'`; at most {_LONGEST_VALUE} characters "
    "each, none twice",
    convert=_values,
)


def integer(minimum: int, maximum: int) -> Type[int]:
    """A whole number within bounds, both included."""

    def convert(text: str) -> int:
        if re.fullmatch(_INTEGER, text.strip()) is None:
            raise ValueError(f"{quote(text)} is not a whole number")
        if not minimum <= int(text) <= maximum:
            raise ValueError(f"{quote(text)} is not between {minimum} and {maximum}")
        return int(text)

    return Type(
        name="integer", doc=f"a whole number from {minimum} to {maximum}", convert=convert, bounds=(minimum, maximum)
    )


def choice(*choices: str) -> Type[str]:
    """One of some words."""

    def convert(text: str) -> str:
        if text not in choices:
            near = difflib.get_close_matches(text[:80].lower(), choices, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ValueError(f"{quote(text)} is not one of {', '.join(choices)}{hint}")
        return text

    return Type(name="choice", doc=" or ".join(f"`{word}`" for word in choices), convert=convert, choices=choices)
