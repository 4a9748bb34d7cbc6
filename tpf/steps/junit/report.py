"""JUnit files as other tools write them, in all their dialects.

<testsuites>
  <testsuite name="parser">
    <testcase classname="parser.numbers" name="reads hex" time="0.012" file="tests/numbers.c" line="40">
      <failure message="expected 255, was 0" type="assert">...details...</failure>
      <system-out>...</system-out>
    </testcase>
  </testsuite>
</testsuites>

The file is untrusted: no DTD, no entities but XML's own, nothing from outside, bounds on size, depth and count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final
from xml.parsers import expat

LARGEST: Final = 64 << 20  # bytes of a file
DEEPEST: Final = 64  # elements inside one another
MOST: Final = 20_000  # tests of a file
_LONGEST: Final = 8 << 10  # characters of a text that are kept: its head
_ROOTS: Final = ("testsuites", "testsuite")
_NOT_RUN: Final = ("notrun", "disabled", "skipped", "suppressed", "ignored")  # GoogleTest, CTest and others


class End(Enum):
    """How a test ended."""

    PASSED = auto()
    FAILED = auto()
    ERROR = auto()
    SKIPPED = auto()


_ENDS: Final = {"failure": End.FAILED, "error": End.ERROR, "skipped": End.SKIPPED}
_OUTPUTS: Final = ("system-out", "system-err")


@dataclass(slots=True, kw_only=True)
class FoundTest:
    """One test case."""

    name: str
    group: str = ""  # its class, fixture or module
    seconds: float = 0.0
    file: str = ""
    line: int = 0
    end: End = End.PASSED
    message: str = ""
    details: str = ""
    output: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The tests of a file, up to where it stops making sense; `problem` says where and why that is."""

    tests: tuple[FoundTest, ...]
    problem: str = ""


def read(data: bytes) -> Report:
    """The tests of a file. Never raises: a file that is no JUnit file is a problem."""
    if len(data) > LARGEST:
        return Report(tests=(), problem=f"it is larger than {LARGEST >> 20} MiB")
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except _Refused as refused:
        return Report(tests=tuple(reader.tests), problem=str(refused))
    except expat.ExpatError as error:
        problem = f"line {error.lineno}: it is not well-formed XML: {expat.ErrorString(error.code)}"
        return Report(tests=tuple(reader.tests), problem=problem)
    except (ValueError, LookupError) as error:
        return Report(tests=(), problem=f"its encoding can't be read: {error}")
    return Report(tests=tuple(reader.tests))


class _Refused(Exception):
    """The file is well-formed, but not to be read any further."""


@dataclass(slots=True)
class _Text:
    """A text as it comes, the head of which is kept."""

    pieces: list[str] = field(default_factory=list)
    length: int = 0

    def add(self, text: str) -> None:
        if self.length < _LONGEST:
            self.pieces.append(text[: _LONGEST - self.length])
        self.length += len(text)

    def __str__(self) -> str:
        more = self.length - _LONGEST
        return "".join(self.pieces).strip() + (f"\n... {more} characters more" if more > 0 else "")


class _Reader:
    """Makes tests of expat's events."""

    def __init__(self) -> None:
        self.tests: list[FoundTest] = []
        self._open: list[str] = []
        self._test: FoundTest | None = None
        self._text: _Text | None = None
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters

    def _doctype(self, *_: object) -> None:
        raise _Refused(self._at("a document type and entities of one's own are not allowed"))

    def _at(self, text: str) -> str:
        return f"line {self.parser.CurrentLineNumber}: {text}"

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if not self._open and tag not in _ROOTS:
            raise _Refused(
                f"it is no JUnit file: its root element is <{tag[:80]}>, and not <testsuites> or <testsuite>"
            )
        self._open.append(tag)
        if len(self._open) > DEEPEST:
            raise _Refused(self._at(f"elements are nested deeper than {DEEPEST} levels"))
        if tag == "testcase":
            if len(self.tests) >= MOST:
                raise _Refused(self._at(f"there are more than {MOST} tests"))
            self._test = _test(attributes)
        elif self._test is not None and self._open[-2] == "testcase" and tag in (*_ENDS, *_OUTPUTS):
            self._text = _Text()
            if tag in _ENDS:
                _take_end(self._test, _ENDS[tag], attributes)

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.add(text)

    def _end(self, _: str) -> None:
        tag = self._open.pop()
        if self._test is None:
            return
        if tag == "testcase":
            self.tests.append(self._test)
            self._test = None
        elif self._text is not None and self._open[-1] == "testcase":
            text, self._text = str(self._text), None
            if tag in _OUTPUTS:
                self._test.output = "\n".join(filter(None, (self._test.output, text)))
            else:
                self._test.details = "\n".join(filter(None, (self._test.details, text)))


def _test(attributes: dict[str, str]) -> FoundTest:
    left_out = [attributes[name] for name in ("status", "result") if attributes.get(name, "").lower() in _NOT_RUN]
    return FoundTest(
        name=attributes.get("name", ""),
        group=attributes.get("classname", ""),
        seconds=_number(attributes.get("time", "")),
        file=attributes.get("file", ""),
        line=int(_number(attributes.get("line", ""))),
        end=End.SKIPPED if left_out else End.PASSED,
        message=left_out[0] if left_out else "",
    )


def _take_end(test: FoundTest, end: End, attributes: dict[str, str]) -> None:
    """The gravest of several ends counts, and the first message of such."""
    if end is End.SKIPPED and test.end in (End.FAILED, End.ERROR):
        return
    if test.end in (End.PASSED, End.SKIPPED):
        test.end = end
        test.message = (attributes.get("message") or attributes.get("type") or "")[:_LONGEST]


def _number(text: str) -> float:
    """A number, with commas between its thousands as Maven writes it; 0 for what is none."""
    try:
        number = float(text.replace(",", "")[:30])
    except ValueError:
        return 0.0
    return number if math.isfinite(number) and 0 <= number < 1e9 else 0.0
