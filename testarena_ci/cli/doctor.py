"""`testarena doctor`: what this machine has and lacks, for scenarios in general or for one target."""

from __future__ import annotations

from pathlib import Path

import click

from testarena_ci.cli.common import format_option, say
from testarena_ci.context import child_environment, environment


@click.command(short_help="Show what this machine has and lacks for running scenarios.")
@click.option("--target", help="Look for all that a run of this target needs: esp32, esp32c3, esp32c6, linux, ...")
@format_option("How to print it.")
def doctor(target: str | None, format_: str) -> int:
    """Show what this machine has and lacks for running scenarios: emulators, toolchains, tools, libraries.

    With --target, all that a run of that target needs is looked for as the run itself would: ESP-IDF, its compiler and
    tools, the emulator with the board and its libraries, esptool, serial ports. `missing` is needed, `optional` is not
    there but a run can do without it.

    What is not there is followed by the way to get it. Ends with 0 when scenarios (of that target) can be run here,
    else with 3.
    """
    return _general(format_) if target is None else _one(target, format_)


def _one(target: str, format_: str) -> int:
    import asyncio  # lazy: 15 ms that --help can do without

    from testarena_ci.doctor import chips, render, surroundings  # lazy: --help must not pay for the machine kinds
    from testarena_ci.doctor.target import examine  # lazy: as above

    chip = chips.chip_of(target)
    found = asyncio.run(examine(chip, child_environment(environment()), surroundings.look(Path.cwd())))
    for line in (render.as_json(found),) if format_ == "json" else render.as_text(found):
        say(line)
    return 0 if found.able else 3


def _general(format_: str) -> int:
    import asyncio  # lazy: 15 ms that --help can do without

    from testarena_ci.doctor import host  # lazy: --help must not pay for asyncio's subprocesses
    from testarena_ci.doctor.render import sections_as_json  # lazy: as above

    found = asyncio.run(host.examine_all(child_environment(environment())))
    if format_ == "json":
        say(sections_as_json(host.sections(found), able=found.able))
        return 0 if found.able else 3
    for line in host.as_text(found):
        say(line)
    return 0 if found.able else 3
