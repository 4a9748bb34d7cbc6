"""`testarena build`: build the firmware that scenarios need, and run nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from testarena_ci.cli.common import ci_context, format_option, say, setting_options, settings_from


@click.command(short_help="Build the firmware of the scenarios, and run nothing.")
@click.argument("paths", nargs=-1)
@format_option("How to print what came of it; with json, the build's own lines go to the standard error.")
@setting_options("filter", "tag", "target", "timeout", "set")
def build(paths: tuple[str, ...], config: Path | None, format_: str, **flags: Any) -> int:
    """Build the firmware that the scenarios in PATHS need, as `run` would, and run nothing.

    ESP-IDF projects are built by idf.py, without ESP-IDF being activated; what has not changed is not built again. Says
    how much memory each firmware takes. Ends with 0 when all was built, with 4 when a build failed, with 3 when this
    machine lacks ESP-IDF or another tool, with 2 when scenarios or settings are wrong.

    \b
    Examples:
      testarena build
      testarena build scenarios --target esp32c3
      testarena build --format json | jq '.builds[].sizes'
    """
    from testarena_ci import building  # lazy: --help must not pay for the engine

    settings = settings_from(paths, config, flags)
    aside = format_ == "json"
    result = building.build(settings, Path.cwd(), (lambda line: click.echo(line, err=True)) if aside else say)
    for line in (*building.runner_lines(result, ci_context()), *building.words(result)):
        click.echo(line, err=aside)
    if aside:
        say(building.as_json(result))
    return building.exit_code(result)
