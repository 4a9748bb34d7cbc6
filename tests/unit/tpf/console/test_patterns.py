from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tpf.console.patterns import LinePattern, TooSlow

HOSTILE = [
    (r"(a|aa)+$", "a" * 80 + "b"),
    (r"(.*?,){11}P", ",".join(map(str, range(1, 40)))),
    (r"(?:x+x+)+y", "x" * 60),
    ("(x?){30}x{30}", "x" * 29),
    ("x?" * 30 + "x" * 30, "x" * 29),
    ("(a|aa)" * 30 + "b", "a" * 60),
]


@pytest.mark.parametrize("pattern, line", HOSTILE)
def test_a_search_ends_whatever_the_device_says(pattern: str, line: str) -> None:
    with suppress(TooSlow):
        assert LinePattern(re.compile(pattern)).search(line) is None


def test_too_slow_says_what_to_do() -> None:
    with pytest.raises(TooSlow, match=r"took more than 0\.25s on a line of 81 characters; write it so"):
        LinePattern(re.compile(r"(a|aa)+$")).search("a" * 80 + "b")


@pytest.mark.parametrize("pattern", [r".*foo", r"(\w+)\s*=", r"\d+.*\d+x"])
def test_nor_does_a_long_line_take_long(pattern: str) -> None:
    assert LinePattern(re.compile(pattern)).search("1" * 65536) is None


@given(
    st.sampled_from([r"a+b*", r"(\w+) = (\d+)", r"^(?:ab)+$", r"(?i)A{2,}B", r"(a+)(b+)(c+)", r"(?P<x>a+)(?P=x)b+"]),
    st.lists(st.sampled_from(["a", "b", "c", "ab", " = ", "1", "é"]), max_size=30).map("".join),
    st.integers(0, 5),
)
def test_both_ways_find_the_same(pattern: str, line: str, start: int) -> None:
    wanted, found = re.compile(pattern).search(line, start), LinePattern(re.compile(pattern)).search(line, start)
    assert (wanted and (wanted.span(), wanted.groups())) == (found and (found.span(), found.groups()))


def test_flags_are_kept() -> None:
    assert LinePattern(re.compile(r"(\w+)+ (b+)", re.IGNORECASE | re.ASCII)).search("A B") is not None
    assert LinePattern(re.compile(r"^(\w+)+ (b+)", re.ASCII)).search("é b") is None


def test_what_only_re_takes_is_searched_by_re() -> None:
    assert LinePattern(re.compile(r"(?<!\A)(a+)*(b+)*c{,2}")).search("xabc") is not None
