"""`testarena view`: a report folder in the browser, also while the run goes on."""

from __future__ import annotations

import asyncio
import threading
import webbrowser
from pathlib import Path

import click

from testarena_ci.cli.common import say


@click.command(short_help="Show a report in the browser, and follow a run live.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default="testarena-report")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1. [default: a free one]")
@click.option("--open", "open_browser", is_flag=True, help="Open the browser.")
def view(folder: Path, port: int, open_browser: bool) -> int:
    """Show the report in FOLDER in a browser, and follow a run live while it goes on.

    Serves FOLDER (default: testarena-report) to browsers on this machine, at the address that it prints. It may be
    called before the run begins, and stays for the runs that come after. Ctrl-C ends it; the exit code is 0 then.

    \b
    Examples:
      testarena view
      testarena view testarena-report --open
      testarena view /srv/reports/nightly --port 8123
    """
    from testarena_ci.stop_signals import held_signals  # lazy: --help must not pay for it
    from testarena_ci.viewing.feed import Feed  # lazy: as above
    from testarena_ci.viewing.watch import watch  # lazy: as above

    def ready(address: str, feed: Feed) -> None:
        say(f"{folder}: {_WORDS[feed.phase]}; {address} shows it, Ctrl-C ends")
        if open_browser:
            threading.Thread(target=_open, args=(address,), name="browser", daemon=True).start()

    with held_signals() as signals:
        asyncio.run(watch(folder, port, ready, signals))
    return 0


_WORDS = {
    "waiting": "no run yet",
    "running": "a run is under way",
    "reporting": "a run is making its reports",
    "ended": "a report",
    "killed": "a run that was killed",
    "damaged": "a journal that is damaged",
}


def _open(address: str) -> None:
    """Apart, for a browser in a terminal would keep us until it ends."""
    if not webbrowser.open(address):
        say(f"found no browser; open {address} in one")
