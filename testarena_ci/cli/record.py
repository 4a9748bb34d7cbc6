"""`testarena record`: a scenario made of what one types."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from testarena_ci.cli.common import say, setting_options, settings_from
from testarena_ci.context import child_environment, environment


@click.command()
@click.argument("scenario", required=False, type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The scenario file to make. [default: recorded.xml beside SCENARIO, or here]",
)
@click.option("--on", "device", metavar="DEVICE", default="", help="Which device, in a scenario with several.")
@click.option("--machine", metavar="KIND", default="", help="Without SCENARIO: the kind of machine. [default: qemu]")
@click.option("--command", metavar="COMMAND", default="", help="Without SCENARIO: the program that is the device.")
@click.option("--image", metavar="FILE", default="", help="Without SCENARIO: what the machine boots.")
@click.option("--elf", metavar="FILE", default="", help="Without SCENARIO: the program with its symbols.")
@click.option(
    "--echo/--no-echo", default=None, help="Show what is typed. [default: where the device does not do so itself]"
)
@setting_options("target", "set")
def record(scenario: Path | None, output: Path | None, config: Path | None, target: str | None, **flags: Any) -> int:
    """Work with a device by hand, and get a scenario of it.

    Boots the device of SCENARIO as `run` does, or one that --target, --image and so on describe. What one types goes to
    the device, what it says is shown; Ctrl-] or the end of the input ends. Each line that was typed becomes a case: it
    is sent again, and the first line of the answer is expected, with numbers that may change left open, and then the
    prompt. Without a terminal, lines are taken from the standard input, each when the one before it is answered.

    \b
    Examples:
      testarena record scenarios/console.xml -o scenarios/heap.xml
      testarena record --target esp32c3 --image build/flash.bin
      printf 'ping\\nheap\\n' | testarena record --command ./simulator -o smoke.xml
    """
    from testarena_ci import loading  # lazy: --help must not pay for the engine
    from testarena_ci.recording import record as room  # lazy: as above
    from testarena_ci.recording.session import Surroundings  # lazy: as above

    settings = settings_from((), config, {"target": target, "set": flags.pop("set")})
    made = output or (scenario.parent if scenario else Path()) / room.DEFAULT_NAME
    known = loading.language(settings, Path.cwd())
    around = Surroundings(
        kinds=known.kinds,
        checkout=loading.checkout_of(Path.cwd()),
        environment=child_environment(environment()),
        values=settings.set,
        say=say,
        show=_show,
    )
    wish = room.Wish(scenario=scenario, output=made, **flags)
    recording = room.record_scenario(wish, settings, around, known)
    if recording.exchanges[-1].heard.rpartition("\n")[2]:
        say("")
    for line in room.words(recording, made):
        say(line)
    return 130 if recording.signal else 0


def _show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
