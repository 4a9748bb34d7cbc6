"""A comparison as Markdown for comments and summaries of forges: the gravest first, within a limit of characters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
from testarena_ci.reports.markdown import code, details, plain_text, table_row
from testarena_ci.reports.text import one_line

_SIGNS: Final = {
    Change.NEWLY_FAILING: "🔴",
    Change.NOT_RUN: "⚫",
    Change.FAILING_OTHERWISE: "🟠",
    Change.NEWLY_FLAKY: "🟡",
    Change.FIXED: "🟢",
}
_OPEN: Final = (Change.NEWLY_FAILING, Change.NOT_RUN, Change.FAILING_OTHERWISE, Change.FIXED)
_MOST: Final = 100  # rows of a table


def render(comparison: Comparison, *, limit: int = 60_000) -> str:
    """Whole sections, as many as have room; what was left out is said. GitHub takes 65 536 characters in a comment."""
    text = f"**{'Worse' if comparison.worse else 'Not worse'} than before:** {plain_text(headline(comparison))}\n\n"
    text += f"Before: {plain_text(run_words(comparison.base))}  \nNow: {plain_text(run_words(comparison.now))}\n"
    left_out = 0
    for section in _sections(comparison):
        if len(text) + len(section) <= limit - 100:
            text += f"\n{section}"
        else:
            left_out += 1
    return text + (f"\n{left_out} more sections have no room here.\n" if left_out else "")


def _sections(comparison: Comparison) -> Iterator[str]:
    for change, number in comparison.counts:
        title = f"{_SIGNS.get(change, '⚪')} {number} {TITLES[change]}"
        table = _table(("case", "why"), map(_case, comparison.of(change)))
        yield f"### {title}\n\n{table}" if change in _OPEN else details(title, table) + "\n"
    numbers = (
        ("Metrics", [(_owner(one.scenario, one.case, one.metric), metric_words(one)) for one in comparison.metrics]),
        ("Times", [(_owner(one.scenario, one.case, ""), time_words(one)) for one in comparison.times]),
        ("Firmware sizes", [(_owner(one.build, "", one.memory), size_words(one)) for one in comparison.sizes]),
    )
    for title, rows in numbers:
        if rows:
            table = _table(("what", "change"), ((code(name), plain_text(words)) for name, words in rows))
            yield details(f"{title} ({len(rows)})", table) + "\n"


def _owner(first: str, second: str, third: str) -> str:
    return " / ".join(word for word in (first, second, third) if word)


def _case(change: CaseChange) -> tuple[str, str]:
    return _in_cell(code(change.name)), plain_text(one_line(reason_words(change), 300))


def _table(head: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    cells = tuple(head)
    made = [table_row(map(_in_cell, row)) for row in rows]
    more = f"\n{len(made) - _MOST} more are not shown.\n" if len(made) > _MOST else ""
    return table_row(cells) + table_row("---" for _ in cells) + "".join(made[:_MOST]) + more


def _in_cell(text: str) -> str:
    r"""A `|` ends a cell, even within a code span, unless it is escaped already."""
    return text.replace("\\|", "|").replace("|", "\\|")
