"""A failure as the page shows it: what, where, the console around it and the steps that led there."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from testarena_ci.reports.console import ConsoleLine, ConsoleLines
from testarena_ci.reports.excerpt import Excerpt, details_beyond, excerpt, last_lines
from testarena_ci.reports.findings import NO_REASON, Finding, failing_step
from testarena_ci.reports.html.ansi import Piece, level, pieces
from testarena_ci.reports.html.links import Sources, Words, file_link, with_places
from testarena_ci.reports.html.repeat import Repeat, repeat
from testarena_ci.reports.text import clipped, count, duration, one_line, plain
from tpf.result import (
    Artifact,
    Attempt,
    CaseResult,
    DeviceLog,
    Failure,
    FailureKind,
    LogSpan,
    RunResult,
    ScenarioResult,
    StepResult,
    Verdict,
)

_STEPS = 60  # of an attempt: the last ones lead to the failure
_DETAILS = 16 << 10
_FILES = 20
_CODE = 3  # places in the firmware's source
_LINE = 1000  # characters of a console line


class Evidence(Struct, frozen=True, kw_only=True):
    """Where the lines of a card come from."""

    lines: Callable[[DeviceLog], ConsoleLines]
    result: RunResult
    sources: Sources


class Row(Struct, frozen=True, kw_only=True):
    """A line of the console; `look` holds CSS classes: mark, seen (by the failing step), culprit, error, warning."""

    number: int
    time: str
    pieces: tuple[Piece, ...]
    look: str


class StepRow(Struct, frozen=True, kw_only=True):
    verdict: Verdict
    summary: str
    place: str
    phase: str
    depth: int
    seconds: str
    failed_here: bool


class Try(Struct, frozen=True, kw_only=True):
    """One attempt, as a column of its own where there are several."""

    title: str
    verdict: Verdict
    kind: str
    message: str
    details: Words
    console: str  # whose console the rows are
    rows: tuple[Row, ...]
    log: str  # address of the whole log
    steps: tuple[StepRow, ...]
    steps_left: int
    seconds: str


class Card(Struct, frozen=True, kw_only=True):
    """A finding in full, attempt beside attempt where there are several."""

    verdict: str  # or `quarantined`, which looks less alarming
    flaky: bool
    anchor: str
    scenarios: tuple[tuple[str, str], ...]  # name and slug
    others: str  # `and 17 other scenarios`
    case: str
    place: Words
    code: tuple[Words, ...]  # places in the firmware's source
    consequence: str  # `12 cases did not run`
    folded: bool  # console and steps open on a click
    tries: tuple[Try, ...]
    repeat: Repeat | None
    files: tuple[tuple[str, str], ...]  # artifacts: name and address


class Short(Struct, frozen=True, kw_only=True):
    """A finding in a line."""

    verdict: str  # as above
    anchor: str
    name: str
    kind: str
    message: str


_TRIES = 8  # attempts side by side
_NAMED = 5  # scenarios of a shared failure that are named


def card(evidence: Evidence, finding: Finding, *, folded: bool) -> Card:
    """A finding with all that explains it."""
    scenario = finding.scenarios[0] if finding.scenarios else None
    left = len(finding.scenarios) - _NAMED
    return Card(
        verdict="quarantined" if finding.quarantine else finding.verdict,
        flaky=False,
        anchor=finding.anchor or "/run",
        scenarios=tuple((one_line(each.name), each.slug) for each in finding.scenarios[:_NAMED]),
        others=f"and {count(left, 'other scenario')}" if left > 0 else "",
        case=one_line(finding.case.name) if finding.case else "",
        place=_place(evidence, str(finding.place)) if finding.place else (),
        code=tuple(_place(evidence, str(place.source)) for place in finding.failure.code[:_CODE]),
        consequence=_consequence(finding),
        folded=folded,
        tries=_tries_of(evidence, finding, scenario),
        repeat=repeat(evidence.result, scenario, finding.case) if scenario else None,
        files=_files(finding.case.artifacts if finding.case else scenario.artifacts if scenario else ()),
    )


def _consequence(finding: Finding) -> str:
    if finding.quarantine is not None:
        return one_line(f"{finding.quarantine.label}: {finding.quarantine.reason}")
    return f"{count(finding.not_run, 'case')} did not run" if finding.not_run else ""


def flaky_card(evidence: Evidence, scenario: ScenarioResult, case: CaseResult, anchor: str, *, folded: bool) -> Card:
    """A flaky case, attempt beside attempt."""
    return Card(
        verdict=case.verdict,
        flaky=True,
        anchor=f"/flaky/{anchor}",
        scenarios=((one_line(scenario.name), scenario.slug),),
        others="",
        case=one_line(case.name),
        place=_place(evidence, str(case.source)),
        code=(),
        consequence="",
        folded=folded,
        tries=tuple(_try(evidence, scenario, attempt) for attempt in case.attempts[:_TRIES]),
        repeat=repeat(evidence.result, scenario, case),
        files=_files(case.artifacts),
    )


def short(finding: Finding) -> Short:
    """A finding in a line, for those after the first."""
    scenario = one_line(finding.scenarios[0].name, 120) if finding.scenarios else "The run"
    return Short(
        verdict="quarantined" if finding.quarantine else finding.verdict,
        anchor=finding.anchor or "/run",
        name=f"{scenario} › {one_line(finding.case.name, 120)}" if finding.case else scenario,
        kind=finding.failure.kind,
        message=one_line(message_of(finding.failure), 200),
    )


def _place(evidence: Evidence, text: str) -> Words:
    return with_places(plain(text), evidence.sources)


def _files(artifacts: tuple[Artifact, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((one_line(artifact.name, 120), file_link(artifact.path)) for artifact in artifacts[:_FILES])


def _tries_of(evidence: Evidence, finding: Finding, scenario: ScenarioResult | None) -> tuple[Try, ...]:
    if scenario and finding.case and finding.attempt:
        return tuple(_try(evidence, scenario, attempt) for attempt in finding.case.attempts[-_TRIES:])
    return (_outside_of_cases(evidence, finding, scenario),)


def _outside_of_cases(evidence: Evidence, finding: Finding, scenario: ScenarioResult | None) -> Try:
    logs = _logs_of(evidence, finding, scenario)
    ends = ((log, last_lines(log.device, evidence.lines(log), finding.failure)) for log in logs)
    log, shown = next(((log, end) for log, end in ends if end), (None, None))
    return Try(
        title="",
        verdict=finding.verdict,
        kind=finding.failure.kind,
        message=message_of(finding.failure),
        details=_details(evidence, finding.failure, shown),
        console="log",
        rows=_rows(shown),
        log=file_link(log.path) if log else "",
        steps=(),
        steps_left=0,
        seconds="",
    )


def _logs_of(evidence: Evidence, finding: Finding, scenario: ScenarioResult | None) -> tuple[DeviceLog, ...]:
    """The logs that tell of a failure outside of any case: the build's, or the consoles."""
    if finding.failure.kind is FailureKind.BUILD:
        builds = [build for build in evidence.result.builds if build.failure and build.log]
        same = [build for build in builds if build.failure and build.failure.message == finding.failure.message]
        return tuple(DeviceLog(device="", path=build.log) for build in same or builds[:1])
    return scenario.logs if scenario else ()


