"""What Unity writes, taken apart: recorded texts, and worse ones, each with what is read from it beside."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.golden import Golden
from tpf.steps.unity.lines import INTERESTING, Began, End, Result, happenings

RUNS = Path(__file__).resolve().parents[4] / "data" / "unity" / "runs"


@pytest.mark.golden
@pytest.mark.parametrize("run", sorted(RUNS.glob("*.txt")), ids=lambda path: path.stem)
def test_what_is_read_from_a_run(run: Path, golden: Golden) -> None:
    running = ""
    told: list[str] = []
    for line in run.read_text().split("\n")[:-1]:
        told.append(f"    {line}")
        for happening in happenings(line, running):
            told.append(str(happening))
            running = happening.name if isinstance(happening, Began) else running
            running = "" if isinstance(happening, Result) else running
    golden.check(f"unity/runs/{run.stem}.txt", "\n".join(told) + "\n")


@pytest.mark.parametrize("run", sorted(RUNS.glob("*.txt")), ids=lambda path: path.stem)
def test_the_quick_look_misses_nothing(run: Path) -> None:
    for line in run.read_text().split("\n"):
        assert INTERESTING.search(line) or not list(happenings(line)), line


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\n\r", exclude_categories=["Cs"]), min_size=1)


@given(name=NAMES, line=st.integers(1, 99999), end=st.sampled_from(End))
def test_a_known_name_may_hold_anything(name: str, line: int, end: End) -> None:
    told = list(happenings(f"./main/x.c:{line}:{name}:{end.value}", name))
    assert told[0] == Result(name=name, end=end, file="./main/x.c", line=line)


@given(NAMES)
def test_no_text_is_too_odd(text: str) -> None:
    list(happenings(text))
    list(happenings(text, text))


@pytest.mark.parametrize("hostile", [":1" * 200_000, "TEST(" * 80_000, ":1:PASS" * 50_000, "Running ..." * 40_000])
def test_a_line_that_is_meant_to_take_long_does_not(hostile: str) -> None:
    list(happenings(hostile))  # pytest's own time limit would end it
