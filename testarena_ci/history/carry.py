"""Carries the history between machines: through a branch of a git remote, or through a folder that is an artifact.

Nothing replaces anything: what comes is a set of runs, and each is taken in that isn't known yet. On the branch lies
one commit without a parent, with one file, so old states of the database take no room. A push goes through only when
the branch is still what was taken in before (`--force-with-lease`), else it begins anew: pushes side by side lose
nothing. Runs that were pruned here are not taken in again; those that were pruned there are not pushed again. What is
here already stays, whatever comes: who can write to the branch can't make others forget.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from testarena_ci.history.queries import forgotten_before, prune_before, run_ids, run_results
from testarena_ci.history.schema import HistoryError
from testarena_ci.history.store import Store, open_read_only, open_store
from tpf.errors import UsageError
from tpf.process import NOWHERE, Processes, Request, run_once

BRANCH: Final = "testarena-history"
FILE: Final = "history.db"
LARGEST: Final = 1 << 30  # bytes of a history from elsewhere
_TRIES: Final = 30  # of a push, beside others who push
_LIMIT: Final = 120.0  # seconds for one git command
_ROOM: Final = 2000  # characters of what git says
_AUTHOR: Final = tuple(
    pair
    for role in ("AUTHOR", "COMMITTER")
    for pair in ((f"GIT_{role}_NAME", "TestArena"), (f"GIT_{role}_EMAIL", "testarena@localhost"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What came from elsewhere."""

    runs: int = 0
    forgotten: float = 0.0  # runs that began before it were pruned there


def take_in(source: Store, target: Store) -> TakenIn:
    """Copy the runs that the target neither has nor has forgotten. It never loses any by that."""
    known, forgotten = run_ids(target), forgotten_before(target)
    copied = 0
    for run_id, (finished, at) in run_ids(source).items():
        if at >= forgotten and (run_id not in known or (finished and not known[run_id][0])):
            copied += target.add(run_results(source, run_id))
    return TakenIn(runs=copied, forgotten=forgotten_before(source))


def to_folder(store: Store, folder: Path) -> int:
    """Bring the runs that a folder's history hasn't into it; made when it isn't there."""
    with open_store(folder / FILE) as target:
        prune_before(target, forgotten_before(store))
        return take_in(store, target).runs