def _try(evidence: Evidence, scenario: ScenarioResult, attempt: Attempt) -> Try:
    logs = {log.device: evidence.lines(log) for log in scenario.logs}
    failure = attempt.failure or (NO_REASON if attempt.verdict.bad else None)
    shown = excerpt(attempt, failure or NO_REASON, logs)
    failed = failing_step(attempt)
    path = next((log.path for log in scenario.logs if shown and log.device == shown.device), "")
    return Try(
        title=f"Attempt {attempt.number}",
        verdict=attempt.verdict,
        kind=failure.kind if failure else "",
        message=message_of(failure) if failure else "",
        details=_details(evidence, failure, shown) if failure else (),
        console=f"console of {plain(shown.device)}" if shown and shown.device else "console",
        rows=_rows(shown, bad=attempt.verdict.bad),
        log=file_link(path),
        steps=tuple(_step(step, failed_here=step is failed) for step in attempt.steps[-_STEPS:]),
        steps_left=max(len(attempt.steps) - _STEPS, 0),
        seconds=duration(attempt.seconds),
    )


def _details(evidence: Evidence, failure: Failure, shown: Excerpt | None) -> Words:
    text = clipped(plain(details_beyond(failure, with_console=shown is not None)), _DETAILS)
    return with_places(text, evidence.sources) if text else ()


def message_of(failure: Failure) -> str:
    """The headline without the kind that it may begin with: the page shows that before it."""
    return plain(failure.headline).removeprefix(f"{failure.kind}: ")


def _rows(shown: Excerpt | None, *, bad: bool = True) -> tuple[Row, ...]:
    if shown is None:
        return ()
    culprit = shown.culprit if bad else 0
    return tuple(_row(line, shown.marked if bad else None, culprit) for line in shown.lines)


def _row(line: ConsoleLine, seen: LogSpan | None, culprit: int) -> Row:
    looks = (
        "mark" if line.mark else level(line.text),
        "seen" if seen and seen.first <= line.number <= seen.last else "",
        "culprit" if line.number == culprit else "",
    )
    return Row(
        number=line.number,
        time=line.stamp,
        pieces=tuple(pieces(line.text[:_LINE])),
        look=" ".join(look for look in looks if look),
    )


def _step(step: StepResult, *, failed_here: bool) -> StepRow:
    return StepRow(
        verdict=step.verdict,
        summary=one_line(step.summary),
        place=plain(str(step.source)),
        phase="" if step.phase == "case" else plain(step.phase),
        depth=min(step.depth, 6),
        seconds=duration(step.seconds),
        failed_here=failed_here,
    )
