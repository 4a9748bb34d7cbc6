"""`testarena history`: what many runs told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from testarena_ci.cli.common import say, setting_options, settings_from
from tpf.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT: Final = ".testarena/history.db"


@click.group(short_help="What many runs told: flaky, slow and growing things.")
def history() -> None:
    """What many runs told: what is flaky, what is slow, what is growing.

    With `history: .testarena/history.db` in testarena.yml each run is kept there at its end; `import` takes in runs
    that were kept as artifacts. `push` and `pull` carry the history between runners.

    \b
    Examples:
      testarena history import testarena-report/
      testarena history flaky
      testarena history trend boot_time
      testarena history pull && testarena run && testarena history push
    """


def _file_option(function: F) -> F:
    return setting_options("history")(function)


def _window_options(default: int) -> Callable[[F], F]:
    def decorate(function: F) -> F:
        function = click.option("--branch", default="", metavar="NAME", help="Look at runs of this branch only.")(
            function
        )
        return click.option(
            "--runs",
            type=click.IntRange(1, 1_000_000),
            default=default,
            show_default=True,
            metavar="N",
            help="Look at the latest N runs.",
        )(function)

    return decorate


def _format_option(function: F) -> F:
    choice = click.Choice(["text", "json"])
    return click.option("--format", "format_", type=choice, default="text", show_default=True, help="How to print it.")(
        function
    )


def _path(flags: Mapping[str, Any]) -> Path:
    """The database: of --history, of testarena.yml, else the usual place."""
    settings = settings_from((), flags["config"], {"history": flags["history"]})
    return Path(settings.history or DEFAULT)


def _window(flags: Mapping[str, Any]) -> dict[str, Any]:
    return {"runs": flags["runs"], "branch": flags["branch"]}


def _all(lines: Iterable[str]) -> int:
    for line in lines:
        say(line)
    return 0


@history.command(name="import", short_help="Take in runs from report folders.")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@_file_option
def import_(folders: tuple[Path, ...], **flags: Any) -> int:
    """Take in the runs in FOLDERS: report folders, folders in which such lie, or journals (events.jsonl).

    Runs that were killed count as well. A run that is there already is not taken in twice.
    """
    from testarena_ci.history import feeding, store  # lazy: --help must not pay for the database
    from testarena_ci.runner_commands import neutralise  # lazy: as above

    with store.open_store(_path(flags)) as opened:
        done = feeding.import_folders(opened, folders)
        for problem in done.problems:
            say(neutralise(f"note: {problem}"))
        say(f"{done.added} runs taken in, with {done.cases} case results; {done.known} were there already")
    return 2 if done.problems else 0


@history.command(name="list", short_help="The latest runs.")
@_window_options(20)
@_format_option
@_file_option
def list_(format_: str, **flags: Any) -> int:
    """The latest runs, the newest first."""
    from testarena_ci.history import queries, render, store  # lazy: as above

    with store.open_existing(_path(flags)) as opened:
        found = queries.runs(opened, queries.Window(**_window(flags)))
        as_json = format_ == "json"
        return _all([render.as_json(render.runs_data(found))] if as_json else render.runs_table(found))


@history.command(short_help="All that is kept of one run.")
@click.argument("run")
@_format_option
@_file_option
def show(run: str, format_: str, **flags: Any) -> int:
    """All that is kept of RUN: its id, the beginning of its id, or `latest`."""
    from testarena_ci.history import queries, render, store  # lazy: as above

    with store.open_existing(_path(flags)) as opened:
        found = queries.run_results(opened, run)
        return _all([render.as_json(render.run_data(found))] if format_ == "json" else render.run_text(found))


@history.command(short_help="A metric, a firmware size or a case's time over runs.")
@click.argument("name")
@_window_options(100)
@_format_option
@_file_option
def trend(name: str, format_: str, **flags: Any) -> int:
    """How the metric, firmware size or case NAME went over runs, and where its level changed.

    NAME is a metric (`boot_time`), a metric of one case (`console/ping/boot_time`), a size (`app/Flash Code`), or a
    case (`console/ping`), whose seconds are shown then.
    """
    from testarena_ci.history import queries, render, store  # lazy: as above

    with store.open_existing(_path(flags)) as opened:
        found = queries.trends(opened, name, queries.Window(**_window(flags)))
        as_json = format_ == "json"
        return _all([render.as_json(render.trend_data(found))] if as_json else render.trend_text(found))


@history.command(short_help="Cases that contradict themselves on one commit.")
@_window_options(100)
@_format_option
@_file_option
def flaky(format_: str, **flags: Any) -> int:
    """Cases that passed and failed on one and the same commit, or passed at a retry: score and evidence.

    The score is the share of contradicting results that is proven (the lower end of its 95 % interval).
    """
    from testarena_ci.history import flaky as judging  # lazy: as above
    from testarena_ci.history import queries, render, store  # lazy: as above

    with store.open_existing(_path(flags)) as opened:
        found = judging.flaky_cases(queries.outcomes(opened, queries.Window(**_window(flags))))
        as_json = format_ == "json"
        return _all([render.as_json(render.flaky_data(found))] if as_json else render.flaky_text(found))


@history.command(short_help="The cases or scenarios that take longest.")
@click.option("--scenarios", is_flag=True, help="Whole scenarios, boots and all, instead of cases.")
@click.option("--most", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="Show N of them.")
@_window_options(50)
@_format_option
@_file_option
def slow(scenarios: bool, most: int, format_: str, **flags: Any) -> int:
    """The cases that take longest where they pass, by their 90th percentile."""
    from testarena_ci.history import queries, render, store  # lazy: as above

    ask = queries.suite_durations if scenarios else queries.durations
    with store.open_existing(_path(flags)) as opened:
        found = list(ask(opened, queries.Window(**_window(flags))))
        slowest = sorted(found, key=lambda series: -series.percentile(0.9))[:most]
        as_json = format_ == "json"
        return _all([render.as_json(render.slow_data(slowest))] if as_json else render.slow_table(slowest))


@history.command(short_help="Forget old runs.")
@click.option("--keep", type=click.IntRange(1), metavar="N", help="Keep the latest N runs.")
@click.option("--older", metavar="AGE", help="Forget runs older than this: 90d, 12w, 36h.")
@_file_option
def prune(keep: int | None, older: str | None, **flags: Any) -> int:
    """Forget old runs, for good: a later pull doesn't bring them back."""
    from testarena_ci.history import queries, store  # lazy: as above

    if keep is None and older is None:
        raise UsageError("say what to forget: --keep 500, or --older 90d")
    seconds = None if older is None else age(older)
    with store.open_existing(_path(flags)) as opened:
        moments = [0.0]
        moments += [] if keep is None else [queries.moment_of_run(opened, keep)]
        moments += [] if seconds is None else [datetime.now(UTC).timestamp() - seconds]
        say(f"{queries.prune_before(opened, max(moments))} runs forgotten")
    return 0


