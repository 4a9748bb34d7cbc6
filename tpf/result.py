"""What happened in a run, as frozen data: the outcome of runs, scenarios, cases and steps.

Counts and verdicts of a whole are derived from its parts and never stored beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

Seconds = Annotated[float, Meta(ge=0, le=1e9)]  # held where a journal is read


class Verdict(StrEnum):
    """How something ended. `failed` is the firmware's fault, `error` is the machine's, the build's or ours."""

    PASSED = "passed"
    SKIPPED = "skipped"
    FAILED = "failed"
    ERROR = "error"

    @property
    def bad(self) -> bool:
        """True for the verdicts that fail a run."""
        return self in (Verdict.FAILED, Verdict.ERROR)


_SEVERITY = {Verdict.SKIPPED: 0, Verdict.PASSED: 1, Verdict.FAILED: 2, Verdict.ERROR: 3}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a whole: the gravest of its parts; `skipped` when there are none."""
    return max(verdicts, key=_SEVERITY.__getitem__, default=Verdict.SKIPPED)


class FailureKind(StrEnum):
    """Why something is not passed, in one word that tools can filter by."""

    # failed: the firmware did wrong
    MISMATCH = "mismatch"  # a value, status or answer is not the wanted one
    TIMEOUT = "timeout"  # the wanted thing did not come in time
    SILENCE = "silence"  # the device printed nothing for the silence limit
    PANIC = "panic"  # panic, abort, assert, watchdog
    REBOOT_LOOP = "reboot-loop"
    FORBIDDEN_OUTPUT = "forbidden-output"
    LIMIT = "limit"  # a metric, or the time of a case or scenario, is over its limit
    EXIT = "exit"  # the device ended (host program exited, machine powered off) while something was expected of it
    # error: not the firmware's fault
    MACHINE = "machine"
    BUILD = "build"
    ENVIRONMENT = "environment"
    STEP = "step"  # a step could not do its work (a host command is missing, ...)
    NOT_RUN = "not-run"
    INTERRUPTED = "interrupted"
    INTERNAL = "internal"  # a fault of TestArena's own


class Source(Struct, frozen=True, kw_only=True, order=True):
    """A place in a file; `file` is relative to the folder that the run was started in where it can be."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = [self.file, *(str(number) for number in (self.line, self.column) if number)]
        return ":".join(place)


class CodePlace(Struct, frozen=True, kw_only=True):
    """A place in the firmware's own source that a failure leads to: a frame of a panic, an error of the compiler."""

    source: Source
    message: str  # one line


class Failure(Struct, frozen=True, kw_only=True):
    """Why a case is not passed: one line that says it all, and what helps to understand it."""

    kind: FailureKind
    message: str  # first line: the whole story in one line; further lines: the details
    source: Source | None = None  # the step in the scenario that failed
    code: tuple[CodePlace, ...] = ()  # the best one first

    @property
    def headline(self) -> str:
        """The first line of the message."""
        return self.message.split("\n", 1)[0]


class Quarantine(Struct, frozen=True, kw_only=True):
    """Why the failures of a case don't fail the run, where the fault is written down, and how long that holds."""

    reason: str
    ticket: str
    until: str  # the last day of it, ISO 8601: 2026-12-01

    @property
    def label(self) -> str:
        """``quarantined until 2026-12-01, PROJ-7``"""
        return f"quarantined until {self.until}, {self.ticket}"


class Metric(Struct, frozen=True, kw_only=True):
    """A number that a case measured, with its unit and limits."""

    name: str
    value: float
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None


class Artifact(Struct, frozen=True, kw_only=True):
    """A file that a run leaves in its report folder."""

    name: str  # shown to people
    path: str  # relative to the report folder, with forward slashes
    media_type: str = "application/octet-stream"


class LogSpan(Struct, frozen=True, kw_only=True):
    """Lines of a device's console log, `first` to `last`, counted from 1; empty when last < first."""

    device: str
    first: int
    last: int


class Part(Struct, frozen=True, kw_only=True):
    """A test that a step found out about: one of the device's own, or of another tool's. It is counted as a case."""

    name: str
    seconds: Seconds = 0.0
    failure: Failure | None = None
    skip: str = ""  # the reason, when it was left out
    source: Source | None = None  # where the test stands, when that is known
    notes: tuple[str, ...] = ()
    log: tuple[LogSpan, ...] = ()

    @property
    def verdict(self) -> Verdict:
        return Verdict.SKIPPED if self.skip and self.failure is None else verdict_of(self.failure)


