"""`testarena report`: make the reports of a run again from its journal."""

from __future__ import annotations

from pathlib import Path

import click

from testarena_ci.cli.common import say


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def report(folder: Path) -> int:
    """Make all reports in FOLDER again from its journal, events.jsonl.

    Also for a run that was killed: what ran is reported, what was under way or never ran is an error that says so.
    Ends with the exit code
    of the run.
    """
    from testarena_ci import app, ending  # lazy: --help must not pay for the reports

    result = app.report_again(folder)
    for line in ending.result_words(result, folder):
        say(line)
    return ending.exit_code(result)
