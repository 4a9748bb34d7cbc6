"""Words that all views of a comparison share."""

from __future__ import annotations

from typing import Final

from testarena_ci.compare.model import CaseChange, Change, Comparison, MetricChange, RunFacts, SizeChange, TimeChange
from testarena_ci.reports.sizes import byte_words
from testarena_ci.reports.text import count, duration, number, one_line

TITLES: Final = {
    Change.NEWLY_FAILING: "newly failing",
    Change.NOT_RUN: "not come to",
    Change.FAILING_OTHERWISE: "failing for another reason",
    Change.STILL_FAILING: "still failing",
    Change.NEWLY_FLAKY: "newly flaky",
    Change.NOW_SKIPPED: "now skipped",
    Change.REMOVED: "removed",
    Change.FIXED: "fixed",
    Change.STEADY: "no longer flaky",
    Change.RUNS_AGAIN: "running again",
    Change.NEW: "new",
}
_ABSENT: Final = "-"


def headline(comparison: Comparison) -> str:
    """`2 newly failing, 1 fixed, 297 unchanged`."""
    parts = [f"{how_many} {TITLES[change]}" for change, how_many in comparison.counts]
    return ", ".join([*parts, f"{comparison.unchanged} unchanged"])


def run_words(run: RunFacts) -> str:
    """Which run: `20260102-030405-1a2b3c, main 3f2a91c, 9 of 10 passed`."""
    commit = " ".join(word for word in (run.branch, run.commit[:10]) if word)
    passed = f"{run.counts.passed} of {count(run.counts.total, 'case')} passed"
    return one_line(", ".join(word for word in (run.run_id, commit, passed, duration(run.seconds)) if word), 300)


def reason_words(change: CaseChange) -> str:
    """Why, in one line; of one that fails for another reason, before and now."""
    if change.change is Change.FAILING_OTHERWISE and change.before and change.now:
        return f"{change.now.reason} (before: {change.before.reason})"
    return f"{change.reason} (in quarantine)" if change.now and change.now.quarantined else change.reason


def time_words(change: TimeChange) -> str:
    """`1.20 s -> 4.00 s (3.3 times)`."""
    word = f"{change.ratio:.1f} times" if change.slower else f"{1 - change.ratio:.0%} less"
    return f"{duration(change.before)} -> {duration(change.now)} ({word})"


def metric_words(change: MetricChange) -> str:
    """`12000 -> 11000 bytes (-8.3 %), below its minimum of 11500`."""
    values = " -> ".join(_ABSENT if value is None else number(value) for value in (change.before, change.now))
    grown = "" if change.relative is None else f" ({change.relative:+.1%})"
    unit = f" {one_line(change.unit, 20)}" if change.unit else ""
    return f"{values}{unit}{grown}{_limit_words(change)}"


def _limit_words(change: MetricChange) -> str:
    if change.now is None:
        return ""
    if change.maximum is not None and change.now > change.maximum:
        return f", above its maximum of {number(change.maximum)}"
    if change.minimum is not None and change.now < change.minimum:
        return f", below its minimum of {number(change.minimum)}"
    return ""


def size_words(change: SizeChange) -> str:
    """`166 KB -> 170 KB (+4096 B)`, and how full the memory is now."""
    values = " -> ".join(_ABSENT if value is None else byte_words(value) for value in (change.before, change.now))
    grown = "" if change.delta is None else f" ({change.delta:+} B)"
    full = f", {change.now / change.total:.0%} full" if change.now is not None and change.total else ""
    return f"{values}{grown}{full}"
