"""Incremental search against the plain one over the whole text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.chunks import PIECES, cut
from tpf.console.matching import Found, Hunt, Wanted
from tpf.console.window import Window

TEXTS = st.lists(st.sampled_from(["po", "ng", "pong", "é", " ", "\n", "1", "23"]), max_size=40).map("".join)
WANTED = st.sampled_from(
    [
        Wanted(text="pong"),
        Wanted(text="ng\npo"),
        Wanted(text="pong", count=3),
        Wanted(text="é1"),
        Wanted(line="pong"),
        Wanted(line="pong", count=2),
        Wanted(pattern=re.compile(r"pong *(\d+)")),
        Wanted(pattern=re.compile(r"^(\d+)$")),
        Wanted(pattern=re.compile(r"\d"), count=4),
        Wanted(pattern=re.compile(r"p(o)?|(n)g")),
    ]
)


def search(wanted: tuple[Wanted, ...], pieces: list[str], *, every: bool = True, start: int = 0) -> tuple[Found, ...]:
    window = Window()
    hunt = Hunt(wanted, start, every=every)
    for piece in pieces:
        window.append(piece)
        if hunt.advance(window):
            break
    return hunt.found


def torn(text: str, sizes: list[int]) -> list[str]:
    return [piece.decode("utf-32-le") for piece in cut(text.encode("utf-32-le"), [4 * size for size in sizes])]


def where(found: tuple[Found, ...]) -> list[tuple[str, tuple[str, ...], int, int]]:
    """What doesn't depend on how much of the last line was there when it was found."""
    return [(one.text, one.groups, one.number, one.end) for one in found]


@given(WANTED, TEXTS, PIECES)
def test_pieces_make_no_difference(wanted: Wanted, text: str, sizes: list[int]) -> None:
    assert where(search((wanted,), torn(text, sizes))) == where(search((wanted,), [text]))


@given(st.lists(WANTED, min_size=2, max_size=3), TEXTS, PIECES, st.booleans())
def test_nor_for_several_at_once(wanted: list[Wanted], text: str, sizes: list[int], every: bool) -> None:
    several = tuple(wanted)
    in_pieces, at_once = search(several, torn(text, sizes), every=every), search(several, [text], every=every)
    assert where(in_pieces) == where(at_once)


@given(TEXTS, st.integers(1, 3))
def test_a_contained_text_is_found_where_it_is(text: str, count: int) -> None:
    found = search((Wanted(text="pong", count=count),), [text])
    assert bool(found) == (text.count("pong") >= count)
    if found:
        before = text.encode()[: found[0].end].decode()
        assert before.endswith("pong")
        assert before.count("pong") == count
        assert found[0].number == before.count("\n") + 1


@given(TEXTS)
def test_a_regular_expression_is_found_in_the_first_complete_line_that_has_it(text: str) -> None:
    pattern = re.compile(r"pong *(\d+)")
    lines = text.split("\n")[:-1]
    hits = [(number, hit[1]) for number, line in enumerate(lines, 1) if (hit := pattern.search(line))]
    found = search((Wanted(pattern=pattern),), [text])
    assert [(one.number, one.groups[0]) for one in found] == hits[:1]


def test_the_rest_of_a_line_counts_after_a_match_in_it() -> None:
    text = "free: 10 of 20\nfree: 30\n"
    assert [one.groups for one in search((Wanted(pattern=re.compile(r"(\d+)")),), [text], start=8)] == [("20",)]
    assert search((Wanted(pattern=re.compile(r"^ of")),), [text], start=8) == ()
    assert [one.number for one in search((Wanted(line="free: 30"),), [text], start=6)] == [2]


def test_the_rest_of_a_line_is_no_whole_line() -> None:
    assert search((Wanted(line="pong"),), ["pi pong\n"], start=3) == ()


def test_an_open_line_counts_only_when_asked_for() -> None:
    window = Window()
    window.append("log\nfree: 12")
    hunt = Hunt((Wanted(pattern=re.compile(r"free: (\d+)")),), 0, every=True)
    assert not hunt.advance(window)
    assert hunt.advance(window, open_line=True)
    assert hunt.found[0].groups == ("12",)


def test_what_was_counted_in_an_open_line_is_not_counted_again() -> None:
    window = Window()
    hunt = Hunt((Wanted(pattern=re.compile("tick"), count=3),), 0, every=True)
    window.append("tick ")
    hunt.advance(window, open_line=True)
    hunt.advance(window, open_line=True)
    window.append("tick\n")
    assert not hunt.advance(window)
    assert hunt.searches[0].seen == 2


def test_text_that_had_to_be_dropped_is_no_trouble() -> None:
    window = Window()
    hunt = Hunt((Wanted(text="late"), Wanted(line="late")), 0, every=True)
    window.append("early\n")
    hunt.advance(window)
    window.append("dropped\nlate\n")
    window.drop_before(14)
    assert hunt.advance(window)


def test_groups_that_took_no_part_are_empty() -> None:
    assert search((Wanted(pattern=re.compile("(a)|(b)")),), ["b\n"])[0].groups == ("", "b")


@pytest.mark.parametrize("arguments", [{}, {"text": "a", "line": "b"}, {"pattern": re.compile("a"), "text": "a"}])
def test_wanted_is_one_thing(arguments: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="one of"):
        Wanted(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wanted, words",
    [
        (Wanted(text="pong"), '"pong"'),
        (Wanted(line="a\tb", count=2), 'the line "a\\tb" 2 times'),
        (Wanted(pattern=re.compile(r"free: (\d+)")), 'match of "free: (\\\\d+)"'),
    ],
)
def test_wanted_as_messages_call_it(wanted: Wanted, words: str) -> None:
    assert str(wanted) == words
