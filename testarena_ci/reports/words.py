"""A run in one line of plain English, the same in every report."""

from __future__ import annotations

from testarena_ci.reports.text import count, grouped, one_line
from tpf.result import Counts, RunResult, RunState, ScenarioResult, Verdict

_STATES = {Verdict.FAILED: RunState.FAILED, Verdict.ERROR: RunState.ERROR}


def state_of(result: RunResult) -> RunState:
    """Where a run ended; one that was interrupted or never finished is aborted, whatever had passed."""
    if result.interrupted or not result.finished:
        return RunState.ABORTED
    return _STATES.get(result.verdict, RunState.PASSED)


def verdict_line(result: RunResult) -> str:
    """`2 of 12 cases failed, 1 ended in error`; `All 12 cases passed`; never more cheerful than the verdict."""
    counts = result.counts
    if not counts.total:
        return _upper(one_line(result.failure.headline)) if result.failure else "No case ran"
    bad = _bad(result)
    bad, good = bad and bad + _quarantined(result), _good(counts) + _expected(result) + _quarantined(result)
    if state_of(result) is RunState.ABORTED:
        why = "Interrupted" if result.interrupted else "The run did not finish"
        return f"{why}: {bad or good}"
    if not bad and result.verdict.bad:  # a machine, a teardown, ...
        return f"{_upper(good)}, but {_trouble(result)}"
    return _upper(bad or good)


def not_run(scenario: ScenarioResult) -> int:
    """How many cases of a scenario should have run and never did."""
    return sum(case.verdict is Verdict.ERROR and not case.attempts for case in scenario.cases)


def _bad(result: RunResult) -> str:
    """`2 of 12 cases failed, 1 ended in error, 3 did not run`; the first says of how many."""
    counts = result.counts
    missing = sum(not_run(scenario) for scenario in result.scenarios)
    numbers = ((counts.failed, "failed"), (counts.error - missing, "ended in error"), (missing, "did not run"))
    told = [(grouped(number), words) for number, words in numbers if number]
    if not told:
        return ""
    (first, words), *others = told
    return ", ".join([f"{first} of {count(counts.total, 'case')} {words}", *(f"{n} {w}" for n, w in others)])


def _good(counts: Counts) -> str:
    if counts.passed == (total := counts.total):
        return {1: "the only case passed", 2: "both cases passed"}.get(total, f"all {count(total, 'case')} passed")
    skipped = f", {grouped(counts.skipped)} skipped" if counts.skipped or not counts.quarantined else ""
    return f"{count(counts.passed, 'case')} passed{skipped}"


def _quarantined(result: RunResult) -> str:
    number = result.counts.quarantined
    return f", {grouped(number)} quarantined" if number else ""


def _expected(result: RunResult) -> str:
    number = sum(case.expected_failure is not None for case in result.cases)
    return f", {grouped(number)} of them by failing as expected" if number else ""


def _trouble(result: RunResult) -> str:
    failure = result.failure or next((scenario.failure for scenario in result.scenarios if scenario.failure), None)
    return one_line(failure.headline, 120) if failure else "nothing was tested"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
