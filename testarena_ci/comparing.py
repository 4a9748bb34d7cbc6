"""`testarena compare`: opens two runs, compares them, and says what came of it in a format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from testarena_ci.compare import as_json, markdown, text
from testarena_ci.compare import logs as log_views
from testarena_ci.compare.logs import Console, consoles
from testarena_ci.compare.recorded import Recorded, open_run
from testarena_ci.compare.runs import compare
from testarena_ci.history.as_result import as_result
from testarena_ci.history.queries import run_results
from testarena_ci.history.store import open_existing
from testarena_ci.reports.markdown import block
from testarena_ci.runner_commands import neutralise
from tpf.result import RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is to be printed, and whether things got worse."""

    lines: tuple[str, ...]
    worse: bool


def open_runs(base: str, now: str, cwd: Path, history: Path) -> tuple[Recorded, Recorded]:
    """Both runs, by folder, file or id. Raises UsageError."""

    def remembered(run_id: str) -> RunResult | None:
        if not history.is_file():
            return None
        with open_existing(history) as store:
            return as_result(run_results(store, run_id))

    return open_run(base, cwd, remembered), open_run(now, cwd, remembered)


def whole(base: Recorded, now: Recorded, format_: str, *, colours: bool) -> Shown:
    """All that is different."""
    found = compare(base.result, now.result)
    match format_:
        case "json":
            lines: Iterator[str] = iter((as_json.render(found),))
        case "markdown":
            lines = iter(markdown.render(found).splitlines())
        case _:
            lines = _shown(text.render(found, colours=colours), colours=colours)
    return Shown(lines=tuple(lines), worse=found.worse)


def logs(base: Recorded, now: Recorded, case: str, format_: str, *, numbers: bool, colours: bool) -> Shown:
    """What the consoles of one case say differently."""
    found = consoles(base, now, case)
    return Shown(
        lines=tuple(_log_lines(found, format_, numbers=numbers, colours=colours)),
        worse=any(console.differs for console in found),
    )


def _log_lines(found: tuple[Console, ...], format_: str, *, numbers: bool, colours: bool) -> Iterator[str]:
    if format_ == "json":
        yield json.dumps({"schema": 1, "consoles": log_views.document(found)}, indent=2)
        return
    lines = log_views.render(found, numbers=numbers, colours=colours)
    if format_ == "markdown":
        yield block("\n".join(lines), lines=400)
        return
    yield from _shown(lines, colours=colours)


def _shown(lines: Iterator[str], *, colours: bool) -> Iterator[str]:
    """For a job's log, nothing in it acts as a command of the runner; a terminal with colours is nobody's runner."""
    return lines if colours else map(neutralise, lines)
