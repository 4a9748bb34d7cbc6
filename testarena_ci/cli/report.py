"""`testarena report`: make the reports of a run again from its journal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from testarena_ci.cli.common import say, setting_options, settings_from


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@setting_options("junit")
def report(folder: Path, config: Path | None, **flags: Any) -> int:
    """Make all reports in FOLDER again from its journal, events.jsonl.

    Also for a run that was killed: what ran is reported, what was under way or never ran is an error that says so.
    Ends with the exit code
    of the run.
    """
    from testarena_ci import app, ending  # lazy: --help must not pay for the reports

    result = app.report_again(folder, settings_from((), config, flags).junit)
    for line in ending.result_words(result, folder):
        say(line)
    return ending.exit_code(result)
