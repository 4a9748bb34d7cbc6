"""What became of a test, from what was told while it ran. All pure."""

from __future__ import annotations

from dataclasses import dataclass

from tpf.console.quoting import seconds
from tpf.result import Failure, FailureKind
from tpf.steps.unity.lines import End, Result, Summary
from tpf.steps.unity.menu import Entry


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One time that a test, or one stage of it, was asked for."""

    results: list[Result]
    summary: Summary | None = None
    took: float | None = None  # seconds, when the device tells
    crash: str = ""  # the panic's text
    banner: str = ""  # of the boot loader, when the chip has restarted
    loops: bool = False  # it has panicked again after the restart
    back: bool = False  # the firmware waits at the menu's prompt after a restart
    overdue: float | None = None  # the limit in seconds that was over
    ended: Failure | None = None  # the device was silent for too long, or has ended

    @property
    def over(self) -> bool:
        """True when no more is to be waited for."""
        return self.summary is not None or self.back or self.loops

    def crashed(self, text: str) -> None:
        """A panic has come; the first one counts."""
        self.loops = bool(self.crash and self.banner)
        self.crash = self.crash or text

    @property
    def lost(self) -> bool:
        """True when only a restart brings the menu back."""
        return not self.back and (self.summary is None or bool(self.crash or self.banner))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The end of a test or stage."""

    failure: Failure | None = None
    skip: str = ""
    result: Result | None = None

    @property
    def good(self) -> bool:
        return self.failure is None and not self.skip


def judge(entry: Entry, attempt: Attempt, *, last: bool, story: str) -> Judgement:
    """The end of a test, or of a stage of it that is its last or not; `story` is the console since it began."""
    only = attempt.results[0] if len(attempt.results) == 1 else None  # whatever it is called: a name can be torn
    result = next((one for one in attempt.results if one.name == entry.name), only)
    if attempt.crash and (last or not _is_wanted(entry, attempt.crash)):
        return Judgement(failure=Failure(kind=FailureKind.PANIC, message=attempt.crash), result=result)
    if attempt.ended is not None:
        return Judgement(failure=attempt.ended, result=result)
    if result is not None:
        return _with_counts(of_result(result), attempt, story)
    if attempt.crash or ((attempt.banner or attempt.back) and not last):
        return Judgement()
    return Judgement(failure=_without_result(attempt, story))


def of_result(result: Result) -> Judgement:
    """The end of a test that has a result."""
    if result.end is End.IGNORED:
        return Judgement(skip=result.message or "ignored", result=result)
    if result.end is End.FAILED:
        failure = Failure(kind=FailureKind.MISMATCH, message=result.message or "it failed, and did not say why")
        return Judgement(failure=failure, result=result)
    return Judgement(result=result)


def counted(results: list[Result]) -> Summary:
    """What a summary has to say of these results."""
    ends = [result.end for result in results]
    return Summary(tests=len(ends), failures=ends.count(End.FAILED), ignored=ends.count(End.IGNORED))


def _is_wanted(entry: Entry, crash: str) -> bool:
    """Whether a panic ends a stage as the test's tag `[reset=abort,SW_CPU_RESET]` says."""
    headline = crash.split("\n", 1)[0].casefold()
    return any(reason.strip().casefold() in headline for reason in entry.value("reset").split(",") if reason.strip())


def _with_counts(judgement: Judgement, attempt: Attempt, story: str) -> Judgement:
    """A pass that the summary doesn't confirm is none."""
    seen = counted(attempt.results)
    if attempt.summary is None or attempt.summary == seen or judgement.failure is not None:
        return judgement
    message = f"Unity's summary and the results don't agree: it says {attempt.summary}; seen were {seen}{story}"
    return Judgement(failure=Failure(kind=FailureKind.STEP, message=message), result=judgement.result)


def _without_result(attempt: Attempt, story: str) -> Failure:
    """Why there is no result, as far as one can tell."""
    if attempt.banner or attempt.back:
        told = f": {attempt.banner}" if attempt.banner else ""
        message = f"the chip restarted before the test had a result{told}"
        return Failure(kind=FailureKind.MISMATCH, message=f"{message}{story}")
    if attempt.overdue is not None:
        message = f"the test had no result within {seconds(attempt.overdue)}"
        return Failure(kind=FailureKind.TIMEOUT, message=f"{message}{story}")
    if attempt.summary is not None and attempt.summary.failures:
        message = f"the test failed, and the line that says why is torn: the summary says {attempt.summary}"
        return Failure(kind=FailureKind.MISMATCH, message=f"{message}{story}")
    message = f"no result of the test came: Unity's summary says {attempt.summary}"
    return Failure(kind=FailureKind.STEP, message=f"{message}{story}")
