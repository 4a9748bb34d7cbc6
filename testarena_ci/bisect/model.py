"""What is looked for, what was found out at each commit, and what came of it; frozen, and kept as JSON.

<checkout>/.testarena/bisect/state.json        what is known of commits, so that a search can go on
<checkout>/.testarena/bisect/worktree/         the checkout that is tried; removed at the end
<checkout>/.testarena/bisect/steps/3f2a91c07d/ the report of a step
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Verdict(StrEnum):
    """What a commit is, in the words of `git bisect`."""

    GOOD = "good"
    BAD = "bad"
    SKIP = "skip"  # can't be judged: not built, no such case, a machine that broke


class Judgement(Struct, frozen=True, kw_only=True):
    """A commit and how the case did there."""

    commit: str
    verdict: Verdict
    reason: str  # the failure's headline, or why it can't be judged; empty for one that passes
    seconds: float
    exit_code: int | None = None  # of the run


class Wanted(Struct, frozen=True, kw_only=True):
    """What is looked for. What was found out holds for the same only."""

    case: str
    good: str  # full hashes
    bad: str
    arguments: tuple[str, ...]  # of each run
    folder: str  # of the run, relative to the checkout
    take: tuple[str, ...] = ()  # files of the user's checkout that each step gets


class State(Struct, frozen=True, kw_only=True):
    """How far a search has come."""

    wanted: Wanted
    known: tuple[Judgement, ...] = ()

    def judged(self, commit: str) -> Judgement | None:
        return next((one for one in self.known if one.commit == commit), None)


class Commit(Struct, frozen=True, kw_only=True):
    """A commit as people know it."""

    hash: str
    author: str = ""
    date: str = ""
    subject: str = ""

    @property
    def short(self) -> str:
        return self.hash[:10]


class Found(Struct, frozen=True, kw_only=True):
    """The end of a search: the first bad commit, or those among which it is when some could not be judged."""

    candidates: tuple[Commit, ...]
    before: Judgement | None  # how the last good commit did
    first: Judgement | None  # how the first bad one did; the nearest bad one when there are several candidates
    known: tuple[Judgement, ...]
    place: str = ""  # an address that shows the commit, else a command

    @property
    def certain(self) -> bool:
        return len(self.candidates) == 1
