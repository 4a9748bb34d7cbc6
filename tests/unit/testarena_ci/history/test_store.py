from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from testarena_ci.history.feeding import import_folders
from testarena_ci.history.flaky import flaky_cases
from testarena_ci.history.queries import (
    Window,
    durations,
    moment_of_run,
    outcomes,
    prune_before,
    run_results,
    runs,
    suite_durations,
    trends,
)
from testarena_ci.history.records import LONGEST_NAME, METRIC, SIZE, Point, bounded
from testarena_ci.history.schema import VERSION, NotAHistory
from testarena_ci.history.store import Store, open_existing, open_store
from tests.support.history import case, run, write_journal
from tpf.errors import UsageError


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "deep" / "history.db") as opened:
        yield opened


def test_a_run_comes_back_as_it_was(store: Store) -> None:
    point = Point(kind=METRIC, owner="console/ping", name="boot", unit="s", value=1.5, maximum=2.0)
    record = run(1, case("ping"), case("ping", "failed", headline="no pong"), case("x", flaky=True), points=(point,))
    assert store.add(record)
    assert run_results(store, "run-0001") == record
    assert run_results(store, "run-") == record
    assert run_results(store, "latest") == record


def test_a_run_is_kept_once(store: Store) -> None:
    assert [store.add(run(1, case())) for _ in range(3)] == [True, False, False]
    assert len(runs(store, Window())) == 1


def test_a_run_that_was_cut_off_gives_way_to_its_end_and_not_the_other_way_round(store: Store) -> None:
    assert store.add(run(1, case(), finished=False))
    assert not store.add(run(1, case(), finished=False))
    assert store.add(run(1, case(), case("pong")))
    assert not store.add(run(1, case(), finished=False))
    assert len(run_results(store, "run-0001").cases) == 2


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    broken = run(1, case(), points=(Point(kind=METRIC, owner="o", name="n", value=float("nan")),))
    with pytest.raises(Exception, match="NOT NULL"):
        store.add(broken)
    assert runs(store, Window()) == ()
    assert store.add(run(1, case()))


def test_an_unknown_run_is_told_with_the_choices(store: Store) -> None:
    with pytest.raises(UsageError, match="holds no run yet"):
        run_results(store, "latest")
    store.add(run(12, case()))
    store.add(run(13, case()))
    with pytest.raises(UsageError, match="did you mean run-001"):
        run_results(store, "rum-0012")
    with pytest.raises(UsageError, match="begins several runs"):
        run_results(store, "run-")
    with pytest.raises(UsageError, match="no run '%'"):
        run_results(store, "%")


def test_flaky_cases_are_found_over_runs(store: Store) -> None:
    for number, verdict in enumerate(("passed", "failed", "passed", "passed")):
        store.add(run(number, case("ping", verdict), case("steady"), commit="a" if number < 3 else "b"))
    (found,) = flaky_cases(outcomes(store, Window()))
    assert (found.name.full, found.results, found.contradictions) == ("console/ping", 4, 2)
    assert flaky_cases(outcomes(store, Window(runs=1))) == ()
    assert flaky_cases(outcomes(store, Window(branch="other"))) == ()


def test_numbers_over_runs_by_metric_size_and_case(store: Store) -> None:
    for number in range(12):
        level = 1.0 if number < 6 else 2.0
        points = (
            Point(kind=METRIC, owner="console/ping", name="boot", unit="s", value=level),
            Point(kind=SIZE, owner="app", name="image", unit="B", value=100_000 * level),
        )
        store.add(run(number, case(seconds=level), points=points))
    for name in ("boot", "console/ping/boot", "image", "app/image", "ping", "console/ping"):
        (series,) = trends(store, name, Window())
        assert (len(series.values), [change.at for change in series.changes]) == (12, [6]), name
    assert [len(series.values) for series in trends(store, "boot", Window(runs=5))] == [5]
    with pytest.raises(UsageError, match=r"called 'boott'; did you mean boot"):
        trends(store, "boott", Window())


def test_times_of_what_passed(store: Store) -> None:
    store.add(run(1, case(seconds=1.0), case("bad", "failed")))
    store.add(run(2, case(seconds=3.0)))
    assert [(one.name, one.values) for one in durations(store, Window())] == [("console/ping", (1.0, 3.0))]
    assert [(one.name, one.values) for one in suite_durations(store, Window())] == [("console", (2.0, 2.0))]


