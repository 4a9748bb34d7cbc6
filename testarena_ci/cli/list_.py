"""`testarena list`: what scenarios and cases there are, and which requirements they cover."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from testarena_ci.cli.common import say, setting_options, settings_from


@click.command(name="list", short_help="Show scenarios and their cases, as `run` would run them.")
@click.argument("paths", nargs=-1)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["tree", "table", "json"]),
    default="tree",
    show_default=True,
    help="How to print it.",
)
@click.option("--requirements", is_flag=True, help="Show each requirement with the cases that cover it instead.")
@setting_options("filter", "tag", "target", "set")
def list_(paths: tuple[str, ...], config: Path | None, format_: str, requirements: bool, **flags: Any) -> int:
    """Show the scenarios in PATHS and their cases, as `run` with the same options would run them.

    With tags (`#smoke`), requirements, and the values of parameters. The names are those that `run --case` takes.
    """
    from testarena_ci import listing, loading, planning  # lazy: --help must not pay for the engine

    settings = settings_from(paths, config, flags)
    cwd = Path.cwd()
    scenarios = loading.load_marked(settings, loading.language(settings, cwd), cwd)
    made = planning.make_plan(settings, planning.Picks(), scenarios)
    for line in (listing.REQUIREMENTS if requirements else listing.FORMATS)[format_](made):
        say(line)
    return 0
