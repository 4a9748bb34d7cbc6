"""Numbers and hostile texts, for people to read."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testarena_ci.reports.text import (
    clipped,
    count,
    duration,
    legal_xml,
    moment,
    number,
    one_line,
    plain,
    slug,
    strip_ansi,
)


@pytest.mark.parametrize(
    "seconds,words",
    [
        (0, "0 ms"),
        (0.0004, "0 ms"),
        (0.34, "340 ms"),
        (0.9996, "1.00 s"),
        (5.02, "5.02 s"),
        (41.29, "41.3 s"),
        (59.96, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3725, "1 h 02 min"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    "value,words",
    [(150000, "150000"), (0.25, "0.25"), (1 / 3, "0.333333"), (float("nan"), "nan"), (float("inf"), "inf")],
)
def test_numbers(value: float, words: str) -> None:
    assert number(value) == words


def test_counts() -> None:
    assert [count(many, "case") for many in (0, 1, 12, 12345)] == ["0 cases", "1 case", "12 cases", "12\u202f345 cases"]


def test_escape_sequences_go() -> None:
    assert strip_ansi("\x1b[0;31mred\x1b[0m \x1b]0;title\x07\x1b(Bplain \x9b1mbold") == "red plain bold"


@given(st.text())
def test_what_is_plain_shows_all_it_has(text: str) -> None:
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not [
        character
        for character in plain(text)
        if unicodedata.category(character) in hidden and character not in "\n\t" and ord(character) < 0x600
    ]


def test_marks_that_reorder_text_are_written_out() -> None:
    assert plain("a\u202egnp.exe\u2066\x00\x07") == "a\\u202egnp.exe\\u2066\\x00\\x07"


def test_a_line_is_one_line() -> None:
    assert one_line(" a\n\tb\r\n c ") == "a b c"
    assert one_line("x" * 20, 10) == "x" * 9 + "…"


def test_characters_that_xml_forbids_go() -> None:
    assert legal_xml("a\x00\x0b\x1b[1m\ufffe\ud800b\u00e9\U0001f600\n") == "abé\U0001f600\n"


def test_a_clipped_text_says_how_much_is_gone() -> None:
    assert clipped("abc", 3) == "abc"
    assert clipped("a" * 50 + "b" * 50, 10) == "aaaaa\n[... 90 characters left out ...]\nbbbbb"


def test_moments() -> None:
    assert str(moment("2026-11-20T13:28:00+01:00", 60)) == "2026-11-20 12:29:00+00:00"
    assert str(moment("2026-11-20T13:28:00")) == "2026-11-20 13:28:00+00:00"
    assert moment("yesterday") is None
    assert moment("9999-12-31T23:59:59", 1e12) is None


def test_slugs_keep_letters_of_all_scripts() -> None:
    assert slug("Größe: 3/4 µs?") == "größe-3-4-μs"
    assert slug("../..") == "case"
