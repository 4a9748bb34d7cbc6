"""`testarena bisect`: find the commit that broke a case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from testarena_ci.cli.common import format_option, say, setting_options, settings_from
from testarena_ci.context import child_environment, environment


@click.command(short_help="Find the commit that broke a case.")
@click.argument("case")
@click.argument("paths", nargs=-1)
@click.option("--good", required=True, metavar="REV", help="A commit at which the case passes.")
@click.option("--bad", default="HEAD", show_default=True, metavar="REV", help="A commit at which it fails.")
@click.option(
    "--runs",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    metavar="N",
    help="Run the case N times at each commit, for one that fails now and then: it fails there if it fails once.",
)
@click.option(
    "--take",
    multiple=True,
    metavar="PATH",
    help="A file or folder that each step gets from your checkout as it is now, such as a scenario that older commits "
    "don't have; may be given several times.",
)
@click.option("--fresh", is_flag=True, help="Forget what an earlier search for the same has found out.")
@format_option("How to print what was found; with json, the steps go to the standard error.")
@setting_options("target", "timeout", "set")
def bisect(case: str, paths: tuple[str, ...], config: Path | None, format_: str, **flags: Any) -> int:
    """Find the commit that broke CASE, named `scenario/case` as `run --case` takes it, among the scenarios in PATHS.

    Runs git bisect in a worktree of its own: your checkout is not touched. At each step the firmware is built and the
    one case is run; --timeout is the limit of each. A commit that can't be built, has no such case or whose machine
    breaks is skipped. At the end it says the first bad commit, and how the case fails there.

    What was found out is kept in .testarena/bisect: after Ctrl-C, or a kill, the same command goes on from there.
    Ends with 0 when one commit was found, with 1 when commits that can't be judged leave several.

    \b
    Examples:
      testarena bisect 'wifi/joins the network' --good v1.2
      testarena bisect 'wifi/joins the network' --good v1.2 --bad main --runs 10
      testarena bisect 'wifi/joins the network' --good v1.2 --take scenarios/wifi.xml
    """
    from testarena_ci import bisecting  # lazy: --help must not pay for asyncio
    from testarena_ci.bisect import words  # lazy: as above

    limit = settings_from(paths, config, {name: flags[name] for name in ("target", "timeout", "set")}).timeout
    asked = bisecting.Asked(
        case=case,
        good=flags["good"],
        bad=flags["bad"],
        arguments=_arguments(case, paths, config, flags),
        take=flags["take"],
        fresh=flags["fresh"],
        limit=limit,
    )
    aside = format_ == "json"
    tell = (lambda line: click.echo(line, err=True)) if aside else say
    ended = bisecting.bisect(asked, Path.cwd(), child_environment(environment()), tell)
    lines = (words.as_json(ended.found),) if aside else bisecting.shown(ended)
    for line in lines:
        say(line)
    return 0 if ended.found.certain else 1


def _arguments(case: str, paths: tuple[str, ...], config: Path | None, flags: dict[str, Any]) -> tuple[str, ...]:
    """For `testarena run` at each step: it reads the settings of that commit."""
    words = [f"--case={case}", "--retries=0", "--no-status"]
    words += [f"--repeat={flags['runs']}"] if flags["runs"] > 1 else []
    words += [f"--config={config}"] if config else []
    for name in ("target", "timeout"):
        words += [f"--{name}={flags[name]}"] if flags[name] is not None else []
    return (*words, *(f"--set={pair}" for pair in flags["set"]), "--", *paths)
