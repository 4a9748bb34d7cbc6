from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.chunks import PIECES, cut
from tpf.console.lines import LONGEST_LINE, Splitter


def split(*pieces: str) -> list[str]:
    """All complete lines, then the open one."""
    splitter = Splitter()
    lines = [line for piece in pieces for line in splitter.push(splitter.cut(piece))]
    return [*lines, *splitter.push("\n")] if splitter.is_open else lines


@given(st.lists(st.sampled_from(["a", "bc", "\n", "€"]), max_size=60).map("".join), PIECES)
def test_pieces_make_no_difference(text: str, sizes: list[int]) -> None:
    pieces = [piece.decode("utf-32-le") for piece in cut(text.encode("utf-32-le"), [4 * size for size in sizes])]
    assert split(*pieces) == split(text) == text.removesuffix("\n").split("\n")[: len(split(text))]


def test_a_line_is_cut_at_64_ki_characters() -> None:
    text = "x" * (LONGEST_LINE + 5) + "\nshort\n" + "y" * (2 * LONGEST_LINE + 1)
    wanted = ["x" * LONGEST_LINE, "x" * 5, "short", "y" * LONGEST_LINE, "y" * LONGEST_LINE, "y"]
    assert split(text) == wanted
    assert split(*(text[at : at + 1000] for at in range(0, len(text), 1000))) == wanted


def test_a_line_of_exactly_the_longest_length_stays_whole() -> None:
    assert split("x" * LONGEST_LINE + "\n", "next\n") == ["x" * LONGEST_LINE, "next"]


def test_a_colour_is_never_cut() -> None:
    colour = "\x1b[0;32m"
    text = "x" * (LONGEST_LINE - 3) + colour + "green\n"
    assert split(text) == ["x" * (LONGEST_LINE - 3), colour + "green"]
    assert split(text[: LONGEST_LINE - 3], text[LONGEST_LINE - 3 :]) == split(text)
