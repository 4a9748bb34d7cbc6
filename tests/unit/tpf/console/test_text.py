"""Bytes to text that is safe to show, however the bytes were torn."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.chunks import PIECES, cut, hostile_bytes
from tpf.console.text import Decoder, without_colours


def decoded(*pieces: bytes) -> str:
    decoder = Decoder()
    return "".join(decoder.feed(piece) for piece in pieces) + decoder.finish()


@pytest.mark.parametrize(
    "data, text",
    [
        (b"plain\r\nlines\n", "plain\nlines\n"),
        (b"three CRs\r\r\r\nend", "three CRs\nend"),
        (b"50%\r100%\r\n", "50%\n100%\n"),
        (b"LF CR\n\rnext", "LF CR\nnext"),
        (b"\r\n\r\ntwo empty lines", "\n\ntwo empty lines"),
        (b"\rat the start", "at the start"),
        (b"CR at the end\r", "CR at the end"),
        ("grüße €".encode(), "grüße €"),
        (b"\xff\xc3(\xe2\x82", "\\xff\\xc3(\\xe2\\x82"),
        (b"\xed\xa0\x80", "\\xed\\xa0\\x80"),  # a surrogate is no character
        (b"nul\x00 bell\x07 back\x08 del\x7f\ttab", "nul\\x00 bell\\x07 back\\x08 del\\x7f\ttab"),
        ("C1 \x85\x9b".encode(), "C1 \\x85\\x9b"),
        (b"\x1b[0;32mI (31) boot\x1b[0m\r\n", "\x1b[0;32mI (31) boot\x1b[0m\n"),
        (b"a\x1b[0K\x1b[2J\x1b[12;3H\x1b[?25lb", "ab"),
        (b"\x1b]0;title\x07after \x1b]8;;http://x\x1b\\link", "after link"),
        (b"\x1b]never ends\nnext line", "\\x1b]never ends\nnext line"),
        (b"\x1b(B\x1b=\x1b7reset", "reset"),
        (b"end in the middle \x1b[3", "end in the middle \\x1b[3"),
        (b"\x1b\x1b[K[0m", "\\x1b[0m"),  # what stays around something removed makes no new sequence
        (b"\x1b[" + b"1" * 70 + b"m", "\\x1b[" + "1" * 70 + "m"),
    ],
)
def test_what_a_person_would_see(data: bytes, text: str) -> None:
    assert decoded(data) == text
    assert decoded(*(bytes((byte,)) for byte in data)) == text


@given(hostile_bytes(), PIECES)
def test_pieces_make_no_difference(data: bytes, sizes: list[int]) -> None:
    assert decoded(*cut(data, sizes)) == decoded(data)


@given(hostile_bytes())
def test_nothing_but_printable_text_tabs_line_ends_and_colours(data: bytes) -> None:
    plain = without_colours(decoded(data))
    assert re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", plain) is None


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))))
def test_printable_text_stays_as_it_is(text: str) -> None:
    assert decoded(text.encode()) == text


@settings(max_examples=25)
@given(st.integers(0, 3))
def test_a_new_boot_starts_afresh(size: int) -> None:
    decoder = Decoder()
    decoder.feed(b"\xe2\x82"[:size] + b"\x1b[3\r"[:size])
    decoder.finish()
    assert decoder.feed(b"boot\r\n") == "boot\n"


def test_a_sequence_that_never_ends_swallows_nothing() -> None:
    text = b"x" * 5000
    assert decoded(b"\x1b]", text) == "\\x1b]" + text.decode()
