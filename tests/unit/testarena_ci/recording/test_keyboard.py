"""From the bytes of a terminal to lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testarena_ci.recording.keyboard import Keyboard, Typed


def lines(data: bytes) -> tuple[list[str], bytes, bool]:
    keyboard = Keyboard()
    typed = list(keyboard.type(data))
    return [one.line for one in typed if one.line is not None], b"".join(one.data for one in typed), keyboard.quit


@pytest.mark.parametrize(
    "data, wanted, sent",
    [
        (b"ping\r", ["ping"], b"ping\n"),
        (b"ping\nheap\r", ["ping", "heap"], b"ping\nheap\n"),
        (b"\r", [""], b"\n"),
        (b"pinf\x7fg\r", ["ping"], b"pinf\x7fg\n"),
        (b"\x08\x08p\r", ["p"], b"\x7f\x7fp\n"),
        ("grün\x7f\x7fu\r".encode(), ["gru"], "grün\x7f\x7fu\n".encode()),
        (b"bad\x15good\r", ["good"], b"bad\x7f\x7f\x7fgood\n"),
        (b"p\x1b[Ding\x1bOA\r", ["ping"], b"ping\n"),  # arrows
        (b"a\tb\r", ["a\tb"], b"a\tb\n"),
        (b"abc\x03x\r", ["x"], b"abc\x03x\n"),
    ],
)
def test_lines(data: bytes, wanted: list[str], sent: bytes) -> None:
    assert lines(data) == (wanted, sent, False)


@pytest.mark.parametrize("data, quits", [(b"a\x1db", True), (b"\x04", True), (b"a\x04", False)])
def test_the_end(data: bytes, quits: bool) -> None:
    assert lines(data)[2] is quits
    assert b"b" not in lines(data)[1]


def test_what_was_taken_back_is_known() -> None:
    *_, first, second = Keyboard().type(b"x\x7fy\rz\r")
    assert second == Typed(data=b"\n", line="z")
    assert [one.edited for one in Keyboard().type(b"x\x7fy\rz\r") if one.line is not None] == [True, False]
    assert first.data == b"z"


def test_keys_say_so() -> None:
    assert list(Keyboard().type(b"\x03")) == [Typed(data=b"\x03", keys=True)]


@given(st.binary())
def test_any_bytes_will_do(data: bytes) -> None:
    lines(data)
