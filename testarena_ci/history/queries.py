"""What one asks of the history: runs, the results of one, what cases did over many, numbers over runs."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from testarena_ci.history.flaky import CaseName, CaseOutcomes, Outcome
from testarena_ci.history.records import CaseRecord, Point, RunRecord, SuiteRecord
from testarena_ci.history.store import Store, remove
from testarena_ci.history.trend import Sample, Series
from tpf.errors import UsageError
from tpf.result import Counts

LATEST: Final = "latest"
_RUN: Final = (
    "SELECT id, run_id, started, commit_id, branch, verdict, seconds, finished, headline,"
    " passed, failed, error, skipped, flaky, properties FROM runs"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which runs a question is about: the latest ones, of a branch or of all."""

    runs: int = 100
    branch: str = ""

    @property
    def parameters(self) -> tuple[object, ...]:
        return self.branch, self.runs


def runs(store: Store, window: Window) -> tuple[RunRecord, ...]:
    """The latest runs, the newest first, without their parts."""
    found = store.rows(_joined(_RUN, "WHERE ? IN ('', branch) ORDER BY at DESC, id DESC LIMIT ?"), window.parameters)
    return tuple(_run(row[1:]) for row in found)


def _joined(*parts: str) -> str:
    """A query of constant parts; what comes from outside is always a parameter."""
    return " ".join(parts)


def run_results(store: Store, run_id: str) -> RunRecord:
    """A run with all its parts, by its id, the beginning of its id, or `latest`. Raises UsageError."""
    number, row = _find(store, run_id)
    head = _run(row)
    return RunRecord(
        **{name: getattr(head, name) for name in _HEAD},
        suites=tuple(SuiteRecord(**_named(_SUITE, row)) for row in store.rows(_SUITES, (number,))),
        cases=tuple(_case(row) for row in store.rows(_CASES, (number,))),
        points=tuple(Point(**_named(_POINT, row)) for row in store.rows(_POINTS, (number,))),
    )


_HEAD: Final = tuple(name for name in RunRecord.__struct_fields__ if name not in ("suites", "cases", "points"))
_SUITE: Final = ("scenario", "target", "verdict", "kind", "headline", "seconds")
_SUITES: Final = (
    "SELECT suites.name, target, verdict, kind, headline, seconds FROM suite_runs"
    " JOIN suites ON suites.id = suite WHERE run = ? ORDER BY number"
)
_CASE: Final = ("scenario", "target", "case", "verdict", "kind", "headline", "seconds", "attempts")
_CASES: Final = (
    "SELECT suites.name, target, tests.name, verdict, kind, headline, seconds, attempts, flaky FROM cases"
    " JOIN tests ON tests.id = test JOIN suites ON suites.id = suite WHERE run = ? ORDER BY number"
)
_POINT: Final = ("kind", "owner", "target", "name", "unit", "value", "minimum", "maximum")
_POINTS: Final = (
    "SELECT kind, owner, target, name, unit, value, minimum, maximum FROM points"
    " JOIN series ON series.id = series WHERE run = ? ORDER BY number"
)


def _named(names: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(names, row, strict=True))


def _case(row: Sequence[Any]) -> CaseRecord:
    return CaseRecord(**_named(_CASE, row[:-1]), flaky=bool(row[-1]))


def _run(row: Sequence[Any]) -> RunRecord:
    passed, failed, error, skipped, flaky = row[8:13]
    return RunRecord(
        run_id=row[0],
        started=row[1],
        commit=row[2],
        branch=row[3],
        verdict=row[4],
        seconds=row[5],
        finished=bool(row[6]),
        headline=row[7],
        counts=Counts(passed=passed, failed=failed, error=error, skipped=skipped, flaky=flaky),
        properties=_properties(row[13]),
    )


def _properties(text: str) -> tuple[tuple[str, str], ...]:
    """A history that came from elsewhere may hold anything there."""
    try:
        return tuple((str(name), str(value)) for name, value in json.loads(text))
    except (ValueError, TypeError, RecursionError):
        return ()


