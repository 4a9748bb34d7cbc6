"""`testarena run`: run scenarios and write the reports."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click

from testarena_ci.again import sayable
from testarena_ci.cli.common import ci_context, say, setting_options, settings_from, today
from testarena_ci.cli.picks import NAMES, pick_options
from tpf.errors import SettingsError


@click.command(short_help="Run scenarios and write the reports.")
@click.argument("paths", nargs=-1)
@pick_options
@setting_options(
    "filter",
    "tag",
    "target",
    "jobs",
    "timeout",
    "retries",
    "retry-panics",
    "report-dir",
    "history",
    "junit",
    "set",
    "status",
    "status-context",
    "status-per-scenario",
)
def run(paths: tuple[str, ...], config: Path | None, **flags: Any) -> int:
    """Run the scenarios in PATHS (files or folders; default: the folder `scenarios`).

    Builds the firmware, boots it in an emulator for each scenario, runs the cases, and writes index.html,
    junit.xml, results.json, summary.md
    and the console logs into the report folder. While it runs, queue_status.json there says where it stands.

    \b
    Examples:
      testarena run examples/scenarios
      testarena run scenarios --filter wifi --jobs 2
      testarena run scenarios --tag smoke --tag '!slow' --set baud=115200
      testarena run scenarios --case 'console answers/ping answers pong' --repeat 20
      testarena run scenarios --failed
      testarena run scenarios --shuffle --until-fail --timeout 8h
    """
    from testarena_ci import app, ending, planning, refusal  # lazy: --help must not pay for the engine

    asked = {name: flags.pop(name) for name in NAMES}
    try:
        settings = settings_from(paths, config, flags)
    except SettingsError as error:
        refusal.tell_refused(error, None, ci_context(), say)
        raise
    picks = planning.picks(**asked, report=Path(settings.report_dir))
    if picks.failed == frozenset():
        say(f"nothing to run: no case failed in {asked['failed'] or settings.report_dir}")
        return ending.EXIT_PASSED
    if picks.shuffle is not None:
        say(f"the order is shuffled: --shuffle {picks.shuffle} makes it again")
    surroundings = app.Surroundings(
        cwd=Path.cwd(), ci=ci_context(), say=say, terminal=sys.stdout.isatty(), today=today()
    )
    result = app.run(settings, surroundings, picks)
    for line in (*ending.rounds_words(result), *ending.result_words(result, Path(settings.report_dir))):
        say(line)
    if not surroundings.ci.ci and ending.any_case_failed(result):
        say(again(paths, {**flags, "config": config}))
    return ending.exit_code(result)


_KEPT: Final = ("config", "target", "jobs", "retries", "report_dir")


def again(paths: tuple[str, ...], given: Mapping[str, Any]) -> str:
    """The command that runs what failed once more: what chose the cases is left out, what made the run is kept.

    `given` are the flags as written. A value of --set that may be a secret, or is long, is not repeated: logs are kept,
    and screens shared.
    """
    words = ["testarena", "run", *paths]
    for name in _KEPT:
        if given.get(name) is not None:
            words += [f"--{name.replace('_', '-')}", str(given[name])]
    if given.get("retry_panics"):
        words.append("--retry-panics")
    said, hidden = sayable(_pair(text) for text in given.get("set") or ())
    words += said
    besides = f", with --set {', '.join(hidden)} as before" if hidden else ""
    return f"The failed ones again{besides}: {shlex.join([*words, '--failed'])}"


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value
