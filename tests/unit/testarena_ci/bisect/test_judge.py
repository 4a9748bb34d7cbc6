"""What a run says of a commit, what git says of a search, and what people read of both."""

from __future__ import annotations

import json
from typing import Any

import pytest

from testarena_ci.bisect.git import candidates, commit_place
from testarena_ci.bisect.judge import judge
from testarena_ci.bisect.model import Commit, Found, Judgement, Verdict
from testarena_ci.bisect.words import as_json, result_words, step_words
from testarena_ci.reports.results_json import document
from tests.support.builders import Run, attempt, case, failure, not_run, run, scenario
from tpf.result import Failure, FailureKind, RunResult

LATE = failure(FailureKind.TIMEOUT, "no pong\nwithin 1 s", 9)
BROKEN = failure(FailureKind.MACHINE, "the emulator died")
BUILD = failure(FailureKind.BUILD, "main.c:3: error")
PANIC = failure(FailureKind.PANIC, "abort() at boot")
HASH = "3f2a91c07d5be86a1f4cd30d7a8e7b94c5b0e1d2"


def results(*attempts: Failure | None, own: Failure | None = None) -> dict[str, Any]:
    made = [attempt(failure=one, number=number) for number, one in enumerate(attempts, 1)]
    cases = (case("x", 5, *made) if made else not_run("x", 5, BUILD),)
    return document(Run(result=run(scenario("s", "s", *cases, failure=own))).report)


@pytest.mark.parametrize(
    "code,left,verdict,reason",
    [
        (0, results(None), Verdict.GOOD, ""),
        (1, results(LATE), Verdict.BAD, "no pong"),
        (0, results(LATE, None), Verdict.BAD, "no pong"),  # passed when it was tried again
        (4, results(BROKEN, LATE), Verdict.BAD, "no pong"),  # one failure is enough
        (1, results(own=PANIC), Verdict.BAD, "abort() at boot"),
        (4, results(BROKEN), Verdict.SKIP, "could not be built, or the machine broke: the emulator died"),
        (4, results(own=BUILD), Verdict.SKIP, "could not be built, or the machine broke: main.c:3: error"),
        (2, None, Verdict.SKIP, "the scenarios of this commit can't be run: s.xml:1:1: what?"),
        (3, None, Verdict.SKIP, "this machine lacks something that this commit needs: testarena: nothing ran"),
        (None, None, Verdict.SKIP, "the run did not come to its end: testarena: nothing ran"),
        (99, None, Verdict.SKIP, "the run ended with 99: testarena: nothing ran"),
    ],
)
def test_what_a_run_says_of_a_commit(
    code: int | None, left: dict[str, Any] | None, verdict: Verdict, reason: str
) -> None:
    said = "note: an odd variable\ns.xml:1:1: what?\n\ntestarena: nothing ran\n"
    assert judge(code, left, said) == (verdict, reason)


def test_a_failure_of_the_run_itself() -> None:
    stopped = RunResult(run_id="1", started="", seconds=1, finished=True, failure=BROKEN)
    assert judge(4, document(Run(result=stopped).report), "")[1].endswith(": the emulator died")
    assert judge(4, None, "")[1] == "could not be built, or the machine broke"


def test_the_end_of_a_search_in_the_words_of_git() -> None:
    other = HASH[::-1]
    begun = f"git bisect start '{HASH}' '{other}'\n# good: [{HASH}] first bad commit: none\n"
    assert candidates(begun) == ()
    assert candidates(f"{begun}# first bad commit: [{HASH}] subject [{other}]\n") == (HASH,)
    several = f"# only skipped commits left to test\n# possible first bad commit: [{HASH}] a\n"
    assert candidates(f"{several}# possible first bad commit: [{other}] b\n") == (HASH, other)


@pytest.mark.parametrize(
    "remote,place",
    [
        ("https://github.com/acme/lamp.git", f"https://github.com/acme/lamp/commit/{HASH}"),
        ("https://ada:secret@git.example.org:3000/acme/lamp", f"https://git.example.org:3000/acme/lamp/commit/{HASH}"),
        ("git@github.com:acme/lamp.git", f"https://github.com/acme/lamp/commit/{HASH}"),
        ("ssh://git@git.example.org:2222/acme/lamp.git", f"https://git.example.org/acme/lamp/commit/{HASH}"),
        ("/srv/git/lamp.git", f"git show {HASH[:10]}"),
        ("file:///srv/lamp", f"git show {HASH[:10]}"),
        ("", f"git show {HASH[:10]}"),
        ("https://evil\x1b[31m.example/x", f"git show {HASH[:10]}"),
    ],
)
def test_where_a_commit_is_looked_at(remote: str, place: str) -> None:
    assert commit_place(remote, HASH) == place


def test_words() -> None:
    commit = Commit(hash=HASH, author="Ada\x1b[31m", date="2026-01-02", subject="Use\nthe other timer")
    bad = Judgement(commit=HASH, verdict=Verdict.BAD, reason="no pong", seconds=12.1, exit_code=1)
    assert step_words(bad, commit, known=False) == '3f2a91c07d "Use the other timer": FAILS (12.1 s): no pong'
    assert "known from before" in step_words(bad, commit, known=True)
    found = Found(candidates=(commit,), before=None, first=bad, known=(bad,), place="git show 3f2a91c07d")
    said = "\n".join(result_words(found, None))
    assert 'The first bad commit is 3f2a91c07d "Use the other timer" (Ada, 2026-01-02)' in said
    assert json.loads(as_json(found))["first"]["reason"] == "no pong"
