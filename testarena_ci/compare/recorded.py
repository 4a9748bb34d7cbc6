"""Runs as they were recorded, read for comparing: report folders, journals, results.json, and runs in the history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from testarena_ci.reports import KINDS
from testarena_ci.reports.console import ConsoleText
from testarena_ci.reports.write import log_reader
from tpf.errors import UsageError
from tpf.fold import fold
from tpf.journal import FILE_NAME as JOURNAL
from tpf.journal import read
from tpf.result import DeviceLog, RunResult

RESULTS: Final = KINDS["json"].file


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A run, and its consoles where they are at hand."""

    label: str  # as it was named on the command line
    result: RunResult
    read_log: Callable[[DeviceLog], ConsoleText]


def open_run(name: str, cwd: Path, in_history: Callable[[str], RunResult | None]) -> Recorded:
    """The run that a name means: a folder, a file, else an id in the history. Raises UsageError, JournalError."""
    path = cwd / name
    if path.is_dir():
        journal, results = path / JOURNAL, path / RESULTS
        if journal.is_file() or results.is_file():
            return _from_file(name, journal if journal.is_file() else results)
        raise UsageError(f"{name}: has neither {JOURNAL} nor {RESULTS}: not a report folder")
    if path.is_file():
        return _from_file(name, path)
    found = in_history(name)
    if found is None:
        raise UsageError(
            f"{name}: neither a report folder, a journal or a {RESULTS}, nor the id of a run in the history; "
            "`testarena history list` shows those"
        )
    return Recorded(label=name, result=found, read_log=_no_log)


def _no_log(log: DeviceLog) -> ConsoleText:
    return ConsoleText(problem=f"{log.path}: the history keeps no consoles; compare the report folders")


def _from_file(label: str, path: Path) -> Recorded:
    made = _from_results if path.suffix == ".json" else _from_journal
    return Recorded(label=label, result=made(path), read_log=log_reader(path.parent))


def _from_journal(path: Path) -> RunResult:
    try:
        return fold(read(path))
    except (ValueError, KeyError, IndexError) as error:
        raise UsageError(f"{path}: is not the journal of a run: {error}") from error


def _from_results(path: Path) -> RunResult:
    try:
        return of_document(msgspec.json.decode(path.read_bytes()))
    except OSError as error:
        raise UsageError(f"{path}: can't be read: {error.strerror}") from error
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path}: is not a results.json of TestArena: {error}") from error


def of_document(document: Any) -> RunResult:
    """The result that a results.json was made from, but for what it derives. Raises ValueError and others."""
    if document["schema"] != 1:
        raise ValueError(f"its schema is {document['schema']!r}, and 1 is the only one known")
    run = document["run"]
    made = {
        "run_id": run["id"],
        **{name: run[name] for name in ("started", "seconds", "finished", "failure")},
        "properties": _pairs(run["properties"]),
        "builds": document["builds"],
        "scenarios": [_scenario(scenario) for scenario in document["scenarios"]],
    }
    return msgspec.convert(made, RunResult)


def _scenario(scenario: dict[str, Any]) -> dict[str, Any]:
    return {
        **scenario,
        "parameters": _pairs(scenario["parameters"]),
        "metrics": _measured(scenario["metrics"]),
        "cases": [_case(case) for case in scenario["cases"]],
    }


def _case(case: dict[str, Any]) -> dict[str, Any]:
    not_run = None if case["attempts"] else case["failure"]
    return {**case, "metrics": _measured(case["metrics"]), "not_run": not_run}


def _measured(metrics: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without those whose value was no number: they stand as null."""
    return [metric for metric in metrics if metric["value"] is not None]


def _pairs(table: dict[str, str]) -> list[tuple[str, str]]:
    return list(table.items())
