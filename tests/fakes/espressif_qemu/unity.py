"""ESP-IDF's Unity menu: what it says, and which tests an answer stands for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tests.fakes.espressif_qemu.panics import KINDS
from tests.fakes.espressif_qemu.program import UnityTest

GREETING = "\n\nPress ENTER to see the list of tests.\n"
NEXT = "Enter next test, or 'enter' to see menu\n"


def menu(tests: Sequence[UnityTest]) -> str:
    """The list."""
    entries = "".join(f'({number})\t"{test.name}" {test.tags}\n' for number, test in enumerate(tests, 1))
    return f"\n\nHere's the test menu, pick your combo:\n{entries}\nEnter test for running.\n"


def chosen(tests: Sequence[UnityTest], line: str) -> list[UnityTest]:
    """By number, name, tag, or all."""
    line = line.strip()
    if line in ("*", "-"):
        return list(tests) if line == "*" else list(reversed(tests))
    if line.isdecimal():
        return list(tests[int(line) - 1 : int(line)])
    if match := re.fullmatch(r'"(.*)"', line):
        return [test for test in tests if test.name == match[1]]
    if match := re.fullmatch(r"(!?)(\[.*\])", line):
        return [test for test in tests if (match[2] in test.tags) != bool(match[1])]
    return []


def crash(test: UnityTest) -> str:
    """The kind of panic that a test ends in; "" for none."""
    return test.result if test.result in KINDS else ""


def report(test: UnityTest, line: int) -> str:
    """What is said at a test's end."""
    result = test.result if test.result == "PASS" else f"{test.result}. Function {test.tags}. {test.name}"
    text = result if test.result.startswith("FAIL") else test.result
    return f"./main/main.c:{line}:{test.name}:{text}\nTest ran in 12ms\n"


def summary(tests: Sequence[UnityTest]) -> str:
    """After the last."""
    failures = sum(test.result.startswith("FAIL") for test in tests)
    ignored = sum(test.result.startswith("IGNORE") for test in tests)
    counts = f"{len(tests)} Tests {failures} Failures {ignored} Ignored "
    return f"\n-----------------------\n{counts}\n{'FAIL' if failures else 'OK'}\n"