def _find(store: Store, run_id: str) -> tuple[int, Sequence[Any]]:
    """The row of a run. Raises UsageError with the choices."""
    if run_id == LATEST:
        found = store.rows(_joined(_RUN, "ORDER BY at DESC, id DESC LIMIT 1"))
    else:
        found = store.rows(_joined(_RUN, "WHERE run_id = ?"), (run_id,)) or store.rows(
            _joined(_RUN, "WHERE substr(run_id, 1, ?) = ? ORDER BY at DESC LIMIT 5"), (len(run_id), run_id)
        )
    if len(found) == 1:
        return found[0][0], found[0][1:]
    if found:
        raise UsageError(f"{run_id!r} begins several runs: {', '.join(row[1] for row in found)}; say more of it")
    known = [row[0] for row in store.rows("SELECT run_id FROM runs ORDER BY at DESC LIMIT 200")]
    near = difflib.get_close_matches(run_id[:80], known, n=3) or known[:3]
    hint = f"did you mean {', '.join(near)}?" if near else "it holds no run yet"
    raise UsageError(f"{store.path}: no run {run_id!r} in the history; {hint}")


# ---- over many runs

_WINDOW: Final = (
    "WITH w AS MATERIALIZED (SELECT id, run_id, commit_id, at FROM runs"
    " WHERE ? IN ('', branch) ORDER BY at DESC, id DESC LIMIT ?)"
)
_OUTCOMES: Final = _joined(
    _WINDOW,
    ", marked AS MATERIALIZED (SELECT DISTINCT test FROM w CROSS JOIN cases ON run = w.id"
    "    WHERE flaky = 1 OR verdict IN ('failed', 'error'))",
    "SELECT test, run_id, commit_id, verdict, kind, attempts, flaky FROM marked"
    " CROSS JOIN cases USING (test) JOIN w ON w.id = run ORDER BY test, at, run, number",
)
_CASE_SECONDS: Final = _joined(
    _WINDOW,
    "SELECT test, run_id, commit_id, seconds FROM cases JOIN w ON run = w.id"
    " WHERE test = ? AND verdict = 'passed' ORDER BY at, run, number",
)
_ALL_SECONDS: Final = _joined(
    _WINDOW,
    "SELECT test, run_id, commit_id, seconds FROM w CROSS JOIN cases ON run = w.id"
    " WHERE verdict = 'passed' ORDER BY test, at, run, number",
)
_SUITE_SECONDS: Final = _joined(
    _WINDOW,
    "SELECT suite, run_id, commit_id, seconds, name, target FROM w CROSS JOIN suite_runs ON run = w.id"
    " JOIN suites ON suites.id = suite WHERE verdict = 'passed' ORDER BY suite, at, run, number",
)
_VALUES: Final = _joined(
    _WINDOW,
    "SELECT run, run_id, commit_id, value FROM points JOIN w ON run = w.id WHERE series = ? ORDER BY at, run, number",
)


def outcomes(store: Store, window: Window) -> tuple[CaseOutcomes, ...]:
    """What each case did, oldest first, that was ever bad or flaky in the window. The others can't be flaky."""
    found = store.rows(_OUTCOMES, window.parameters)
    names = _names(store, [test for test, _ in groupby(row[0] for row in found)])
    return tuple(
        CaseOutcomes(
            name=names[test],
            outcomes=tuple(
                Outcome(run_id=run, commit=commit, verdict=verdict, kind=kind, attempts=attempts, flaky=bool(flaky))
                for _, run, commit, verdict, kind, attempts, flaky in rows
            ),
        )
        for test, rows in groupby(found, key=lambda row: row[0])
    )


def _names(store: Store, tests: Sequence[int]) -> dict[int, CaseName]:
    wanted = set(tests)
    found = store.rows("SELECT tests.id, suites.name, tests.name, target FROM tests JOIN suites ON suites.id = suite")
    return {
        test: CaseName(scenario=scenario, case=case, target=target)
        for test, scenario, case, target in found
        if test in wanted
    }


def durations(store: Store, window: Window, case: int | None = None) -> Iterator[Series]:
    """The seconds of each case (or of one) in the runs that it passed, oldest first."""
    if case is None:
        found = store.rows(_ALL_SECONDS, window.parameters)
    else:
        found = store.rows(_CASE_SECONDS, (*window.parameters, case))
    names = _names(store, [test for test, _ in groupby(row[0] for row in found)])
    for test, rows in groupby(found, key=lambda row: row[0]):
        name = names[test]
        yield Series(name=name.full, target=name.target, unit="s", kind="seconds", samples=_samples(rows))


