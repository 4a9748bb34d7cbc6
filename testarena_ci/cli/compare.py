"""`testarena compare`: what is different between two runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from testarena_ci.cli.common import format_option, say, setting_options, settings_from
from testarena_ci.cli.history import DEFAULT
from testarena_ci.context import environment, wants_colours


@click.command(short_help="Show what is different between two runs.")
@click.argument("base", metavar="BASE")
@click.argument("now", metavar="NOW")
@click.option("--log", metavar="CASE", help="Show how the console of this `scenario/case` differs instead.")
@click.option("--numbers", is_flag=True, help="With --log: show lines that differ only in numbers, too.")
@format_option("How to print it.", "markdown")
@setting_options("history")
def compare(base: str, now: str, log: str | None, numbers: bool, format_: str, **flags: Any) -> int:
    """Show what is different in the run NOW from the run BASE.

    Each is a report folder, a journal (events.jsonl), a results.json, or the id of a run in the history
    (the beginning of it, or `latest`). Shown are
    cases that newly fail, are fixed, new, gone, flaky, or fail for another reason; times that differ by a quarter and
    half a second; metrics that differ by 1 %, with their limits; sizes of firmware.

    With --log, the last attempt at one case line by line: times, addresses and counters of lines are not compared.

    Ends with 0 when nothing got worse, with 1 when something newly fails or was not come to; with --log, with 1 when
    the consoles differ.

    \b
    Examples:
      testarena compare nightly-report testarena-report
      testarena compare nightly-report testarena-report --log 'wifi/joins the network'
      testarena compare base/results.json now/results.json --format markdown >> "$GITHUB_STEP_SUMMARY"
    """
    from testarena_ci import comparing  # lazy: --help must not pay for the reports

    colours = format_ == "text" and wants_colours(environment(), terminal=sys.stdout.isatty())
    settings = settings_from((), flags["config"], {"history": flags["history"]})
    runs = comparing.open_runs(base, now, Path.cwd(), Path(settings.history or DEFAULT))
    if log is not None:
        shown = comparing.logs(*runs, log, format_, numbers=numbers, colours=colours)
    else:
        shown = comparing.whole(*runs, format_, colours=colours)
    for line in shown.lines:
        say(line)
    return 1 if shown.worse else 0
