"""100 000 case results brought into the history, and questions to it, beside sqlite3's bare executemany."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bench.measure import called, in_turn, row
from testarena_ci.history.feeding import import_folders
from testarena_ci.history.flaky import flaky_cases
from testarena_ci.history.queries import Window, outcomes, runs, trends
from testarena_ci.history.store import Store, open_store
from tpf import events as ev
from tpf.fold import fold
from tpf.journal import FILE_NAME, JournalWriter, read
from tpf.result import Failure, FailureKind, Metric, Source

RUNS, SCENARIOS, CASES, ROUNDS = 100, 20, 50, 3
HERE = Source(file="suite.xml", line=3, column=3)
BAD = Failure(kind=FailureKind.TIMEOUT, message='expected "pong" within 1s')


def write_runs(folder: Path) -> None:
    """Journals of runs on 20 commits; one case of 20 fails now and then, and each tells a metric."""
    for number in range(RUNS):
        (folder / f"{number}").mkdir(parents=True)
        with JournalWriter(folder / f"{number}" / FILE_NAME) as journal:
            plans = tuple(_plan(scenario) for scenario in range(SCENARIOS))
            started = f"2026-01-{1 + number // 24:02}T{number % 24:02}:00:00+00:00"
            commit = ("commit", f"{number // 5:040}")
            journal(
                ev.RunStarted(
                    t=0.0,
                    run_id=f"run-{number}",
                    started=started,
                    version="1",
                    jobs=1,
                    scenarios=plans,
                    properties=(commit,),
                )
            )
            for plan in plans:
                _write_scenario(journal, plan.slug, number)
            journal(ev.RunFinished(t=float(CASES)))


def _plan(number: int) -> ev.PlannedScenario:
    cases = tuple(ev.PlannedCase(name=f"case {case} of the console", source=HERE) for case in range(CASES))
    return ev.PlannedScenario(name=f"suite {number}", slug=f"{number}", source=HERE, target="esp32c3", cases=cases)


def _write_scenario(journal: JournalWriter, slug: str, run: int) -> None:
    journal(ev.ScenarioStarted(t=0.0, scenario=slug, worker=0))
    for case in range(CASES):
        failure = BAD if case % 20 == 7 and run % 3 == 0 else None
        metric = Metric(name="latency", value=case + run % 7 / 10, unit="ms")
        journal(ev.CaseStarted(t=float(case), scenario=slug, case=case, attempt=1))
        journal(ev.Measured(t=case + 0.1, scenario=slug, case=case, metric=metric))
        journal(ev.CaseFinished(t=case + 0.5, scenario=slug, failure=failure))
    journal(ev.ScenarioFinished(t=float(CASES), scenario=slug))


def by_sqlite(path: Path) -> None:
    """The floor: the same results as rows of texts, one transaction a run."""
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("CREATE TABLE cases (run INT, suite TEXT, name TEXT, verdict TEXT, seconds REAL)")
        for run in range(RUNS):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO cases VALUES (?, ?, ?, ?, ?)", _rows(run))
            connection.execute("COMMIT")


def _rows(run: int) -> list[tuple[int, str, str, str, float]]:
    return [
        (run, f"suite {suite}", f"case {case} of the console", "passed", 0.5)
        for suite in range(SCENARIOS)
        for case in range(CASES)
    ]


def by_us(folder: Path, path: Path) -> None:
    """What `testarena history import` does with 100 report folders."""
    for name in ("", "-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)
    with open_store(path) as store:
        assert import_folders(store, [folder]).cases == RUNS * SCENARIOS * CASES


def _read_all(folder: Path) -> None:
    """The part of an import that has nothing to do with the database."""
    for number in range(RUNS):
        fold(read(folder / f"{number}" / FILE_NAME))


def _questions(store: Store) -> dict[str, Callable[[], object]]:
    window = Window(runs=RUNS)
    return {
        "flaky": lambda: flaky_cases(outcomes(store, window)),
        "trend of a metric": lambda: trends(store, "suite 3/case 9 of the console/latency", window)[0].changes,
        "trend of a case": lambda: trends(store, "suite 3/case 9 of the console", window)[0].changes,
        "list": lambda: runs(store, window),
    }


def run() -> str:
    with tempfile.TemporaryDirectory(prefix="testarena-bench-") as name:
        folder = Path(name)
        write_runs(folder / "runs")
        database = folder / "history.db"
        contenders: dict[str, Callable[[], None]] = {
            "executemany, bare rows": lambda: by_sqlite(folder / "floor.db"),
            "reading the journals": lambda: _read_all(folder / "runs"),
            "testarena history import": lambda: by_us(folder / "runs", database),
        }
        costs = in_turn(contenders, called, ROUNDS)
        with open_store(database) as store:
            assert flaky_cases(outcomes(store, Window(runs=RUNS)))
            asked = in_turn(_questions(store), called, ROUNDS)
        size = database.stat().st_size / 1e6
    floor = costs["executemany, bare rows"].wall
    title = f"{RUNS * SCENARIOS * CASES} case results with a metric each, of {RUNS} journals; database {size:.0f} MB"
    lines = [row(name, f"{cost.wall:8.2f} s {cost.wall / floor:7.1f}") for name, cost in costs.items()]
    lines += [row(name, f"{cost.wall * 1000:8.1f} ms") for name, cost in asked.items()]
    return "\n".join([title, *lines])


if __name__ == "__main__":
    print(run())
