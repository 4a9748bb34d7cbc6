"""`testarena run`: run scenarios and write the reports."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from testarena_ci.cli.common import ci_context, say, setting_options, settings_from


@click.command()
@click.argument("paths", nargs=-1)
@setting_options(
    "filter",
    "tag",
    "target",
    "jobs",
    "timeout",
    "retries",
    "report-dir",
    "set",
    "status",
    "status-context",
    "status-per-scenario",
)
def run(paths: tuple[str, ...], config: Path | None, **flags: Any) -> int:
    """Run the scenarios in PATHS (files or folders; default: the folder `scenarios`).

    Builds the firmware, boots it in an emulator for each scenario, runs the cases, and writes index.html,
    junit.xml, results.json, summary.md
    and the console logs into the report folder. While it runs, queue_status.json there says where it stands.

    \b
    Examples:
      testarena run examples/scenarios
      testarena run scenarios --filter wifi --jobs 2
      testarena run scenarios --tag smoke --tag '!slow' --set baud=115200
    """
    from testarena_ci import app, ending  # lazy: --help must not pay for the engine

    settings = settings_from(paths, config, flags)
    surroundings = app.Surroundings(cwd=Path.cwd(), ci=ci_context(), say=say, terminal=sys.stdout.isatty())
    result = app.run(settings, surroundings)
    for line in ending.result_words(result, Path(settings.report_dir)):
        say(line)
    return ending.exit_code(result)
