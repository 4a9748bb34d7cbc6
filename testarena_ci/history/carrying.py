"""`history push` and `pull`: the ways of `carry` with a store, the programs they need, and words for people."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testarena_ci.context import child_environment, environment
from testarena_ci.history import carry
from testarena_ci.history.store import Store, open_existing, open_store
from testarena_ci.runner_commands import neutralise
from tpf.process import Processes


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """By which way the history travels: the folder when there is one, else the branch."""

    folder: Path | None
    branch: str
    remote: str


def push(path: Path, way: Way, say: Callable[[str], None]) -> int:
    """The exit code. Raises HistoryError, UsageError."""
    with open_existing(path) as store:
        if way.folder is not None:
            said = f"{carry.to_folder(store, way.folder)} runs brought to {way.folder}"
        else:
            came = _by_git(way, lambda remote: carry.push(store, remote, say))
            said = f"pushed to {way.branch} of {way.remote}; {came} runs came from there"
    say(neutralise(said))
    return 0


def pull(path: Path, way: Way, say: Callable[[str], None]) -> int:
    """The exit code. Raises HistoryError, UsageError."""
    with open_store(path) as store:
        where = way.folder or f"{way.branch} of {way.remote}"
        say(neutralise(f"{_pulled(store, way)} runs taken in from {where}"))
    return 0


def _pulled(store: Store, way: Way) -> int:
    if way.folder is not None:
        return carry.from_folder(store, way.folder)
    return _by_git(way, lambda remote: carry.pull(store, remote))


def _by_git(way: Way, work: Callable[[carry.Remote], Coroutine[Any, Any, int]]) -> int:
    async def with_programs() -> int:
        async with Processes(child_environment(environment())) as processes:
            remote = carry.Remote(processes=processes, checkout=Path.cwd(), name=way.remote, branch=way.branch)
            return await work(remote)

    return asyncio.run(with_programs())
