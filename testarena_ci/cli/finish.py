"""`testarena finish`: end what a killed run left open."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from testarena_ci.cli.common import ci_context, say, setting_options, settings_from, today
from tpf.errors import SettingsError


@click.command(short_help="End what a killed run left open: its reports, its status.")
@setting_options("report-dir", "history", "junit", "status", "status-context", "status-per-scenario")
def finish(config: Path | None, **flags: Any) -> int:
    """End what a run that was killed left open: write its reports, post its final commit status.

    The action calls it in a step with `if: always()`. When the run ended in order it only sends what could not be
    posted then. Always exits with 0: the verdict was the run's to give.
    """
    from testarena_ci import app, finishing  # lazy: --help must not pay for the reports

    try:
        settings = settings_from((), config, flags)
    except SettingsError:
        return 0  # the run has ended with that error, and before it began
    surroundings = app.Surroundings(
        cwd=Path.cwd(), ci=ci_context(), say=say, terminal=sys.stdout.isatty(), today=today()
    )
    finishing.finish(settings, surroundings)
    return 0
