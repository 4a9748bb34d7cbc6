"""`testarena list`: what scenarios and cases there are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from testarena_ci.cli.common import ci_context, say, setting_options, settings_from


@click.command(name="list")
@click.argument("paths", nargs=-1)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print it.",
)
@setting_options("filter", "tag", "target", "set")
def list_(paths: tuple[str, ...], config: Path | None, format_: str, **flags: Any) -> int:
    """Show the scenarios in PATHS and their cases, as `run` with the same options would run them."""
    from testarena_ci import app, listing  # lazy: --help must not pay for the engine

    settings = settings_from(paths, config, flags)
    surroundings = app.Surroundings(cwd=Path.cwd(), ci=ci_context(), say=say, terminal=sys.stdout.isatty())
    made = app.make_plan(settings, app.load(settings, surroundings))
    for line in listing.FORMATS[format_](made):
        say(line)
    return 0