def test_pruning_keeps_the_latest(store: Store) -> None:
    for number in range(10):
        store.add(run(number, case(f"case {number}")))
    assert prune_before(store, moment_of_run(store, 3)) == 7
    assert [one.run_id for one in runs(store, Window())] == ["run-0009", "run-0008", "run-0007"]
    assert store.rows("SELECT count(*) FROM tests") == [(3,)]
    assert moment_of_run(store, 3) == 0.0


# ---- files that are no history of ours


def test_another_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.write_bytes(b"not a database at all, but long enough to be looked at" * 20)
    before = path.read_bytes()
    with pytest.raises(NotAHistory, match="is no history database"):
        open_store(path)
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(NotAHistory, match="another program"):
        open_store(path)


def test_a_newer_history_is_refused_and_loses_nothing(store: Store) -> None:
    store.add(run(1, case()))
    with store.writing() as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(NotAHistory, match=f"version {VERSION + 1}"):
        open_store(store.path)
    assert store.rows("SELECT count(*) FROM cases") == [(1,)]


def test_a_history_with_triggers_is_refused(store: Store) -> None:
    with store.writing() as connection:
        connection.execute("CREATE TRIGGER evil AFTER INSERT ON runs BEGIN DELETE FROM cases; END")
    with pytest.raises(NotAHistory, match="triggers"):
        open_store(store.path)


def test_a_damaged_history_is_told(store: Store) -> None:
    store.add(run(1, *(case(f"case {number}") for number in range(500))))
    store.close()
    data = bytearray(store.path.read_bytes())
    data[4096 : 4096 * 8] = b"\xff" * (4096 * 7)
    store.path.write_bytes(data)
    with pytest.raises(NotAHistory, match="damaged"), open_store(store.path) as opened:
        run_results(opened, "latest")


def test_an_empty_file_becomes_a_history(tmp_path: Path) -> None:
    (tmp_path / "history.db").touch()
    with open_store(tmp_path / "history.db") as opened:
        assert opened.add(run(1, case()))


def test_there_is_nothing_to_look_into_where_no_history_is(tmp_path: Path) -> None:
    with pytest.raises(NotAHistory, match="testarena history import"):
        open_existing(tmp_path / "history.db")


# ---- journals


def test_journals_are_taken_in_also_those_of_runs_that_were_cut_off(store: Store, tmp_path: Path) -> None:
    write_journal(tmp_path / "a" / "1", "whole", failing=(1,))
    write_journal(tmp_path / "a" / "2", "cut", cut=True)
    done = import_folders(store, [tmp_path / "a"])
    assert (done.added, done.known, done.cases, done.problems) == (2, 0, 6, ())
    assert import_folders(store, [tmp_path / "a" / "1", tmp_path / "a" / "2" / "events.jsonl"]).known == 2
    whole, cut = (run_results(store, name) for name in ("whole", "cut"))
    assert (whole.verdict, whole.commit, whole.branch, whole.counts.failed) == ("failed", "abc", "main", 1)
    assert (cut.finished, [one.kind for one in cut.cases]) == (False, ["", "", "interrupted"])
    assert {point.name: point.value for point in whole.points} == {"boot": 1.5, "image": 150_000.0}


def test_a_bad_journal_stops_no_other(store: Store, tmp_path: Path) -> None:
    write_journal(tmp_path / "b", "good")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "events.jsonl").write_text("{}\n{}\n")
    (tmp_path / "empty").mkdir()
    done = import_folders(store, [tmp_path / "a", tmp_path / "empty", tmp_path / "b"])
    assert done.added == 1
    assert [problem.startswith(str(tmp_path)) for problem in done.problems] == [True, True]


def test_hostile_texts_are_bounded_and_kept_apart(store: Store) -> None:
    names = ("x" * 10_000, "x" * 10_001, "'; DROP TABLE runs; --", "\ud800", "a\0b")
    store.add(run(1, *(case(bounded(name)) for name in names)))
    kept = [one.case for one in run_results(store, "latest").cases]
    assert len(set(kept)) == len(names)
    assert max(map(len, kept)) <= LONGEST_NAME
