"""Opens the history database and writes runs into it: one transaction a run, each run once, whoever else writes."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from testarena_ci.history.records import RunRecord
from testarena_ci.history.schema import VERSION, HistoryError, NotAHistory, check, migrate
from tpf.files import keep_out_of_git

PATIENCE: Final = 60.0  # seconds that another's writing is waited for
_NO_DATABASE: Final = ("SQLITE_NOTADB", "SQLITE_CORRUPT")


class Store:
    """An open history. Use it as a context manager."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path: Final = path

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        """All rows of a query. Raises HistoryError, NotAHistory."""
        with told(self.path):
            return self._connection.execute(sql, parameters).fetchall()

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that holds the database from its start. Raises HistoryError, NotAHistory."""
        with told(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def add(self, record: RunRecord) -> bool:
        """Keep a run. False when it is there already; one that was cut off then gives way to what is known later."""
        with self.writing() as connection:
            known = connection.execute(
                "SELECT id, finished, seconds FROM runs WHERE run_id = ?", (record.run_id,)
            ).fetchone()
            if known is not None:
                number, finished, seconds = known
                if finished or (not record.finished and record.seconds <= seconds):
                    return False
                remove(connection, [number])
            _insert(connection, record)
        return True

    def snapshot(self, path: Path) -> None:
        """Write a compact copy of all to a new file."""
        with told(self.path):
            self._connection.execute("VACUUM INTO ?", (str(path),))

    def close(self) -> None:
        """Close it; what others see is whole already."""
        with told(self.path):
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(path: Path, *, patience: float = PATIENCE) -> Store:
    """The history at `path`, made when it isn't there, brought to this version. Raises HistoryError, NotAHistory."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        keep_out_of_git(path.parent)
        if not path.exists():
            _create(path)
    except OSError as error:
        raise HistoryError(f"{path}: can't make the history: {error.strerror}") from error
    with told(path):
        connection = _connect(f"{path.absolute().as_uri()}?mode=rw", patience)
        try:
            migrate(connection, str(path))
            _write_ahead(connection)
        except BaseException:
            connection.close()
            raise
    return Store(connection, path)


def open_existing(path: Path) -> Store:
    """The history at `path`, to look into. Raises NotAHistory when there is none."""
    if not path.is_file():
        raise NotAHistory(
            f"{path}: no history there; `testarena history import REPORT-DIR` begins one, "
            "and so does a run with `history:` in testarena.yml"
        )
    return open_store(path)


def open_read_only(path: Path) -> Store:
    """A history that is only read, and came from elsewhere. Raises HistoryError, NotAHistory."""
    alone = not path.with_name(f"{path.name}-wal").exists()
    with told(path):
        connection = _connect(f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if alone else ''}", PATIENCE)
        try:
            version = check(connection, str(path))
        except BaseException:
            connection.close()
            raise
    if version != VERSION:
        connection.close()
        raise NotAHistory(f"{path}: is no history of version {VERSION}")
    return Store(connection, path)


@contextlib.contextmanager
def told(path: Path) -> Iterator[None]:
    """Errors of SQLite in the words of this product."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(_NO_DATABASE):
            raise NotAHistory(
                f"{path}: is no history database, or is damaged ({error}); it is left as it is: "
                "move it away, or name another file with `history:` or --history"
            ) from error
        if name.startswith("SQLITE_BUSY"):
            raise HistoryError(f"{path}: others have been writing there for too long; try again") from error
        raise HistoryError(f"{path}: the history can't be used: {error}") from error


def _connect(uri: str, patience: float) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, timeout=patience, isolation_level=None, uri=True)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")  # in WAL mode: a power cut can take the last run, never more
    return connection


def _create(path: Path) -> None:
    """Put an empty history in place whole: many may begin at once, and none of them sees half a database."""
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder, told(path):
        fresh = Path(folder) / "new"
        connection = _connect(f"{fresh.absolute().as_uri()}?mode=rwc", PATIENCE)
        with contextlib.closing(connection):
            _write_ahead(connection)
            migrate(connection, str(path))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(fresh)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Readers and a writer side by side. The file remembers it; where others use it now, it works without, too."""
    with contextlib.suppress(sqlite3.OperationalError):
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            connection.execute("PRAGMA journal_mode = WAL")


