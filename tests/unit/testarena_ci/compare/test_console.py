"""Lines of two consoles beside each other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testarena_ci.compare.console import Mark, aligned, around
from testarena_ci.compare.masks import shape, steady

BOOT = ["ets Jul 29 2019", "I (24) boot: ESP-IDF v5.2", "I (31) main: heap 0x3ffb1234", "ready", "temp 21", "bye"]


def marks(before: list[str], now: list[str]) -> str:
    return "".join(row.mark for row in aligned(before, now))


@pytest.mark.parametrize(
    "one,other",
    [
        ("I (322) main: up", "I (9123) main: up"),
        ("W (12:00:01.123) main: up", "W (12:00:02.000) main: up"),
        ("[    0.123] boot", "[   10.456] boot"),
        ("2026-01-02T03:04:05Z up", "2026-11-20T13:00:00.5Z up"),
        ("at 0x400d1234", "at 0x400E5678"),
        ("mac 24:0a:c4:00:00:01", "mac 24:0a:c4:ff:ff:ff"),
        ("elf 3f2a91c07d", "elf b5d3fbb011"),
        ("packet #17 sent", "packet #18 sent"),
        ("seq=4 ok", "seq=5 ok"),
        ("done in 12 ms", "done in 14 ms"),
    ],
)
def test_times_addresses_and_counters_are_no_difference(one: str, other: str) -> None:
    assert steady(one) == steady(other)
    assert marks([one], [other]) == " "


@pytest.mark.parametrize(
    "one,other", [("temp 21", "temp 85"), ("flags 0x1F", "flags 0x2F"), ("esp32 up", "esp32c3 up")]
)
def test_values_are(one: str, other: str) -> None:
    assert steady(one) != steady(other)


def test_lines_that_differ_in_numbers_stand_beside_each_other() -> None:
    assert shape(steady("temp 21 of 30")) == shape(steady("temp 85.5 of 30"))
    assert marks(BOOT, [*BOOT[:4], "temp 85", "bye"]) == "    ~ "


def test_what_came_and_went() -> None:
    now = [*BOOT[:2], "W (40) main: brownout", *BOOT[2:4], "bye"]
    assert marks(BOOT, now) == "  +  - "
    assert marks([], BOOT) == "++++++"
    assert marks(BOOT, []) == "------"
    assert marks([], []) == ""
    assert marks(["a"], ["b"]) == "-+"


def test_what_is_shown_is_what_differs_and_some_lines_around() -> None:
    before = [f"line {chr(97 + number % 26)}{chr(97 + number // 26)}" for number in range(60)]
    now = [*before[:10], *before[11:50], "new", *before[50:]]
    stretches = list(around(aligned(before, now), 3, numbers=False))
    assert [len(stretch) for stretch in stretches] == [7, 7]
    assert [row.mark for row in stretches[0]] == [*[Mark.SAME] * 3, Mark.GONE, *[Mark.SAME] * 3]
    assert len(list(around(aligned(before, now), 30, numbers=False))) == 1
    assert list(around(aligned(before, before), 3, numbers=True)) == []
    assert [len(one) for one in around(aligned(["a 1"], ["a 2"]), 3, numbers=True)] == [1]
    assert list(around(aligned(["a 1"], ["a 2"]), 3, numbers=False)) == []


@given(st.lists(st.sampled_from("abcd")), st.lists(st.sampled_from("abcd")))
def test_both_consoles_are_in_the_rows_once_and_in_order(before: list[str], now: list[str]) -> None:
    rows = aligned(before, now)
    assert [row.before for row in rows if row.before is not None] == list(range(len(before)))
    assert [row.now for row in rows if row.now is not None] == list(range(len(now)))
    assert all(before[row.before] == now[row.now] for row in rows if row.before is not None and row.now is not None)


def test_consoles_of_two_hundred_thousand_lines() -> None:
    before = [f"I ({number}) worker: job {number} of {chr(97 + number % 26)}" for number in range(200_000)]
    now = [f"I ({number + 7}) worker: job {number} of {chr(97 + number % 26)}" for number in range(200_000)]
    now[100_000:100_001] = ["panic", "rebooting"]
    assert [row.mark for row in aligned(before, now) if row.mark is not Mark.SAME] == [Mark.GONE, Mark.CAME, Mark.CAME]
    assert len(aligned(["a", "b"] * 20_000, ["c", "b"] * 20_000)) >= 40_000
