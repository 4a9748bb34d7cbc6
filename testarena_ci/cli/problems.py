"""What is wrong with scenarios, as people, editors, runners and programs read it.

boot.xml:12:5: unknown step <sned>; did you mean <send>?
1 problem in 1 file

[{"file": "boot.xml", "line": 12, "column": 5, "message": "unknown step <sned>; did you mean <send>?"}]
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

import click

from testarena_ci.runner_commands import neutralise
from testarena_ci.settings import SettingsErrors
from tpf.errors import Problem, ScenarioErrors
from tpf.scenario.model import Scenario


def lines(problems: Sequence[Problem], *, colours: bool) -> Iterator[str]:
    """One line a problem, `file:line:column: message`, or the message alone where there is no place."""
    for problem in problems:
        place, message = neutralise(str(problem.source)), neutralise(problem.message)
        shown = click.style(place, bold=True) if colours else place
        yield f"{shown}: {message}" if place else message


def counted(error: ScenarioErrors | SettingsErrors) -> str:
    """``3 problems in 2 files``, ``1 problem in the settings``"""
    files = len({problem.source.file for problem in error.problems})
    where = "the settings" if isinstance(error, SettingsErrors) else number(files, "file")
    return f"{number(len(error.problems), 'problem')} in {where}"


def quarantine_lines(scenarios: Iterable[Scenario]) -> Iterator[str]:
    """``console/ping: quarantined until 2026-12-01, PROJ-7: the line is noisy``"""
    for scenario in scenarios:
        for case in scenario.cases:
            name = f"{scenario.name}/{case.name}"
            whole = ((name, case.quarantine),) if case.quarantine else ()
            parts = ((f"{name} / {part}", said) for part, said in case.quarantined_parts)
            for what, said in (*whole, *parts):
                yield neutralise(f"{what}: {said.label}: {said.reason}")


def number(count: int, word: str) -> str:
    """``1 problem``, ``2 problems``"""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def as_json(problems: Sequence[Problem]) -> str:
    """A list of objects with file, line, column (both from 1; 0 where there is none) and message."""
    found = [
        {
            "file": problem.source.file,
            "line": problem.source.line,
            "column": problem.source.column,
            "message": problem.message,
        }
        for problem in problems
    ]
    return json.dumps(found, indent=1, ensure_ascii=False)