# ---- what a run is in tables

_REMOVALS: Final = (
    "DELETE FROM suite_runs WHERE run = ?",
    "DELETE FROM cases WHERE run = ?",
    "DELETE FROM points WHERE run = ?",
    "DELETE FROM runs WHERE id = ?",
)


def remove(connection: sqlite3.Connection, runs: Sequence[int]) -> None:
    """Take runs out, within a transaction. Names stay; `queries.prune` sweeps them."""
    for removal in _REMOVALS:
        connection.executemany(removal, [(run,) for run in runs])


def _insert(connection: sqlite3.Connection, record: RunRecord) -> None:
    run = connection.execute(
        "INSERT INTO runs (run_id, started, at, commit_id, branch, verdict, seconds, finished, headline,"
        " passed, failed, error, skipped, flaky, properties) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        _run_row(record),
    ).lastrowid
    assert run is not None  # noqa: S101  it was just inserted
    _insert_names(connection, record)
    connection.executemany(
        "INSERT INTO suite_runs SELECT ?, ?, id, ?, ?, ?, ? FROM suites WHERE name = ? AND target = ?",
        (
            (run, number, suite.verdict, suite.kind, suite.headline, suite.seconds, suite.scenario, suite.target)
            for number, suite in enumerate(record.suites)
        ),
    )
    _insert_cases(connection, run, record)
    _insert_points(connection, run, record)


def _run_row(record: RunRecord) -> tuple[object, ...]:
    counts = record.counts
    return (
        record.run_id,
        record.started,
        record.at,
        record.commit,
        record.branch,
        record.verdict,
        record.seconds,
        record.finished,
        record.headline,
        counts.passed,
        counts.failed,
        counts.error,
        counts.skipped,
        counts.flaky,
        json.dumps(record.properties, ensure_ascii=False),
    )


def _insert_names(connection: sqlite3.Connection, record: RunRecord) -> None:
    suites = {(suite.scenario, suite.target) for suite in record.suites}
    suites |= {(case.scenario, case.target) for case in record.cases}
    connection.executemany("INSERT OR IGNORE INTO suites (name, target) VALUES (?, ?)", suites)
    connection.executemany(
        "INSERT OR IGNORE INTO tests (suite, name) SELECT id, ? FROM suites WHERE name = ? AND target = ?",
        ((case.case, case.scenario, case.target) for case in record.cases),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO series (kind, owner, target, name, unit) VALUES (?, ?, ?, ?, ?)",
        {(point.kind, point.owner, point.target, point.name, point.unit) for point in record.points},
    )


def _insert_cases(connection: sqlite3.Connection, run: int, record: RunRecord) -> None:
    connection.executemany(
        "INSERT INTO cases SELECT ?, ?, tests.id, ?, ?, ?, ?, ?, ? FROM suites"
        " JOIN tests ON tests.suite = suites.id AND tests.name = ? WHERE suites.name = ? AND suites.target = ?",
        (
            (
                run,
                number,
                case.verdict,
                case.kind,
                case.headline,
                case.seconds,
                case.attempts,
                case.flaky,
                case.case,
                case.scenario,
                case.target,
            )
            for number, case in enumerate(record.cases)
        ),
    )


def _insert_points(connection: sqlite3.Connection, run: int, record: RunRecord) -> None:
    connection.executemany(
        "INSERT INTO points SELECT ?, ?, id, ?, ?, ? FROM series"
        " WHERE kind = ? AND owner = ? AND target = ? AND name = ? AND unit = ?",
        (
            (
                run,
                number,
                point.value,
                point.minimum,
                point.maximum,
                point.kind,
                point.owner,
                point.target,
                point.name,
                point.unit,
            )
            for number, point in enumerate(record.points)
        ),
    )