class StepResult(Struct, frozen=True, kw_only=True):
    """One step of one attempt at a case. Times are in seconds; `start` counts from the start of the run."""

    kind: str
    summary: str  # what it does, as one would say it: `expect "pong" within 1s`
    source: Source
    phase: str  # "setup", "case" or "teardown"
    start: float
    seconds: float
    verdict: Verdict
    failure: Failure | None = None
    log: tuple[LogSpan, ...] = ()
    depth: int = 0  # 0 for a step of the case itself, 1 for one within a repeat, ...


class Attempt(Struct, frozen=True, kw_only=True):
    """One try at a case."""

    number: int  # from 1
    start: float  # seconds since the start of the run
    seconds: float
    verdict: Verdict
    failure: Failure | None = None
    expected: Failure | None = None  # the failure that was expected, and came: the attempt is passed
    steps: tuple[StepResult, ...] = ()
    log: tuple[LogSpan, ...] = ()


class CaseResult(Struct, frozen=True, kw_only=True):
    """A test case: what its last attempt said, and all attempts before it."""

    name: str
    source: Source
    attempts: tuple[Attempt, ...] = ()
    tags: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    skip_reason: str = ""
    metrics: tuple[Metric, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    notes: tuple[str, ...] = ()  # the scenario author's own lines (<log>)
    not_run: Failure | None = None  # why it never ran, when it has no attempt and wasn't skipped
    ticket: str = ""  # the fault for which it is expected to fail
    part_of: str = ""  # the case whose step told of it, when it is a `Part`; its name begins with that case's
    quarantine: Quarantine | None = None

    @property
    def verdict(self) -> Verdict:
        if self.attempts:
            return self.attempts[-1].verdict
        return Verdict.SKIPPED if self.skip_reason else Verdict.ERROR

    @property
    def failure(self) -> Failure | None:
        return self.attempts[-1].failure if self.attempts else self.not_run

    @property
    def expected_failure(self) -> Failure | None:
        """How it failed, when that is what was expected of it: it is passed then, and its fault is still there."""
        return self.attempts[-1].expected if self.attempts else None

    @property
    def flaky(self) -> bool:
        """Passed, but not at the first attempt: a retry buys a label, never silence."""
        tried_again = len(self.attempts) > 1  # most are not
        return tried_again and self.verdict is Verdict.PASSED and any(attempt.verdict.bad for attempt in self.attempts)

    @property
    def quarantined(self) -> bool:
        """Failed, and in quarantine: it is shown and doesn't fail the run. An error is never forgiven."""
        return self.quarantine is not None and self.verdict is Verdict.FAILED

    @property
    def effect(self) -> Verdict:
        """What it counts as for the scenario and the run."""
        return Verdict.PASSED if self.quarantined else self.verdict

    @property
    def recovered(self) -> bool:
        """In quarantine, and passed at once: perhaps the quarantine can go."""
        return self.quarantine is not None and self.verdict is Verdict.PASSED and not self.flaky

    @property
    def seconds(self) -> float:
        return sum(attempt.seconds for attempt in self.attempts)


class DeviceLog(Struct, frozen=True, kw_only=True):
    """Where the console of a device was written."""

    device: str  # "" for the only one
    path: str  # relative to the report folder


class ScenarioResult(Struct, frozen=True, kw_only=True):
    """A test suite: the cases of one scenario file (with one set of parameters)."""

    name: str
    slug: str  # unique in the run, safe as a file name
    source: Source
    target: str
    cases: tuple[CaseResult, ...] = ()
    doc: str = ""
    tags: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    parameters: tuple[tuple[str, str], ...] = ()
    start: float | None = None  # seconds since the start of the run; None when it never started
    seconds: float = 0.0
    worker: int = 0  # which of the run's parallel slots it ran in, from 0
    failure: Failure | None = None  # of the scenario itself: build, machine, setup, teardown, ...
    steps: tuple[StepResult, ...] = ()  # setup and teardown that belong to no case (see StepResult.phase)
    logs: tuple[DeviceLog, ...] = ()
    machine: str = ""  # what it ran on, as one would say it: "qemu esp32c3"
    command: tuple[str, ...] = ()  # the machine's command line
    notes: tuple[str, ...] = ()  # notes from setup and teardown
    metrics: tuple[Metric, ...] = ()  # from setup and teardown
    artifacts: tuple[Artifact, ...] = ()

    @property
    def verdict(self) -> Verdict:
        own = () if self.failure is None else (_verdict_of(self.failure.kind),)
        return worst((*own, *(case.effect for case in self.cases)))


_ERROR_KINDS = frozenset(
    {
        FailureKind.MACHINE,
        FailureKind.BUILD,
        FailureKind.ENVIRONMENT,
        FailureKind.STEP,
        FailureKind.NOT_RUN,
        FailureKind.INTERRUPTED,
        FailureKind.INTERNAL,
    }
)


def _verdict_of(kind: FailureKind) -> Verdict:
    return Verdict.ERROR if kind in _ERROR_KINDS else Verdict.FAILED


def verdict_of(failure: Failure | None) -> Verdict:
    """`passed` without a failure, else `error` or `failed` by whose fault the failure is."""
    return Verdict.PASSED if failure is None else _verdict_of(failure.kind)


class FirmwareSize(Struct, frozen=True, kw_only=True):
    """How much of a kind of memory a built firmware takes."""

    name: str  # as esp-idf-size calls it: "Flash Code", "DIRAM", ...; "image" for the application's binary
    used: int  # bytes
    total: int | None = None  # bytes that there are


class BuildResult(Struct, frozen=True, kw_only=True):
    """One firmware build that scenarios shared."""

    name: str
    command: str
    seconds: float
    failure: Failure | None = None
    log: str = ""  # path of its output, relative to the report folder
    reused: bool = False  # nothing had changed
    start: float = 0.0  # seconds since the start of the run
    sizes: tuple[FirmwareSize, ...] = ()


class RunState(StrEnum):
    """Where a run stands: the words of queue_status.json."""

    WAITING = "waiting"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    ABORTED = "aborted"


class Counts(Struct, frozen=True, kw_only=True):
    """How many cases ended how; `flaky` ones are among the passed, quarantined failures are not among the failed."""

    passed: int = 0
    failed: int = 0
    error: int = 0
    skipped: int = 0
    flaky: int = 0
    quarantined: int = 0

    @classmethod
    def of(cls, verdicts: Iterable[Verdict], flaky: int, quarantined: int = 0) -> Counts:
        """`quarantined` of the failed are in quarantine."""
        by = Counter(verdicts)
        return cls(
            passed=by[Verdict.PASSED],
            failed=by[Verdict.FAILED] - quarantined,
            error=by[Verdict.ERROR],
            skipped=by[Verdict.SKIPPED],
            flaky=flaky,
            quarantined=quarantined,
        )

    @property
    def total(self) -> int:
        return self.passed + self.failed + self.error + self.skipped + self.quarantined


class RunResult(Struct, frozen=True, kw_only=True):
    """A whole run, as far as its events tell; `finished` is False while it runs and after a kill."""

    run_id: str
    started: str  # ISO 8601, UTC
    seconds: float
    finished: bool
    scenarios: tuple[ScenarioResult, ...] = ()
    builds: tuple[BuildResult, ...] = ()
    failure: Failure | None = None  # of the run itself: interrupted, nothing selected, ...
    properties: tuple[tuple[str, str], ...] = ()  # commit, branch, runner, versions, ...

    @property
    def cases(self) -> tuple[CaseResult, ...]:
        return tuple(case for scenario in self.scenarios for case in scenario.cases)

    @property
    def verdict(self) -> Verdict:
        """The run's verdict; a run in which no case ran is an error, never a pass."""
        own = () if self.failure is None else (_verdict_of(self.failure.kind),)
        verdict = worst((*own, *(scenario.verdict for scenario in self.scenarios)))
        return Verdict.ERROR if verdict is Verdict.SKIPPED else verdict

    @property
    def interrupted(self) -> bool:
        return self.failure is not None and self.failure.kind is FailureKind.INTERRUPTED

    @property
    def counts(self) -> Counts:
        cases = self.cases
        flaky, quarantined = sum(case.flaky for case in cases), sum(case.quarantined for case in cases)
        return Counts.of((case.verdict for case in cases), flaky, quarantined)
