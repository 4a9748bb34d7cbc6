"""The search itself: git says which commit is next, a trial says what it is, until one commit is left."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from msgspec.structs import replace

from testarena_ci.bisect.git import Git, candidates, commit_place
from testarena_ci.bisect.model import Commit, Found, Judgement, State, Verdict, Wanted
from testarena_ci.bisect.place import Place
from testarena_ci.bisect.words import step_words
from testarena_ci.reports.text import one_line
from tpf.errors import EnvironmentLacks, UsageError

_LEFT: Final = re.compile(rb"Bisecting: (\d+) revisions? left to test after this \(roughly (\d+) step")


class Judges(Protocol):
    """Says what the commit is that git's folder is at."""

    async def judged(self, git: Git, commit: str) -> Judgement: ...


@dataclass(slots=True, kw_only=True)
class Search:
    """One search in a worktree. What it finds out is kept at once, so that the next one needs not find it out again."""

    git: Git
    place: Place
    judges: Judges
    wanted: Wanted
    say: Callable[[str], None]
    state: State = field(init=False)

    def __post_init__(self) -> None:
        self.state = self.place.known(self.wanted)

    async def run(self) -> Found:
        """Raises UsageError when good is not good or bad not bad, EnvironmentLacks when that can't be found out."""
        await self._end("bad", self.wanted.bad, Verdict.BAD)
        await self._end("good", self.wanted.good, Verdict.GOOD)
        outcome = await self.git.run("bisect", "start", self.wanted.bad, self.wanted.good)
        while not (left := candidates(await self.git.ask("bisect", "log"))):
            if not outcome.ok:
                raise UsageError(f"git bisect can't go on: {one_line(outcome.output.decode(errors='replace'), 400)}")
            self._tell_left(outcome.output)
            judgement = await self._judged(await self.git.ask("rev-parse", "HEAD"))
            outcome = await self.git.run("bisect", judgement.verdict)
        return await self._found(left)

    async def _end(self, name: str, commit: str, wanted: Verdict) -> None:
        """One of the two ends that the user named: it must be what they said."""
        await self.git.ask("checkout", "--quiet", "--force", "--detach", commit)
        judgement = await self._judged(commit)
        if judgement.verdict is wanted:
            return
        short = commit[:10]
        if judgement.verdict is Verdict.SKIP:
            raise EnvironmentLacks(
                f"--{name} {short}: can't be judged: {judgement.reason}; "
                "name another commit, or give this one what it lacks with --take"
            )
        if wanted is Verdict.BAD:
            raise UsageError(f"--bad {short}: the case passes there; name a commit that it fails at (or more --runs)")
        raise UsageError(f"--good {short}: the case fails there, too: {judgement.reason}; name an older commit")

    async def _judged(self, commit: str) -> Judgement:
        described = await self.git.described(commit)
        known = self.state.judged(commit)
        judgement = known or await self.judges.judged(self.git, commit)
        self.say(step_words(judgement, described, known=known is not None))
        if known is None and judgement.exit_code not in (None, 3):  # these may do better the next time
            self.state = replace(self.state, known=(*self.state.known, judgement))
            self.place.keep(self.state)
        return judgement

    def _tell_left(self, output: bytes) -> None:
        left = _LEFT.search(output)
        if left:
            self.say(f"{int(left[1]) + 1} commits left, about {int(left[2]) + 1} steps")

    async def _found(self, left: tuple[str, ...]) -> Found:
        commits = [await self.git.described(commit) for commit in left]
        return Found(
            candidates=tuple(commits),
            before=await self._last_good(commits),
            first=next((one for commit in left if (one := self._bad(commit))), None) or self._bad(self.wanted.bad),
            known=self.state.known,
            place=commit_place(await self.git.remote(), left[-1]),
        )

    def _bad(self, commit: str) -> Judgement | None:
        judgement = self.state.judged(commit)
        return judgement if judgement is not None and judgement.verdict is Verdict.BAD else None

    async def _last_good(self, commits: list[Commit]) -> Judgement | None:
        """How the first bad commit's parent did; it was tried, or is the good end."""
        for parent in await self.git.parents(commits[0].hash):
            judgement = self.state.judged(parent)
            if judgement is not None and judgement.verdict is Verdict.GOOD:
                return judgement
        return self.state.judged(self.wanted.good)