def suite_durations(store: Store, window: Window) -> Iterator[Series]:
    """The seconds of each scenario, boots and all, in the runs that it passed: what sharding wants to know."""
    found = store.rows(_SUITE_SECONDS, window.parameters)
    for _, grouped in groupby(found, key=lambda row: row[0]):
        rows = list(grouped)
        yield Series(name=rows[0][4], target=rows[0][5], unit="s", kind="seconds", samples=_samples(rows))


def _samples(rows: Iterator[Any] | Sequence[Any]) -> tuple[Sample, ...]:
    return tuple(Sample(run_id=row[1], commit=row[2], value=row[3]) for row in rows)


def trends(store: Store, wanted: str, window: Window) -> tuple[Series, ...]:
    """The numbers of a metric, a firmware size or a case over runs. Raises UsageError when nothing is called so.

    `wanted` is a name (`boot_time`), a name with its owner (`console/ping/boot_time`, `app/Flash Code`) or a case
    (`console/ping`); a part of such a name when nothing is called exactly so.
    """
    numbers = store.rows("SELECT id, kind, owner, target, name, unit FROM series ORDER BY owner, name, target")
    cases = store.rows("SELECT tests.id, suites.name, tests.name FROM tests JOIN suites ON suites.id = suite")
    known = [*((f"{row[2]}/{row[4]}", row[4], row) for row in numbers)]
    known += [(f"{row[1]}/{row[2]}", row[2], row) for row in cases]
    found = [row for full, name, row in known if wanted in (full, name)]
    found = found or [row for full, _, row in known if wanted in full]
    if not found:
        near = difflib.get_close_matches(wanted[:80], sorted({name for pair in known for name in pair[:2]}), n=3)
        hint = f"did you mean {', '.join(near)}?" if near else "`testarena history show latest` names what there is"
        raise UsageError(f"{store.path}: no metric, size or case is called {wanted!r}; {hint}")
    return tuple(series for row in found[:MOST_SERIES] for series in _series(store, row, window))


MOST_SERIES: Final = 50  # that one question shows


def _series(store: Store, row: Sequence[Any], window: Window) -> Iterator[Series]:
    if len(row) == 3:  # a case
        yield from durations(store, window, row[0])
        return
    number, kind, owner, target, name, unit = row
    found = store.rows(_VALUES, (*window.parameters, number))
    yield Series(name=f"{owner}/{name}", target=target, unit=unit, kind=kind, samples=_samples(found))


# ---- forgetting


def run_ids(store: Store) -> dict[str, tuple[bool, float]]:
    """Each run's id, whether it is finished, and when it began."""
    return {row[0]: (bool(row[1]), row[2]) for row in store.rows("SELECT run_id, finished, at FROM runs ORDER BY at")}


def forgotten_before(store: Store) -> float:
    """Runs that began before this moment were pruned."""
    return float(store.rows("SELECT before FROM forgotten")[0][0])


def prune_before(store: Store, moment: float) -> int:
    """Forget the runs that began before a moment, for good: a pull doesn't bring them back. Their number."""
    with store.writing() as connection:
        old = [row[0] for row in connection.execute("SELECT id FROM runs WHERE at < ?", (moment,))]
        remove(connection, old)
        connection.execute("UPDATE forgotten SET before = max(before, ?)", (moment,))
        connection.execute("DELETE FROM tests WHERE id NOT IN (SELECT test FROM cases)")
        connection.execute("DELETE FROM series WHERE id NOT IN (SELECT series FROM points)")
        connection.execute(
            "DELETE FROM suites WHERE id NOT IN (SELECT suite FROM suite_runs) AND id NOT IN (SELECT suite FROM tests)"
        )
    return len(old)


def moment_of_run(store: Store, number: int) -> float:
    """When the oldest of the latest `number` runs began; 0 when there are not more. Runs of that moment are kept."""
    found = store.rows("SELECT at FROM runs ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?", (number,))
    kept = store.rows("SELECT at FROM runs ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?", (number - 1,))
    return float(kept[0][0]) if found and kept else 0.0
