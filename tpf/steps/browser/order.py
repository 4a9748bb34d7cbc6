"""What the step and the program that drives the browser tell each other, each in a JSON file.

{"script": "/checkout/tests/check_page.py", "url": "http://127.0.0.1:23456/", "values": {"web": "127.0.0.1:23456"}, ...}
{"findings": [{"name": "check_page.py", "end": "failed", "message": "Locator expected to have text 'Hello'", ...}]}
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import msgspec

from tpf.files import write_atomically


class Keep(StrEnum):
    """When a record of what the browser did is kept."""

    FAILURE = "failure"
    ALWAYS = "always"
    NEVER = "never"

    def wanted(self, *, failed: bool) -> bool:
        return self is Keep.ALWAYS or (self is Keep.FAILURE and failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be done."""

    script: str  # absolute
    url: str = ""  # is opened first, when there is one
    values: dict[str, str] = field(default_factory=dict)
    chromium: str  # the browser's program
    artifacts: str  # folder for what is to be kept; made when needed
    deadline: float  # on the clock of `time.monotonic`, the same for all programs: later nobody waits for anything
    trace: Keep = Keep.FAILURE
    video: Keep = Keep.NEVER
    strict: bool = False  # errors of the page are failures
    sandbox: bool = True


class End(StrEnum):
    """How a script, or a test of it, ended."""

    PASSED = "passed"
    FAILED = "failed"  # the page is not as it should be
    TIMEOUT = "timeout"  # it did not become so in time
    BROKEN = "broken"  # the script itself is wrong
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One script, or one test of a pytest file."""

    name: str
    end: End
    seconds: float = 0.0
    message: str = ""  # one line
    details: str = ""
    line: int = 0  # of the script


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What came of it. `lacks` says what this machine lacks, when the browser did not start."""

    findings: tuple[Finding, ...] = ()
    lacks: str = ""


def is_pytest_file(script: str) -> bool:
    """By its name, as pytest does."""
    name = Path(script).name
    return name.startswith("test_") or name.endswith("_test.py")


def write(path: Path, what: Order | Ending) -> None:
    write_atomically(path, msgspec.json.encode(what), durable=False)


def read_order(path: Path) -> Order:
    return msgspec.json.decode(path.read_bytes(), type=Order)


def read_ending(path: Path) -> Ending | None:
    """None when there is none: the program was killed."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Ending)
    except (OSError, ValueError):
        return None
