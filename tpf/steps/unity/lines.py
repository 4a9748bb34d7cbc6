r"""What Unity writes, taken apart: results, summaries, prompts; also where lines run together or are torn.

    Running fails on purpose...
    ./main/main.c:12:fails on purpose:FAIL: Expected 5 Was 4. Function [math][fail]. two and two
    TEST(math, adds) PASS
    TEST(math, fails)./main/main.c:20::FAIL: Expected 5 Was 4
    Test ran in 12ms
    -----------------------
    5 Tests 2 Failures 1 Ignored

The texts are those of Unity 2.4 to 2.6, its fixtures, and ESP-IDF's components/unity/unity_runner.c. All pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from tpf.console import ALL_GUARDS
from tpf.result import FailureKind


class End(Enum):
    """How a test ended."""

    PASSED = "PASS"
    FAILED = "FAIL"
    IGNORED = "IGNORE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A test has a result."""

    name: str
    end: End
    file: str = ""
    line: int = 0
    message: str = ""
    seconds: float | None = None  # when Unity tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A run is over."""

    tests: int
    failures: int
    ignored: int

    def __str__(self) -> str:
        return f"{self.tests} tests, {self.failures} failures, {self.ignored} ignored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A test begins."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """How long the test that was asked for took, with all around it."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of a test that one may choose now."""

    number: int
    name: str


class Word(Enum):
    """What is told by a mere text."""

    PROMPT = "Press ENTER to see the list of tests"  # right after a start
    MENU_END = "Enter test for running."
    READY = "Enter next test, or 'enter' to see menu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """The boot loader speaks."""

    banner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """A panic; its text when it is known: the first line says it all."""

    text: str = ""


Happening = Result | Summary | Began | Took | Stage | Word | Restart | Crash

_LONGEST: Final = 4096  # characters of a line that are looked at: patterns for names take their time
_END: Final = "PASS|FAIL|IGNORE"
_PANICS: Final = "|".join(guard.pattern for guard in ALL_GUARDS if guard.kind is FailureKind.PANIC)
_WORDS: Final = "|".join(re.escape(word.value) for word in Word)
# what follows a message that lacks its line end
_AFTER: Final = re.compile(rf"Test ran in \d+ms|-{{10,}}|Running \S.*\.\.\.\s*\Z|{_WORDS}|rst:0x[0-9a-fA-F]|{_PANICS}")
_FILE: Final = r"(?:\b[A-Za-z]:(?=[\\/]))?[^:\n]*"
_RESULT: Final = re.compile(
    rf"(?:(?P<group>TEST\([^()\n]*\)))?(?P<file>{_FILE}):(?P<line>\d+):"
    rf"(?P<name>.*?):(?P<end>{_END})(?P<rest>\Z|:.*|\s*\(\d+(?:\.\d+)?\s*ms\).*|(?=Test ran|-{{10}}|Running ).*)"
)
_FIXTURE: Final = re.compile(
    r"(?P<group>(?P<ignored>IGNORE_)?TEST\([^()\n]*\))(?:\s+(?P<end>PASS)|(?(ignored)|(?!)))(?P<rest>.*)"
)
_BARE: Final = re.compile(
    r"\A (?P<group>)(?P<end>PASS)(?P<rest>\Z| \(\d.*)"
)  # of a fixture's test that has said something
_OTHERS: Final = re.compile(
    r"(?P<tests>\d+) Tests (?P<failures>\d+) Failures (?P<ignored>\d+) Ignored"
    r"|Running (?!tests (?:NOT )?matching ')(?P<began>\S.*)\.\.\.\s*\Z"
    r"|^TEST\((?P<fixture>[^()\n]*)\)"
    r"|Test ran in (?P<ms>\d+)ms"
    r'|(?:^|\s)\((?P<stage>\d+)\)\t"(?P<stage_name>.*)"'
    rf"|(?P<word>{_WORDS})"
    r"|(?P<banner>rst:0x[0-9a-fA-F]{1,2} \(\w.*)"
    rf"|(?P<panic>{_PANICS})"
)
_TIME: Final = re.compile(r"\s*\((\d+(?:\.\d+)?)\s*ms\)")
# a cheap look at a line that finds all that any of these could find
INTERESTING: Final = re.compile(
    rf":(?:{_END})|^ PASS|TEST\(|\d Tests \d|Running \S|Test ran in \d|^\t\(\d|{_WORDS}|rst:0x[0-9a-fA-F]|{_PANICS}"
)


def happenings(line: str, running: str = "") -> Iterator[Happening]:
    """What a line tells, in order; `running` is the test that runs, whose name may have anything in it."""
    text = line[:_LONGEST]
    result = _named(text, running) or _RESULT.search(text) or _FIXTURE.search(text) or _BARE.search(text)
    if result is None:
        yield from _others(text)
        return
    yield from _others(text[: result.start()])
    rest = result["rest"]
    after = _AFTER.search(rest)
    cut = after.start() if after is not None else len(rest)
    yield _result(result, rest[:cut], running)
    yield from happenings(rest[cut:])


def _named(text: str, running: str) -> re.Match[str] | None:
    """The result of a test whose name is known: more certain than any pattern for names."""
    if not running:
        return None
    wanted = rf"(?P<group>)(?P<file>{_FILE}):(?P<line>\d+):(?P<name>{re.escape(running)}):(?P<end>{_END})"
    return re.search(rf"{wanted}(?P<rest>.*)", text)


def _result(found: re.Match[str], rest: str, running: str) -> Result:
    parts = found.groupdict()
    time = _TIME.match(rest)
    if time is not None:
        rest = rest[time.end() :]
    group = (parts["group"] or "").removeprefix("IGNORE_").removeprefix("TEST(").removesuffix(")")
    return Result(
        name=parts.get("name") or _in_fixture(group) or running or "(no name)",
        end=End(parts["end"] or "IGNORE"),
        file=(parts.get("file") or "").rpartition("> ")[2].strip(),
        line=int(parts.get("line") or 0),
        message=rest.removeprefix(":").strip(),
        seconds=float(time[1]) / 1000 if time is not None else None,
    )


def _in_fixture(names: str) -> str:
    """``math.adds`` of ``math, adds``."""
    return ".".join(word.strip() for word in names.split(","))


def _others(text: str) -> Iterator[Happening]:
    for found in _OTHERS.finditer(text):
        match found.lastgroup:
            case "ignored":
                counts = (int(found[name]) for name in ("tests", "failures", "ignored"))
                yield Summary(**dict(zip(("tests", "failures", "ignored"), counts, strict=True)))
            case "began":
                yield Began(name=found["began"])
            case "fixture":
                yield Began(name=_in_fixture(found["fixture"]))
            case "ms":
                yield Took(seconds=int(found["ms"]) / 1000)
            case "stage_name":
                yield Stage(number=int(found["stage"]), name=found["stage_name"])
            case "word":
                yield Word(found["word"])
            case "banner":
                yield Restart(banner=found["banner"].rstrip())
            case _:
                yield Crash()
