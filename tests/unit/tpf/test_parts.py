"""Tests that steps told of: cases of their own in every count, over retries, in progress as in the fold."""

from __future__ import annotations

from tests.support.events import TIMEOUT, at, attempt, planned, started
from tpf import events as ev
from tpf.fold import fold
from tpf.parts import failure_by
from tpf.progress import Progress
from tpf.result import CaseResult, Failure, FailureKind, Part, Verdict

BAD = Failure(kind=FailureKind.MISMATCH, message="expected 1, was 2", source=at(7))
BROKEN = Failure(kind=FailureKind.STEP, message="no memory")


def told(name: str, t: float, failure: Failure | None = None, *, case: int | None = 0, skip: str = "") -> ev.Event:
    part = Part(name=name, seconds=0.25, failure=failure, skip=skip, source=at(70))
    return ev.PartFinished(t=t, scenario="console", case=case, part=part)


def tried(number: int, begin: float, failure: Failure | None, *parts: ev.Event) -> list[ev.Event]:
    whole = attempt(0, number, begin, failure)
    return [*whole[:2], *parts, *whole[2:]]


def cases(*events: ev.Event) -> list[CaseResult]:
    """The cases of a run in which these things happened; its counts are looked at, too."""
    every = [started(planned("unit", "ping")), *events]
    result = fold([*every, ev.RunFinished(t=9.0)])
    progress = Progress()
    for event in every:
        progress.apply(event)
    never = sum(not case.attempts and not case.skip_reason for case in result.cases)
    assert progress.total == result.counts.total == len(result.cases)
    assert progress.counts.total == result.counts.total - never
    assert (progress.counts.passed, progress.counts.flaky) == (result.counts.passed, result.counts.flaky)
    assert (progress.counts.failed, progress.counts.skipped) == (result.counts.failed, result.counts.skipped)
    assert progress.scenarios["console"].counts == progress.counts
    return list(result.cases)


def verdicts(found: list[CaseResult]) -> dict[str, str]:
    assert len({case.name for case in found}) == len(found)
    return {case.name: str(case.verdict) for case in found}


def test_parts_are_cases_right_behind_their_own() -> None:
    parts = (told("adds", 1.1), told("divides", 1.2, BAD), told("waits", 1.3, skip="no board"))
    found = cases(*tried(1, 1.0, BAD, *parts), *attempt(1, 1, 2.0))
    assert verdicts(found) == {
        "unit": "failed",
        "unit / adds": "passed",
        "unit / divides": "failed",
        "unit / waits": "skipped",
        "ping": "passed",
    }
    divides = found[2]
    assert (divides.part_of, divides.source, divides.failure, divides.seconds) == ("unit", at(70), BAD, 0.25)
    assert found[3].skip_reason == "no board"


def test_a_part_that_passes_in_a_retry_is_flaky() -> None:
    found = cases(*tried(1, 1.0, BAD, told("adds", 1.1, BAD)), *tried(2, 2.0, None, told("adds", 2.1)))
    adds = found[1]
    assert (adds.verdict, adds.flaky, [one.number for one in adds.attempts]) == (Verdict.PASSED, True, [1, 2])


def test_a_retry_that_never_reaches_a_part_keeps_what_was_known_of_it() -> None:
    first = tried(1, 1.0, BAD, told("adds", 1.1), told("divides", 1.2, BAD))
    found = cases(*first, *tried(2, 2.0, TIMEOUT, told("adds", 2.1)))
    assert verdicts(found)["unit / divides"] == "failed"


def test_two_tests_of_one_name_are_two_and_never_hide_each_other() -> None:
    twice = (told("adds", 1.1, BAD), told("adds", 1.2))
    found = cases(*tried(1, 1.0, BAD, *twice), *tried(2, 2.0, BAD, *twice))
    assert verdicts(found)["unit / adds"] == "failed"
    assert verdicts(found)["unit / adds (2)"] == "passed"
    assert not any(case.flaky for case in found)


def test_parts_of_a_setup_stand_at_the_end() -> None:
    boot = ev.Booted(t=0.1, scenario="console", device="", boot=1, machine="m", command=(), log="l")
    found = cases(boot, told("self-test", 0.2, case=None), *attempt(0, 1, 1.0), *attempt(1, 1, 2.0))
    assert list(verdicts(found)) == ["unit", "ping", "self-test"]


def test_parts_of_a_killed_run_are_kept() -> None:
    killed = fold([started(planned("unit")), *tried(1, 1.0, None, told("adds", 1.1))[:-2]])
    assert verdicts(list(killed.cases)) == {"unit": "error", "unit / adds": "passed"}


def test_the_failure_by_parts_names_some_and_lists_them_all() -> None:
    parts = [Part(name=f"t{number}", failure=BAD) for number in range(5)]
    failure = failure_by((*parts, Part(name="good")), at(3))
    assert failure is not None
    assert failure.headline == "5 of 6 tests did not pass: t0, t1, t2 and 2 more"
    assert failure.message.endswith("\nt4: expected 1, was 2")
    assert (failure.kind, failure.source) == (FailureKind.MISMATCH, at(3))


def test_the_failure_by_parts_is_as_grave_as_the_gravest() -> None:
    failure = failure_by((Part(name="a", failure=BAD), Part(name="b", failure=BROKEN)), at(3))
    assert failure is not None
    assert failure.kind is FailureKind.STEP


def test_good_parts_make_no_failure() -> None:
    assert failure_by((Part(name="a"), Part(name="b", skip="later")), at(3)) is None
