"""Serve a report folder until somebody ends it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
from collections.abc import Callable
from pathlib import Path
from typing import Final

from testarena_ci.stop_signals import StopSignals
from testarena_ci.viewing.feed import Feed
from testarena_ci.viewing.files import REPORT
from testarena_ci.viewing.server import Server
from tpf.errors import UsageError
from tpf.journal import FILE_NAME as JOURNAL


async def watch(folder: Path, port: int, ready: Callable[[str, Feed], None], signals: StopSignals) -> None:
    """Serve until a signal comes; `ready` gets the address and what is known by then. Raises UsageError."""
    check(folder)
    feed = Feed(folder)
    while feed.look():
        pass
    server = Server(folder, feed)
    try:
        listening = await server.serve(port)
    except OSError as error:
        reason = "another program listens there" if error.errno == errno.EADDRINUSE else error.strerror
        raise UsageError(f"--port {port}: {reason}; leave --port out to get a free one") from error
    following = asyncio.create_task(feed.follow())
    loop, asked = asyncio.get_running_loop(), asyncio.Event()
    try:
        with signals.lead_to(lambda _: loop.call_soon_threadsafe(asked.set)):
            ready(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/", feed)
            await asked.wait()
    finally:
        listening.close()
        following.cancel()
        await server.close()
        with contextlib.suppress(asyncio.CancelledError):
            await following


def check(folder: Path) -> None:
    """Raises UsageError for a folder that no run wrote: what is in it is nobody's business."""
    try:
        names = {entry.name for entry in folder.iterdir()}
    except FileNotFoundError:
        return  # the run will make it
    except OSError as error:
        raise UsageError(f"{folder}: can't be read: {error.strerror}; name a report folder") from error
    if names and not names & _OURS:
        raise UsageError(
            f"{folder}: is no report folder: it has files, and neither {JOURNAL} nor {REPORT}; "
            "name the folder that a run writes, as in testarena view testarena-report"
        )


_OURS: Final = frozenset((JOURNAL, REPORT, ".lock"))