def from_folder(store: Store, folder: Path) -> int:
    """Take in the runs of a folder's history. Raises UsageError when there is none."""
    file = folder / FILE
    if not file.is_file():
        raise UsageError(f"{file}: no such history; `testarena history push --folder {folder}` makes one")
    with open_read_only(file) as source:
        return take_in(source, store).runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A branch of a git remote, as seen from a checkout."""

    processes: Processes
    checkout: Path
    name: str = "origin"
    branch: str = BRANCH
    ours: str = field(default_factory=lambda: f"refs/testarena/history-{secrets.token_hex(8)}")

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.branch}"


async def pull(store: Store, remote: Remote) -> int:
    """Take in the runs of the branch; 0 when there is no such branch yet. Raises HistoryError, UsageError."""
    await _check_names(remote)
    seen = await _tip(remote)
    return (await _fetch(store, remote)).runs if seen else 0


async def push(store: Store, remote: Remote, say: Callable[[str], None]) -> int:
    """Bring the branch to all runs of both sides. The runs that came from there. Raises HistoryError, UsageError."""
    await _check_names(remote)
    came = 0
    for _ in range(_TRIES):
        seen = await _tip(remote)
        taken = await _fetch(store, remote) if seen else TakenIn()
        came += taken.runs
        commit = await _commit(store, remote, taken.forgotten)
        lease = f"--force-with-lease={remote.ref}:{seen}"
        pushed, said = await _git(
            remote, "push", "--no-verify", "--quiet", lease, remote.name, f"{commit}:{remote.ref}"
        )
        if pushed:
            return came
        if await _tip(remote) == seen and not _in_use(said):
            raise HistoryError(f"git push of {remote.branch} to {remote.name}: {said}")
        say(f"{remote.branch} has changed meanwhile; taking that in, and trying again")
    raise HistoryError(f"{remote.branch}: changed at each of {_TRIES} pushes; try again later")


def _in_use(said: str) -> bool:
    """Another push held the branch at this moment, or was faster by so little that the tip is not yet shown."""
    return any(word in said for word in ("cannot lock ref", "failed to update ref", "stale info", "fetch first"))


async def _check_names(remote: Remote) -> None:
    if remote.name.startswith("-") or not remote.name.strip():
        raise UsageError(f"--remote {remote.name!r}: is no name of a git remote; `git remote` lists them")
    if not (await _git(remote, "check-ref-format", remote.ref))[0]:
        raise UsageError(f"--branch {remote.branch!r}: is no name of a git branch")


async def _tip(remote: Remote) -> str:
    """The commit that the branch is at; empty when there is none."""
    said = await _must(remote, "ls-remote", "--", remote.name, remote.ref)
    lines = (line.split("\t") for line in said.splitlines())
    return next((parts[0] for parts in lines if parts[1:] == [remote.ref]), "")


async def _fetch(store: Store, remote: Remote) -> TakenIn:
    """Take in what the branch holds now."""
    try:
        await _must(
            remote,
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            remote.name,
            f"+{remote.ref}:{remote.ours}",
        )
        with tempfile.TemporaryDirectory(prefix="testarena-history-") as folder:
            file = Path(folder) / FILE
            await _write_blob(remote, file)
            with open_read_only(file) as source:
                return take_in(source, store)
    finally:
        await _git(remote, "update-ref", "-d", remote.ours)


async def _write_blob(remote: Remote, file: Path) -> None:
    """The branch's database as a file."""
    blob = f"{remote.ours}:{FILE}"
    found, said = await _git(remote, "cat-file", "-s", blob)
    if not found or not said.isdigit():
        raise UsageError(f"{remote.name}: the branch {remote.branch} holds no {FILE}; choose another with --branch")
    if int(said) > LARGEST:
        raise UsageError(f"{remote.name}: the history on {remote.branch} has {said} bytes; the most is {LARGEST}")
    with file.open("wb") as sink:
        request = Request(
            argv=("git", "cat-file", "blob", blob), cwd=remote.checkout, stdout=sink.fileno(), stderr=NOWHERE
        )
        async with remote.processes.start(request) as child:
            outcome = await child.wait()
    if not outcome.ok or file.stat().st_size != int(said):
        raise HistoryError(f"git cat-file of {remote.branch}: {outcome}")


async def _commit(store: Store, remote: Remote, forgotten: float) -> str:
    """A commit without a parent that holds a copy of the database, without what the branch has forgotten."""
    with tempfile.TemporaryDirectory(prefix="testarena-history-") as folder:
        file = Path(folder) / FILE
        store.snapshot(file)
        with open_store(file) as copy:
            prune_before(copy, forgotten)
        blob = _last_line(await _must(remote, "hash-object", "-w", "--no-filters", "--", str(file)))
        index = (("GIT_INDEX_FILE", str(Path(folder) / "index")),)
        await _must(remote, "update-index", "--add", "--cacheinfo", f"100644,{blob},{FILE}", environment=index)
        tree = _last_line(await _must(remote, "write-tree", environment=index))
    said = await _must(remote, "commit-tree", tree, "-m", "History of test runs", environment=_AUTHOR)
    return _last_line(said)


async def _must(remote: Remote, *arguments: str, environment: tuple[tuple[str, str], ...] = ()) -> str:
    """What git prints. Raises HistoryError with its words when it fails."""
    ok, said = await _git(remote, *arguments, environment=environment)
    if not ok:
        raise HistoryError(f"git {arguments[0]}: {said}")
    return said


def _last_line(said: str) -> str:
    """The answer, after warnings."""
    return said.rpartition("\n")[2].strip()


async def _git(remote: Remote, *arguments: str, environment: tuple[tuple[str, str], ...] = ()) -> tuple[bool, str]:
    """Whether git was content, and what it said. It asks nobody for passwords, and runs no hooks."""
    quiet = (("GIT_TERMINAL_PROMPT", "0"), ("LC_ALL", "C"))
    request = Request(
        argv=("git", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", *arguments),
        cwd=remote.checkout,
        environment=(*quiet, *environment),
        sweep=False,
    )
    outcome = await run_once(remote.processes, request, timeout=_LIMIT)
    said = outcome.output.decode(errors="replace").strip()[-_ROOM:]
    return outcome.ok, said if said or outcome.ok else str(outcome)
