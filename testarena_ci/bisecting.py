"""`testarena bisect`: wires the search together: the checkout, the programs, the folder, and an end when asked to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from testarena_ci.bisect.git import LOCAL_VARIABLES, Git
from testarena_ci.bisect.model import Found, Wanted
from testarena_ci.bisect.place import Place, held, worktree
from testarena_ci.bisect.search import Search
from testarena_ci.bisect.trial import Trial
from testarena_ci.bisect.words import result_words
from testarena_ci.runner_commands import neutralise
from testarena_ci.stop_signals import held_signals
from tpf.errors import UsageError
from tpf.process import Processes


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A search as the command line asks for it."""

    case: str
    good: str  # revisions
    bad: str
    arguments: tuple[str, ...]  # for each `testarena run`
    take: tuple[str, ...]  # relative to the folder
    fresh: bool  # forget what an earlier search found out
    limit: float  # seconds of a run


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of it; the report of the run at the first bad commit, when it was run by this or an earlier search."""

    found: Found
    report: Path | None


def bisect(asked: Asked, cwd: Path, environment: Mapping[str, str], say: Callable[[str], None]) -> Ended:
    """Search. Raises KeyboardInterrupt when it was asked to stop: what is known is kept, and the worktree is gone."""
    with held_signals() as signals, asyncio.Runner() as runner:
        loop = runner.get_loop()
        task = loop.create_task(_bisect(asked, cwd, environment, lambda line: say(neutralise(line))))
        with signals.lead_to(lambda _: loop.call_soon_threadsafe(task.cancel)):
            try:
                return loop.run_until_complete(task)
            except asyncio.CancelledError:
                say("stopped: what is known of commits is kept, and the same command goes on from there")
                raise KeyboardInterrupt from None


async def _bisect(asked: Asked, cwd: Path, environment: Mapping[str, str], say: Callable[[str], None]) -> Ended:
    inherited = {name: value for name, value in environment.items() if name not in LOCAL_VARIABLES}
    async with Processes(inherited) as processes:
        here = Git(processes=processes, folder=cwd)
        outcome = await here.run("rev-parse", "--show-toplevel")
        if not outcome.ok:
            raise UsageError(f"{cwd}: is in no git checkout; commits are looked for there")
        checkout = Path(outcome.output.decode().rstrip("\n"))
        wanted = await _wanted(asked, here, cwd, checkout)
        with held(checkout) as place:
            return await _search(asked, wanted, here, place, checkout, say)


async def _wanted(asked: Asked, git: Git, cwd: Path, checkout: Path) -> Wanted:
    good, bad = await git.commit(asked.good, "--good"), await git.commit(asked.bad, "--bad")
    if good == bad:
        raise UsageError(f"--good {asked.good} and --bad {asked.bad} are the same commit")
    folder = cwd.resolve().relative_to(checkout.resolve())
    return Wanted(
        case=asked.case,
        good=good,
        bad=bad,
        arguments=asked.arguments,
        folder=str(folder),
        take=tuple(_inside(name, cwd, checkout) for name in asked.take),
    )


def _inside(name: str, cwd: Path, checkout: Path) -> str:
    path = (cwd / name).resolve()
    if not path.exists() or not path.is_relative_to(checkout.resolve()) or path == checkout.resolve():
        raise UsageError(f"--take {name}: no such file or folder in the checkout {checkout}")
    return str(path.relative_to(checkout.resolve()))


async def _search(
    asked: Asked, wanted: Wanted, here: Git, place: Place, checkout: Path, say: Callable[[str], None]
) -> Ended:
    if asked.fresh or not place.known(wanted).known:
        place.forget()
    trial = Trial(wanted=wanted, place=place, checkout=checkout, limit=asked.limit)
    async with worktree(here.processes, checkout, place, wanted.bad) as git:
        found = await Search(git=git, place=place, judges=trial, wanted=wanted, say=say).run()
    report = place.report(found.first.commit) if found.first else None
    return Ended(found=found, report=_shown_path(report, here.folder) if report and report.is_dir() else None)


def _shown_path(path: Path, cwd: Path) -> Path:
    """As people type it from where they are."""
    return path.relative_to(cwd) if path.is_relative_to(cwd) else path


def shown(ended: Ended) -> tuple[str, ...]:
    """What came of it, for people."""
    return tuple(neutralise(line) for line in result_words(ended.found, ended.report))
