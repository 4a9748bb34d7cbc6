"""`testarena new`: a first scenario for a project."""

from __future__ import annotations

from pathlib import Path

import click

from testarena_ci.cli.common import say


@click.command(short_help="Make a first scenario for the project in a folder.")
@click.argument("folder", type=click.Path(path_type=Path), default=".")
def new(folder: Path) -> int:
    """Make a first scenario and testarena.yml for the project in FOLDER (default: this one).

    Of an ESP-IDF project it finds out the name, the target, the size of the flash, the console's prompt, and whether
    it runs Unity tests; of a Makefile the program; and says where it read each. Without a project the device is a small
    script to play with. What is there already is never overwritten.

    \b
    Examples:
      testarena new
      testarena new firmware/console
    """
    from testarena_ci.runner_commands import neutralise  # lazy: --help must not pay for it
    from testarena_ci.starter import make  # lazy: as above

    for line in make.words(make.make(folder), folder, Path.cwd()):
        say(neutralise(line))
    return 0
