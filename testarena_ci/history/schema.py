"""The tables of the history database, and how one of an older version becomes one of this version.

    runs 1--n suite_runs, cases, points          what a run told
    suites 1--n tests, series                    names, each kept once

`PRAGMA user_version` says the version, `PRAGMA application_id` that the file is ours.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from tpf.errors import TestArenaError, UsageError

APPLICATION: Final = 0x54414849  # "TAHI"


class HistoryError(TestArenaError):
    """The history can't be read or written now; nothing in it is lost."""

    exit_code = 4


class NotAHistory(UsageError):
    """The file is no history database that this version can use; it is left as it is."""


_FIRST: Final = """
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  started TEXT NOT NULL,
  at REAL NOT NULL,                 -- the start, in seconds since 1970
  commit_id TEXT NOT NULL,
  branch TEXT NOT NULL,
  verdict TEXT NOT NULL,
  seconds REAL NOT NULL,
  finished INTEGER NOT NULL,
  headline TEXT NOT NULL,
  passed INTEGER NOT NULL, failed INTEGER NOT NULL, error INTEGER NOT NULL,
  skipped INTEGER NOT NULL, flaky INTEGER NOT NULL,
  properties TEXT NOT NULL          -- JSON: pairs of name and value
) STRICT;
CREATE INDEX runs_at ON runs (at);

CREATE TABLE suites (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  target TEXT NOT NULL,
  UNIQUE (name, target)
) STRICT;
CREATE TABLE tests (
  id INTEGER PRIMARY KEY,
  suite INTEGER NOT NULL REFERENCES suites,
  name TEXT NOT NULL,
  UNIQUE (suite, name)
) STRICT;
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,               -- metric or size
  owner TEXT NOT NULL,
  target TEXT NOT NULL,
  name TEXT NOT NULL,
  unit TEXT NOT NULL,
  UNIQUE (kind, owner, target, name, unit)
) STRICT;

CREATE TABLE suite_runs (
  run INTEGER NOT NULL REFERENCES runs,
  number INTEGER NOT NULL,
  suite INTEGER NOT NULL REFERENCES suites,
  verdict TEXT NOT NULL,
  kind TEXT NOT NULL,
  headline TEXT NOT NULL,
  seconds REAL NOT NULL,
  PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX suite_runs_suite ON suite_runs (suite);
CREATE TABLE cases (
  run INTEGER NOT NULL REFERENCES runs,
  number INTEGER NOT NULL,
  test INTEGER NOT NULL REFERENCES tests,
  verdict TEXT NOT NULL,
  kind TEXT NOT NULL,
  headline TEXT NOT NULL,
  seconds REAL NOT NULL,
  attempts INTEGER NOT NULL,
  flaky INTEGER NOT NULL,
  PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX cases_test ON cases (test, run);
CREATE INDEX cases_marked ON cases (run, test) WHERE flaky = 1 OR verdict IN ('failed', 'error');
CREATE TABLE points (
  run INTEGER NOT NULL REFERENCES runs,
  number INTEGER NOT NULL,
  series INTEGER NOT NULL REFERENCES series,
  value REAL NOT NULL,
  minimum REAL,
  maximum REAL,
  PRIMARY KEY (run, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX points_series ON points (series, run);

CREATE TABLE forgotten (             -- one row: runs that began before it were pruned, and don't come back by a pull
  only INTEGER PRIMARY KEY CHECK (only = 1),
  before REAL NOT NULL
) STRICT;
INSERT INTO forgotten VALUES (1, 0.0);
"""

MIGRATIONS: Final[tuple[str, ...]] = (_FIRST,)  # the one at place n leads from version n to n + 1; never change one
VERSION: Final = len(MIGRATIONS)


def check(connection: sqlite3.Connection, path: str) -> int:
    """The version of a database that is ours, 0 for an empty one. Raises NotAHistory, sqlite3.Error."""
    application, version = (_pragma(connection, name) for name in ("application_id", "user_version"))
    rows = connection.execute("SELECT type, count(*) FROM sqlite_master GROUP BY type").fetchall()
    if not rows and not version:
        return 0
    if application != APPLICATION:
        raise NotAHistory(f"{path}: is a database of another program; name another file with `history:` or --history")
    if {kind for kind, _ in rows} & {"trigger", "view"}:
        raise NotAHistory(f"{path}: has triggers or views, which a history of ours has not; it is not used")
    if not 0 < version <= VERSION:
        raise NotAHistory(
            f"{path}: is a history of version {version}, and this TestArena knows {VERSION}: "
            "use a newer TestArena, or name another file with `history:` or --history"
        )
    return version


def migrate(connection: sqlite3.Connection, path: str) -> None:
    """Bring a database to this version in one transaction, also when others try the same. Raises as `check`."""
    if check(connection, path) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for script in MIGRATIONS[check(connection, path) :]:  # again: another may have been faster
            for statement in _statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)


def _statements(script: str) -> list[str]:
    """`executescript` would end our transaction."""
    statements, part = [], ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            statements.append(part)
            part = ""
    return statements
