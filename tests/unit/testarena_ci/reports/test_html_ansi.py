"""Colours of a terminal as CSS classes."""

from __future__ import annotations

import pytest

from testarena_ci.reports.html.ansi import Piece, level, pieces


@pytest.mark.parametrize(
    "text,wanted",
    [
        ("plain", [("", "plain")]),
        ("", []),
        ("\x1b[0;31mE (5) x\x1b[0m y", [("f1", "E (5) x"), ("", " y")]),
        ("\x1b[1;4;93;44mloud\x1b[22;39mless\x1b[mnone", [("b f11 g4 u", "loud"), ("g4 u", "less"), ("", "none")]),
        ("\x1b[38;5;9mred\x1b[38;5;200mown\x1b[48;2;1;2;3mown", [("f9", "red"), ("", "own"), ("", "own")]),
        ("\x1b[38;5m\x1b[38m\x1b[48;2;1mx", [("", "x")]),
        ("\x1b[999;31mx\x1b[2Ky\x1b]0;title\x07z", [("f1", "xyz")]),
        ("a\x1b[31", [("", "a")]),
        ("<b>\u202e\x00", [("", "<b>\\u202e\\x00")]),
    ],
)
def test_pieces(text: str, wanted: list[Piece]) -> None:
    assert pieces(text) == wanted


@pytest.mark.parametrize(
    "text,wanted",
    [
        ("E (322) wifi: lost", "error"),
        ("\x1b[0;33mW (1) nvs: slow\x1b[0m", "warning"),
        ("I (3) main: up", ""),
        ("Every (3) is", ""),
    ],
)
def test_levels(text: str, wanted: str) -> None:
    assert level(text) == wanted
