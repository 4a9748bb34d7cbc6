"""`testarena validate`: every mistake in scenario files, at once, without running anything."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from testarena_ci.cli.common import ci_context, say, setting_options, settings_from


@click.command()
@click.argument("paths", nargs=-1)
@setting_options("target", "set")
def validate(paths: tuple[str, ...], config: Path | None, **flags: Any) -> int:
    """Check the scenarios in PATHS (files or folders; default: the folder `scenarios`) and run nothing.

    Prints each problem as file:line:column: message, with the nearest known name and the valid choices. Exits with
    2 when there are any.
    """
    from testarena_ci import app  # lazy: --help must not pay for the engine

    settings = settings_from(paths, config, flags)
    surroundings = app.Surroundings(cwd=Path.cwd(), ci=ci_context(), say=say, terminal=sys.stdout.isatty())
    scenarios = app.load(settings, surroundings)
    cases = sum(len(scenario.cases) for scenario in scenarios)
    say(f"{len(scenarios)} scenarios with {cases} cases: no problems found")
    return 0
