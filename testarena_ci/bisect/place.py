"""The folder of a search: held by one at a time, with what is known, and a worktree that is gone when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from testarena_ci.bisect.git import Git
from testarena_ci.bisect.model import State, Wanted
from tpf.errors import EnvironmentLacks, UsageError
from tpf.files import OURS, write_atomically
from tpf.firmware.idf.folder import make_folder
from tpf.process import Processes
from tpf.processes.locks import try_lock

_LOCK: Final = "lock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`.testarena/bisect` in a checkout, which git doesn't see."""

    folder: Path

    @property
    def worktree(self) -> Path:
        return self.folder / "worktree"

    def report(self, commit: str) -> Path:
        return self.folder / "steps" / commit[:10]

    def known(self, wanted: Wanted) -> State:
        """What an earlier search for the same has found out; nothing when it was for something else."""
        try:
            state = msgspec.json.decode((self.folder / "state.json").read_bytes(), type=State)
        except (OSError, msgspec.MsgspecError):
            return State(wanted=wanted)
        return state if state.wanted == wanted else State(wanted=wanted)

    def keep(self, state: State) -> None:
        """Raises EnvironmentLacks."""
        try:
            write_atomically(self.folder / "state.json", msgspec.json.encode(state))
        except OSError as error:
            raise EnvironmentLacks(
                f"{self.folder}: {error.strerror}; what is known of commits is kept there"
            ) from error

    def forget(self) -> None:
        """What is known, and the reports of its steps."""
        (self.folder / "state.json").unlink(missing_ok=True)
        shutil.rmtree(self.folder / "steps", ignore_errors=True)


@contextlib.contextmanager
def held(checkout: Path) -> Iterator[Place]:
    """The folder, for this search alone. Raises UsageError when another one is going on."""
    place = Place(folder=checkout / OURS / "bisect")
    make_folder(place.folder)
    lock = os.open(place.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if not try_lock(lock):
            raise UsageError(f"{place.folder}: another `testarena bisect` is going on here; wait for its end")
        yield place
    finally:
        os.close(lock)


@contextlib.asynccontextmanager
async def worktree(processes: Processes, checkout: Path, place: Place, commit: str) -> AsyncIterator[Git]:
    """A worktree at a commit, and git in it. One that a killed search has left goes first."""
    home = Git(processes=processes, folder=checkout)
    await _remove(home, place.worktree)
    try:
        await home.ask("worktree", "add", "--quiet", "--detach", "--force", str(place.worktree), commit)
        yield Git(processes=processes, folder=place.worktree)
    finally:
        await _in_any_case(_remove(home, place.worktree))


async def _in_any_case(work: Coroutine[Any, Any, None]) -> None:
    """Done to its end, although we are asked to stop meanwhile."""
    task = asyncio.create_task(work, name="remove the worktree")
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


async def _remove(home: Git, folder: Path) -> None:
    """The folder, what git knows of it, and its state of the bisection; nothing when there is none.

    Not by `git worktree prune`, which forgets the user's own worktrees on disks that are not there just now.
    """
    command = ("worktree", "remove", "--force", "--force", str(folder))
    await home.run(*command)
    if folder.exists():  # with files that git can't remove, or cut off while it was made
        shutil.rmtree(folder, ignore_errors=True)
        await home.run(*command)
