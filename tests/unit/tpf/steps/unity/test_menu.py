"""Unity's menu and the choice from it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.golden import Golden
from tpf.steps.unity.menu import Choice, Entry, chosen, items_of, parse_menu, why_left_out

MENUS = Path(__file__).resolve().parents[4] / "data" / "unity" / "menus"


@pytest.mark.golden
@pytest.mark.parametrize("menu", sorted(MENUS.glob("*.txt")), ids=lambda path: path.stem)
def test_what_is_read_from_a_menu(menu: Path, golden: Golden) -> None:
    try:
        told = [str(entry) for entry in parse_menu(menu.read_text().split("\n"))]
    except ValueError as error:
        told = [f"ValueError: {error}"]
    golden.check(f"unity/menus/{menu.stem}.txt", "\n".join(told) + "\n")


ENTRIES = (
    Entry(number=1, name="adds numbers", tags=("math", "fast")),
    Entry(number=2, name="adds *", tags=("math", "slow")),
    Entry(number=3, name='a <name> & "quotes"; more', tags=("names", "timeout=5")),
    Entry(number=4, name="3", tags=("odd",)),
    Entry(number=5, name="sleeps", tags=("slow", "ignore")),
)


@pytest.mark.parametrize(
    "tests, groups, exclude, numbers",
    [
        ("", "", "", [1, 2, 3, 4, 5]),
        ("adds numbers", "", "", [1]),
        ("adds *", "", "", [1, 2]),
        ("adds ?", "", "", [2]),
        ("3", "", "", [3]),  # a number, though there is a test of that name
        ("sleeps; 1", "", "", [1, 5]),
        ("*quotes*", "", "", [3]),
        ("[slow]; 1", "", "", [1, 2, 5]),
        ("", "[slow]; [names]", "", [2, 3, 5]),
        ("", "[math][slow]", "", [2]),
        ("", "[math] [names]", "", [1, 2, 3]),
        ("adds *", "[slow]", "", [2]),
        ("", "[math]", "adds numbers", [2]),
        ("", "", "[slow]; 3; nothing at all", [1, 4]),
        ("", "", "[math][fast]", [2, 3, 4, 5]),
    ],
)
def test_what_is_chosen(tests: str, groups: str, exclude: str, numbers: list[int]) -> None:
    choice = Choice(tests=items_of(tests), groups=items_of(groups), exclude=items_of(exclude))
    assert [entry.number for entry in chosen(ENTRIES, choice)] == numbers


@pytest.mark.parametrize(
    "choice, message",
    [
        (
            Choice(tests=("add numbers",)),
            'no test is "add numbers"; did you mean "adds numbers"? the firmware has 5:\n',
        ),
        (Choice(tests=("7",)), 'no test is "7"; the firmware has 5:\n  adds numbers [math] [fast]\n'),
        (Choice(tests=("1", "[wifi]")), 'no test is "[wifi]"; the firmware has 5:'),
        (Choice(groups=("[math][wifi]",)), 'no test is "[math][wifi]"; the firmware has 5:'),
        (Choice(groups=("[math]",), exclude=("adds*",)), 'no test is left of groups="[math]" exclude="adds*"; the'),
        (Choice(exclude=("*",)), 'no test is left of exclude="*"; the firmware has 5:'),
    ],
)
def test_a_choice_of_nothing_names_what_there_is(choice: Choice, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        chosen(ENTRIES, choice)


def test_a_long_list_is_cut() -> None:
    entries = [Entry(number=number, name=f"test {number}") for number in range(1, 101)]
    with pytest.raises(ValueError, match=r"the firmware has 100:\n(  test \d+\n){30}  \.\.\. and 70 more$"):
        chosen(entries, Choice(tests=("nothing",)))


def test_tests_that_are_switched_off_run_when_they_are_named() -> None:
    off = ENTRIES[4]
    assert why_left_out(off, Choice()) == "it is tagged [ignore]"
    assert why_left_out(off, Choice(groups=("[slow]",))) == "it is tagged [ignore]"
    assert why_left_out(off, Choice(tests=("sleeps",))) == ""
    assert why_left_out(off, Choice(tests=("5",))) == ""
    both = Entry(number=6, name="talks", tags=("multi_device",), stages=("server", "client"))
    assert why_left_out(both, Choice(tests=("talks",))) == "it needs several devices"
    assert why_left_out(ENTRIES[0], Choice()) == ""


def test_what_stands_behind_a_tag() -> None:
    assert ENTRIES[2].value("timeout") == "5"
    assert ENTRIES[2].value("names") == ENTRIES[2].value("nothing") == ""
