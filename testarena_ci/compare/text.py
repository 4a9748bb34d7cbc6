"""A comparison as lines for a terminal: what got worse first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from testarena_ci.compare.model import CaseChange, Change, Comparison
from testarena_ci.compare.words import (
    TITLES,
    headline,
    metric_words,
    reason_words,
    run_words,
    size_words,
    time_words,
)
from testarena_ci.reports.text import one_line

_COLOURS: Final = {
    Change.NEWLY_FAILING: "31;1",
    Change.NOT_RUN: "31",
    Change.FAILING_OTHERWISE: "33",
    Change.NEWLY_FLAKY: "33",
    Change.FIXED: "32",
    Change.RUNS_AGAIN: "32",
    Change.STEADY: "32",
}
_MOST: Final = 50  # of a kind of change; the JSON has all
_WITH_REASON: Final = (Change.NEWLY_FAILING, Change.NOT_RUN, Change.FAILING_OTHERWISE, Change.STILL_FAILING)


def render(comparison: Comparison, *, colours: bool) -> Iterator[str]:
    """Line by line; names and messages from outside are made harmless."""
    yield f"base: {run_words(comparison.base)}"
    yield f"now:  {run_words(comparison.now)}"
    for change, number in comparison.counts:
        yield ""
        yield painted(f"{TITLES[change]} ({number})", _COLOURS.get(change, "1"), colours=colours)
        yield from _shortened([line for case in comparison.of(change)[: _MOST + 1] for line in _case(case)], number)
    yield from _numbers(comparison, colours=colours)
    yield ""
    word = "WORSE" if comparison.worse else "NOT WORSE"
    yield painted(f"{word}: {headline(comparison)}", "31;1" if comparison.worse else "32;1", colours=colours)


def painted(text: str, code: str, *, colours: bool) -> str:
    """The text in a colour (ECMA-48 SGR parameters), if there may be any."""
    return f"\x1b[{code}m{text}\x1b[0m" if colours else text


def _case(change: CaseChange) -> Iterator[str]:
    reason = one_line(reason_words(change), 400) if change.change in _WITH_REASON else ""
    place = f" ({change.now.place})" if reason and change.now and change.now.place else ""
    yield f"  {one_line(change.name, 200)}{place}" + (f": {reason}" if reason else "")


def _shortened(lines: list[str], number: int) -> Iterator[str]:
    yield from lines[:_MOST]
    if number > _MOST:
        yield f"  ... and {number - _MOST} more: --format json has all"


def _numbers(comparison: Comparison, *, colours: bool) -> Iterator[str]:
    sections = (
        ("times", [(f"{one.scenario}/{one.case}", time_words(one)) for one in comparison.times]),
        (
            "metrics",
            [(_of_metric(one.scenario, one.case, one.metric), metric_words(one)) for one in comparison.metrics],
        ),
        ("firmware sizes", [(f"{one.build}: {one.memory}", size_words(one)) for one in comparison.sizes]),
    )
    for title, rows in sections:
        if rows:
            yield ""
            yield painted(f"{title} ({len(rows)})", "1", colours=colours)
            yield from _shortened([f"  {one_line(name, 200)}: {words}" for name, words in rows[:_MOST]], len(rows))


def _of_metric(scenario: str, case: str, metric: str) -> str:
    return f"{scenario}/{case}: {metric}" if case else f"{scenario}: {metric}"
