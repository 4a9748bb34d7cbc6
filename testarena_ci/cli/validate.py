"""`testarena validate`: every mistake in scenario files, at once, without running anything."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from testarena_ci.cli.common import ci_context, format_option, say, setting_options, settings_from, today
from testarena_ci.context import CIContext, ForgeKind, environment, wants_colours
from testarena_ci.settings import SettingsErrors
from tpf.errors import ScenarioErrors


@click.command(short_help="Check scenarios and run nothing.")
@click.argument("paths", nargs=-1)
@format_option("How to print the problems.")
@setting_options("target", "set")
def validate(paths: tuple[str, ...], config: Path | None, format_: str, **flags: Any) -> int:
    """Check the scenarios in PATHS (files or folders; default: the folder `scenarios`) and run nothing.

    Prints each problem as file:line:column: message, with the nearest known name and the valid choices, and their
    number at the end. Under GitHub's CI they are annotations. Exits with 2 when there are any. When the settings are
    wrong, it tells what is wrong with these.

    With --format json: one JSON list, empty when all is well, of objects with `file` (relative to this folder where
    it can be, empty for a flag or variable), `line` and `column` (from 1; 0 when the problem has no place), and
    `message`.
    """
    from testarena_ci import loading  # lazy: --help must not pay for the reader of scenarios
    from testarena_ci.cli import problems  # lazy: as above

    cwd = Path.cwd()
    error: ScenarioErrors | SettingsErrors | None = None
    try:
        settings = settings_from(paths, config, flags)
        scenarios = loading.load_judged(settings, loading.language(settings, cwd), cwd, today())
    except (ScenarioErrors, SettingsErrors) as found:
        error, scenarios = found, ()
    if format_ == "json":
        say(problems.as_json(error.problems if error else ()))
    elif error:
        for line in (*_lines(error, ci_context()), problems.counted(error)):
            say(line)
    else:
        cases = sum(len(scenario.cases) for scenario in scenarios)
        say(f"{problems.number(len(scenarios), 'scenario')} with {problems.number(cases, 'case')}: no problems found")
        for line in problems.quarantine_lines(scenarios):
            say(line)
    return ScenarioErrors.exit_code if error else 0


def _lines(error: ScenarioErrors | SettingsErrors, ci: CIContext) -> Iterator[str]:
    from testarena_ci.cli import problems  # lazy: as above
    from testarena_ci.refusal import problems_at_their_places  # lazy: as above
    from testarena_ci.runner_commands import annotation_lines  # lazy: as above

    if ci.kind is ForgeKind.GITHUB:
        yield from annotation_lines(problems_at_their_places(error), ci.kind, ci.folder)
    else:
        yield from problems.lines(error.problems, colours=wants_colours(environment(), terminal=sys.stdout.isatty()))
