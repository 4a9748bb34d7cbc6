"""What a run takes, by settings and flags."""

from __future__ import annotations

from pathlib import Path

import pytest

from testarena_ci.planning import LARGEST_SEED, Picks, failed_in, make_plan, picks
from testarena_ci.settings import Settings
from tests.support.events import whole_run
from tests.unit.tpf.test_selection import ALL
from tpf.errors import UsageError
from tpf.journal import FILE_NAME, JournalWriter

NONE = {"case": (), "failed": None, "shuffle": None, "repeat": 1, "until_fail": False}


def asked(tmp_path: Path, **flags: object) -> Picks:
    return picks(**{**NONE, **flags}, report=tmp_path)  # type: ignore[arg-type]


def test_nothing_asked_for(tmp_path: Path) -> None:
    assert asked(tmp_path) == Picks()
    assert [run.scenario for run in make_plan(Settings(), Picks(), ALL).runs] == list(ALL)


def test_all_kinds_of_choice_count_together() -> None:
    made = make_plan(Settings(filter=("wifi",), tag=("!slow",)), Picks(cases=("wifi/joins", "wifi/flood")), ALL)
    assert [case.name for run in made.runs for case in run.scenario.cases] == ["joins"]


def test_nothing_left_says_what_was_asked_for_and_what_there_is() -> None:
    chosen = Picks(failed=frozenset({("gone", "x")}))
    with pytest.raises(UsageError) as caught:
        make_plan(Settings(filter=("zzz",), tag=("a",)), chosen, ALL)
    assert str(caught.value) == (
        "no case matches --filter 'zzz' and --tag 'a' and --failed (gone/x); "
        "the scenarios are 'console [baud=9600]', 'wifi'; see them all with `testarena list`"
    )


def test_repeat_makes_scenarios_and_with_until_fail_rounds() -> None:
    assert len(make_plan(Settings(), Picks(repeat=3), ALL).runs) == 6
    assert len(make_plan(Settings(), Picks(repeat=3, until_fail=True), ALL).runs) == 2


def test_a_seed_is_given_or_picked(tmp_path: Path) -> None:
    assert asked(tmp_path, shuffle="42").shuffle == 42
    seeds = {asked(tmp_path, shuffle="").shuffle for _ in range(5)}
    assert len(seeds) > 1
    assert all(seed is not None and 0 <= seed <= LARGEST_SEED for seed in seeds)


@pytest.mark.parametrize("text", ["scenarios", "-1", "1.5", "9" * 10, "9" * 100_000, "\u0663"])
def test_what_is_no_seed(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"is not a seed.*put --shuffle behind the paths"):
        asked(tmp_path, shuffle=text)


def test_each_round_has_an_order_that_its_own_seed_makes_again() -> None:
    chosen = Picks(shuffle=LARGEST_SEED, until_fail=True)
    assert [chosen.in_round(number).shuffle for number in (1, 2, 3)] == [LARGEST_SEED, 0, 1]
    assert chosen.in_round(2).properties(2) == (("shuffle", "0"), ("round", "2"))
    assert Picks().in_round(2) == Picks()
    assert Picks().properties(1) == ()
    assert Picks(repeat=4).properties(1) == (("repeat", "4"),)


# ---- --failed


def journal(folder: Path) -> None:
    with JournalWriter(folder / FILE_NAME) as writer:
        for event in whole_run()[:-1]:  # killed: it never said that it ended
            writer(event)


def test_failed_reads_the_runs_own_report_or_the_named_one(tmp_path: Path) -> None:
    journal(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    assert asked(tmp_path, failed="").failed == failed_in(tmp_path)
    with pytest.raises(UsageError, match="other holds no report of a run"):
        asked(tmp_path, failed=str(other))


def test_what_is_no_journal_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("")
    with pytest.raises(UsageError, match="is not the journal of a run"):
        failed_in(tmp_path)
