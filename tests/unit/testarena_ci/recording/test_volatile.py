"""What of a line is expected again."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testarena_ci.recording.volatile import Expected, expected


@pytest.mark.parametrize(
    "line, text, match",
    [
        ("pong", "pong", "contains"),
        ("free: 493572", r"free: \d+", "regex"),
        ("I (1234) wifi: up", r"I \(\d+\) wifi: up", "regex"),
        ("esp32c3 on CPU0", "esp32c3 on CPU0", "contains"),
        ("at 0x3fc8F5b0 (1.5 V)", r"at 0[xX][0-9a-fA-F]+ \(\d+\.\d+ V\)", "regex"),
        ("mac 24:0a:c4:00:01:1f up", "mac (?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2} up", "regex"),
        ("commit 8dc5cf91ab", "commit [0-9a-f]{8,}", "regex"),
        ("dead facade", "dead facade", "contains"),
        ("12:30:05", r"\d+:\d+:\d+", "regex"),
        ("costs ${x}", "costs $${x}", "contains"),
    ],
)
def test_numbers_become_patterns(line: str, text: str, match: str) -> None:
    assert expected(line) == Expected(text=text, match=match)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "line, typed, text, match",
    [
        ("slept 300 ms", "sleep 300", "slept 300 ms", "contains"),  # the user's own number
        ("hello", "echo hello", "hello", "exact"),  # else the echo would do
        ("7", "random", r"\d+", "regex"),
        ("7", "random 5", r"^\d+$", "regex"),  # else the 5 of the echo would do
        ("set 5 7", "set 5", r"set 5 \d+", "regex"),
    ],
)
def test_the_echo_is_no_answer(line: str, typed: str, text: str, match: str) -> None:
    assert expected(line, typed=typed, echoed=True) == Expected(text=text, match=match)  # type: ignore[arg-type]


def test_a_long_line_is_cut() -> None:
    assert expected("a" * 5000) == Expected(text="a" * 160)


@given(st.text(st.characters(exclude_categories=("C", "Z"))).filter(str.strip), st.text())
def test_the_line_itself_is_found_again(line: str, typed: str) -> None:
    wanted = expected(line, typed=typed, echoed=True)
    text = wanted.text.replace("$${", "${")
    if wanted.match == "regex":
        assert re.search(text, line)
    else:
        assert text in line
