from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from testarena_ci.viewing.board import Board, elapsed, seconds_left
from tests.support import events as told
from tpf import events as ev
from tpf.fold import fold
from tpf.result import Failure, FailureKind, Quarantine


def merged(updates: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What a page has after these updates: its rows by name."""
    rows: dict[str, dict[str, Any]] = {}
    for update in updates:
        if update["fresh"]:
            rows.clear()
        rows |= {row["slug"]: row for row in update["scenarios"]}
        rows |= {row["key"]: row for row in update["failures"]}
    return rows


def test_a_reader_of_every_version_knows_what_one_of_the_last_knows() -> None:
    board, updates = Board(), [Board().since(None)]
    for event in told.whole_run():
        before = board.version
        board.take([event])
        updates.append(board.since(before))
    assert merged(updates) == merged([board.since(None)])
    assert board.since(None)["counts"]["done"] == fold(told.whole_run()).counts.total


@pytest.mark.parametrize("away", range(1, 12))
def test_one_who_was_away_misses_nothing_and_gets_nothing_twice(away: int) -> None:
    events = told.whole_run()
    board = Board()
    board.take(events[:away])
    seen = board.since(None)
    version = board.version
    assert board.since(version)["scenarios"] == board.since(version)["failures"] == []
    board.take(events[away:])
    assert merged([seen, board.since(version)]) == merged([board.since(None)])


def test_a_failure_has_its_headline_and_place_and_becomes_flaky() -> None:
    board = Board()
    events = told.whole_run()
    board.take(events[:9])
    (found,) = board.since(None)["failures"]
    assert (found["case"], found["verdict"], found["headline"]) == ("ping", "failed", 'expected "pong" within 1s')
    assert found["place"] == "console.xml:20:3"
    board.take(events[9:])
    assert [row["verdict"] for row in board.since(None)["failures"]] == ["flaky"]


def test_a_scenario_that_could_not_begin_is_one_failure() -> None:
    board = Board()
    broken = Failure(kind=FailureKind.BUILD, message="the build failed")
    never = Failure(kind=FailureKind.NOT_RUN, message="never ran: the build failed")
    board.take([told.started(told.planned("a", "b", "c"))])
    board.take(ev.CaseNotRun(t=1, scenario="console", case=case, failure=never) for case in range(3))
    board.take([ev.ScenarioFinished(t=2, scenario="console", failure=broken)])
    assert [row["headline"] for row in board.since(None)["failures"]] == ["the build failed"]


def test_a_failure_in_quarantine_says_so_and_is_counted_apart() -> None:
    board = Board()
    plan = told.planned("ping")
    away = Quarantine(reason="the lab's access point", ticket="PROJ-7", until="2099-12-01")
    board.take([told.started(replace(plan, cases=(replace(plan.cases[0], quarantine=away),)))])
    board.take(told.attempt(0, 1, 1.0, told.TIMEOUT))
    assert [row["quarantine"] for row in board.since(None)["failures"]] == ["quarantined until 2099-12-01, PROJ-7"]
    counts = board.since(None)["counts"]
    assert (counts["failed"], counts["quarantined"], counts["done"]) == (0, 1, 1)


def test_hostile_texts_are_short_and_visible() -> None:
    board = Board()
    board.take([told.started(told.planned("\x1b[31m\u202e" + "x" * 10_000))])
    board.take([ev.ScenarioStarted(t=0, scenario="console", worker=0)])
    board.take([ev.CaseStarted(t=0, scenario="console", case=0, attempt=1)])
    (row,) = board.since(None)["scenarios"]
    assert row["case"].startswith("\\u202ex")
    assert len(row["case"]) == 300


@pytest.mark.parametrize(
    "event",
    [
        ev.CaseStarted(t=0, scenario="console", case=9, attempt=1),
        ev.CaseStarted(t=0, scenario="console", case=-1, attempt=1),
        ev.CaseStarted(t=0, scenario="other", case=0, attempt=1),
        ev.CaseNotRun(t=0, scenario="console", case=9, failure=told.TIMEOUT),
        ev.ScenarioFinished(t=0, scenario="other", failure=told.TIMEOUT),
        ev.CaseFinished(t=0, scenario="other", failure=told.TIMEOUT),
    ],
)
def test_a_journal_that_is_of_no_run_is_refused_and_the_board_can_still_be_told(event: ev.Event) -> None:
    board = Board()
    board.take([told.started(told.planned("a"))])
    with pytest.raises((KeyError, IndexError)):
        board.take([event])
    assert board.since(None)["scenarios"]


def test_the_time_left_follows_from_the_rate() -> None:
    board = Board()
    board.take([told.started(told.planned("a", "b", "c", "d", skip="no board"))])
    assert seconds_left(board, 5.0) is None
    board.take(told.attempt(0, 1, 2.0))
    assert seconds_left(board, 5.0) == pytest.approx(6.0)  # 3 s for one, two to come
    board.take(told.attempt(1, 1, 5.0))
    board.take(told.attempt(2, 1, 6.0))
    assert seconds_left(board, 7.0) == 0


def test_the_time_gone_is_by_the_clock_and_never_less_than_told() -> None:
    board = Board()
    assert elapsed(board.progress, 1e9) == 0
    board.take(told.whole_run())
    begun = 1_767_323_045.0  # 2026-01-02T03:04:05Z
    assert elapsed(board.progress, begun + 60) == 60
    assert elapsed(board.progress, begun - 60) == pytest.approx(2.8)
