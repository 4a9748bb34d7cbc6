"""How a run ends for those around it: last words on the console; annotations, outputs and summary for the runner."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from testarena_ci.context import CIContext
from testarena_ci.reports import KINDS
from testarena_ci.reports.status import short_duration
from testarena_ci.runner_commands import (
    annotation_lines,
    append_summary,
    failure_annotations,
    neutralise,
    write_outputs,
)
from tpf.result import CodePlace, Failure, FailureKind, RunResult, Verdict

EXIT_PASSED: Final = 0
EXIT_FAILED: Final = 1
EXIT_ENVIRONMENT: Final = 3
EXIT_ERROR: Final = 4
EXIT_INTERRUPTED: Final = 130

# The action's outputs, as action.yml and the reference list them.
OUTPUTS: Final[dict[str, str]] = {
    "outcome": "How the run ended: `passed`, `failed`, `error` or `aborted`.",
    "total": "How many cases there were.",
    "passed": "How many cases passed.",
    "failed": "How many cases failed: the firmware did wrong.",
    "errors": "How many cases could not be judged: the machine, the build or the tool broke, or they never ran.",
    "skipped": "How many cases were skipped.",
    "flaky": "How many of the passed cases needed more than one attempt.",
    "quarantined": "How many cases failed in quarantine, and so didn't fail the run; they are not among the failed.",
    "report-dir": "The report folder.",
    "html": "Path of the HTML report.",
    "junit": "Path of the JUnit report.",
}
_CODE_LINES: Final = 5  # of a failure
_NAMES: Final = 10  # of scenarios that end with the same words


def exit_code(result: RunResult) -> int:
    """The exit code that a result ends a command with."""
    if result.interrupted:
        return EXIT_INTERRUPTED
    if result.verdict is Verdict.PASSED:
        return EXIT_PASSED
    if result.verdict is Verdict.FAILED:
        return EXIT_FAILED
    return EXIT_ENVIRONMENT if _only_environment(result) else EXIT_ERROR


def _only_environment(result: RunResult) -> bool:
    """Nothing went wrong but that this machine lacks something."""
    own = [scenario.failure for scenario in result.scenarios]
    bad = [case.failure for case in result.cases if case.verdict.bad and case.attempts]
    told = [failure for failure in (*own, *bad) if failure is not None]
    return bool(told) and all(failure.kind is FailureKind.ENVIRONMENT for failure in told)


def outcome(result: RunResult) -> str:
    """The run's end in one word."""
    return "aborted" if result.interrupted else str(result.verdict)


def result_words(result: RunResult, folder: Path) -> Iterator[str]:
    """The few lines that a person wants at the end: what failed and why, what passed, where the report is."""
    if result.failure is not None:
        yield neutralise(f"{result.verdict.upper()}: {result.failure.headline}")
    yield from (neutralise(line) for line in _reasons(result))
    counts = result.counts
    numbers = (
        (counts.failed, "failed"),
        (counts.error, "error" if counts.error == 1 else "errors"),
        (counts.quarantined, "quarantined"),
        (counts.passed, "passed"),
        (counts.skipped, "skipped"),
    )
    said = ", ".join(f"{number} {word}" for number, word in numbers if number) or "no cases"
    expected = sum(case.expected_failure is not None for case in result.cases)
    marks = ((counts.flaky, "flaky"), (expected, "by failing as expected"))
    marked = ", ".join(f"{number} {word}" for number, word in marks if number)
    yield f"{outcome(result).upper()}: {said}{f' ({marked})' if marked else ''} in {short_duration(result.seconds)}"
    yield f"Report: {folder / KINDS['html'].file}"


def _reasons(result: RunResult) -> Iterator[str]:
    """What failed and why. What stops many scenarios in the same words is told once: an ESP-IDF that isn't there."""
    alike: dict[tuple[str, tuple[CodePlace, ...]], list[str]] = {}
    for scenario in result.scenarios:
        if scenario.failure is not None:
            alike.setdefault(_words_of(scenario.failure), []).append(scenario.name)
    for scenario in result.scenarios:
        if scenario.failure is not None and (names := alike.pop(_words_of(scenario.failure), None)):
            yield from _reason(scenario.name, scenario.failure)
            yield from _the_same_for(names[1:])
        for case in scenario.cases:
            if case.verdict.bad and case.attempts and case.failure is not None:
                label = f"{case.quarantine.label}: " if case.quarantine and case.quarantined else ""
                yield from _reason(f"{scenario.name}/{case.name}", case.failure, label)
            elif case.quarantine and case.recovered:
                name = f"{scenario.name}/{case.name}"
                yield f"{name}: passes again: take it out of quarantine ({case.quarantine.ticket})"


def _words_of(failure: Failure) -> tuple[str, tuple[CodePlace, ...]]:
    """All of a failure that is told here, but for its place."""
    return failure.headline, failure.code


def _reason(name: str, failure: Failure, label: str = "") -> Iterator[str]:
    place = f"{failure.source}: " if failure.source else ""
    yield f"{place}{name}: {label}{failure.headline}"
    yield from (f"    {line}" for line in code_lines(failure))


def _the_same_for(names: Sequence[str]) -> Iterator[str]:
    rest = len(names) - _NAMES
    if names:
        yield f"    the same for {', '.join(names[:_NAMES])}{f' and {rest} more' if rest > 0 else ''}"


def code_lines(failure: Failure) -> Iterator[str]:
    """The places in the firmware's source that the headline doesn't name, a line each: terminals make links of them."""
    for place in failure.code[:_CODE_LINES]:
        if str(place.source) not in failure.headline:
            said = "" if place.message in failure.headline else f": {place.message}"
            yield f"{place.source}{said}"


def rounds_words(result: RunResult) -> Iterator[str]:
    """How many rounds `--until-fail` made."""
    number = int(dict(result.properties).get("round", 0))
    if number and result.verdict is Verdict.PASSED:
        yield f"{number} round{'s' if number > 1 else ''}, and all passed"
    elif number:
        end = "was interrupted" if result.interrupted else "did not pass"
        yield f"Round {number} of --until-fail {end}, {number - 1} before it passed; the report is of this one"


def any_case_failed(result: RunResult) -> bool:
    """Whether there is a case to run again."""
    return any(case.effect.bad for case in result.cases)


def tell_runner(result: RunResult, folder: Path, ci: CIContext, say: Callable[[str], None]) -> None:
    """Annotations, outputs and step summary, where there is a runner that takes them. Trouble is said, never raised."""
    if not ci.ci:
        return
    for line in annotation_lines(failure_annotations(result), ci.kind, ci.folder):
        say(line)
    try:
        summary = (folder / KINDS["summary"].file).read_text(encoding="utf-8")
    except OSError as error:
        summary = f"(the summary can't be read: {error.strerror})"
    for trouble in (
        write_outputs(ci.files.output, outputs(result, folder)),
        append_summary(ci.files.summary, summary),
    ):
        if trouble:
            say(trouble)


def outputs(result: RunResult, folder: Path) -> dict[str, str]:
    """The action's outputs; their names are those of OUTPUTS."""
    counts = result.counts
    values = (
        outcome(result),
        counts.total,
        counts.passed,
        counts.failed,
        counts.error,
        counts.skipped,
        counts.flaky,
        counts.quarantined,
        folder,
        folder / KINDS["html"].file,
        folder / KINDS["junit"].file,
    )
    return {name: str(value) for name, value in zip(OUTPUTS, values, strict=True)}