_AGE: Final = re.compile(r"(\d{1,6})([hdw])", re.ASCII)
_UNITS: Final = {"h": 3600, "d": 86400, "w": 7 * 86400}


def age(text: str) -> float:
    """The seconds of `90d`. Raises UsageError."""
    match = _AGE.fullmatch(text)
    if match is None:
        raise UsageError(f"--older {text!r}: is no age; say hours, days or weeks, such as 36h, 90d or 12w")
    return float(match[1]) * _UNITS[match[2]]


def _carry_options(function: F) -> F:
    function = click.option("--remote", default="origin", show_default=True, help="The git remote.")(function)
    function = click.option(
        "--branch", default="testarena-history", show_default=True, help="The branch that holds the history."
    )(function)
    return click.option(
        "--folder",
        type=click.Path(path_type=Path, file_okay=False),
        help="Instead of a branch, a folder, which the workflow keeps as an artifact or in a cache.",
    )(function)


@history.command(short_help="Bring the history to a branch or a folder.")
@_carry_options
@_file_option
def push(folder: Path | None, branch: str, remote: str, **flags: Any) -> int:
    """Bring the runs kept here to a branch of the git remote, or to a folder.

    First takes in what is there, so that pushes side by side lose nothing.
    """
    from testarena_ci.history import carrying  # lazy: as above

    return carrying.push(_path(flags), carrying.Way(folder=folder, branch=branch, remote=remote), say)


@history.command(short_help="Take in the history from a branch or a folder.")
@_carry_options
@_file_option
def pull(folder: Path | None, branch: str, remote: str, **flags: Any) -> int:
    """Take in the runs on a branch of the git remote, or in a folder. None is there yet: nothing is taken in."""
    from testarena_ci.history import carrying  # lazy: as above

    return carrying.pull(_path(flags), carrying.Way(folder=folder, branch=branch, remote=remote), say)
