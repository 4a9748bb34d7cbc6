"""`testarena doctor`: what this machine has and lacks."""

from __future__ import annotations

import click

from testarena_ci.cli.common import say
from testarena_ci.context import child_environment, environment


@click.command(short_help="Show what this machine has and lacks for running scenarios.")
def doctor() -> int:
    """Show what this machine has and lacks for running scenarios: emulators, toolchains, tools, libraries.

    Each line that says `missing` is followed by the command that mends it. Ends with 0 when scenarios can be run here,
    else with 3.
    """
    import asyncio  # lazy: 15 ms that --help can do without

    from testarena_ci.doctor import host as room  # lazy: --help must not pay for asyncio's subprocesses

    variables = child_environment(environment())
    findings = asyncio.run(room.examine(variables))
    targets = asyncio.run(room.targets(variables))
    for line in (*room.as_text(findings), *room.targets_as_text(targets), *room.libraries(), *room.machine()):
        say(line)
    if room.able(findings):
        say("scenarios can be run here")
        return 0
    say("no emulator was found: scenarios can only be run on machines of the kind `command`")
    return 3
