"""What a search says to people and to programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from testarena_ci.bisect.model import Commit, Found, Judgement, Verdict
from testarena_ci.reports.text import count, duration, one_line

_WORDS: Final = {Verdict.GOOD: "passes", Verdict.BAD: "FAILS", Verdict.SKIP: "can't be judged"}


def step_words(judgement: Judgement, commit: Commit, *, known: bool) -> str:
    """`3f2a91c07d "Use the other timer": FAILS (12.1 s): expect "pong" ...`."""
    how_long = "known from before" if known else duration(judgement.seconds)
    reason = f": {one_line(judgement.reason, 300)}" if judgement.reason else ""
    return f'{commit.short} "{one_line(commit.subject, 80)}": {_WORDS[judgement.verdict]} ({how_long}){reason}'


def result_words(found: Found, report: Path | None) -> Iterator[str]:
    """The first bad commit, who made it, where to look at it, and how the case did before and at it."""
    yield ""
    if found.certain:
        yield f"The first bad commit is {_named(found.candidates[0])}"
    else:
        yield f"The first bad commit is one of {count(len(found.candidates), 'commit')}: some could not be judged"
        yield from (f"  {_named(commit)}" for commit in found.candidates)
    yield f"  see:    {one_line(found.place, 400)}"
    if found.before is not None:
        yield f"  before: passes at {found.before.commit[:10]}"
    if found.first is not None:
        yield f"  now:    {one_line(found.first.reason, 400)}"
    if report is not None:
        yield f"  report: {report}"


def _named(commit: Commit) -> str:
    by = f"{one_line(commit.author, 80)}, {one_line(commit.date, 20)}"
    return f'{commit.short} "{one_line(commit.subject, 120)}" ({by})'


def as_json(found: Found) -> str:
    """The record itself."""
    return json.dumps({"schema": 1, "certain": found.certain, **msgspec.to_builtins(found)}, indent=2)
