"""What one case's consoles say differently in two runs, as lines for people or data for programs."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from testarena_ci.compare.console import Mark, Row, aligned, around
from testarena_ci.compare.recorded import Recorded
from testarena_ci.compare.text import painted
from testarena_ci.reports.anchors import case_anchors
from testarena_ci.reports.console import ConsoleLine
from testarena_ci.reports.text import plain
from tpf.errors import UsageError
from tpf.result import CaseResult, RunResult, ScenarioResult

CONTEXT: Final = 3  # lines around what differs
_COLOURS: Final = {Mark.GONE: "31", Mark.CAME: "32", Mark.NUMBERS: "33"}
_LONGEST: Final = 2000  # characters of a line that is shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """The console of one device in the last attempt of a case, before and now, line by line beside each other."""

    device: str  # "" for the only one
    before: tuple[ConsoleLine, ...]
    now: tuple[ConsoleLine, ...]
    rows: tuple[Row, ...]

    @property
    def differs(self) -> bool:
        return any(row.mark in (Mark.GONE, Mark.CAME) for row in self.rows)

    @property
    def only_numbers(self) -> int:
        """How many lines differ only in their numbers."""
        return sum(row.mark is Mark.NUMBERS for row in self.rows)

    def text(self, row: Row) -> str:
        """The line as it was said, fit for a terminal; where both have it, as it is now."""
        line = self.now[row.now] if row.now is not None else self.before[row.before or 0]
        return plain(line.text)[:_LONGEST]


def consoles(base: Recorded, now: Recorded, case: str) -> tuple[Console, ...]:
    """Of each device that has a log in one of the runs. Raises UsageError for a case or a log that isn't there."""
    before, after = _lines(base, case), _lines(now, case)
    return tuple(_beside(device, before.get(device, ()), after.get(device, ())) for device in sorted({*before, *after}))


def _beside(device: str, before: tuple[ConsoleLine, ...], now: tuple[ConsoleLine, ...]) -> Console:
    rows = aligned([plain(line.text) for line in before], [plain(line.text) for line in now])
    return Console(device=device, before=before, now=now, rows=rows)


def _lines(run: Recorded, name: str) -> dict[str, tuple[ConsoleLine, ...]]:
    scenario, case = _find(run, name)
    if not case.attempts:
        raise UsageError(f"{run.label}: the case {name!r} did not run there, so it has no console")
    if not scenario.logs:
        raise UsageError(f"{run.label}: keeps no console of {name!r}; compare the report folders of the runs")
    paths = {log.device: log for log in scenario.logs}
    found: dict[str, tuple[ConsoleLine, ...]] = {}
    for span in case.attempts[-1].log:
        if span.device not in paths:
            continue
        text = run.read_log(paths[span.device])
        if text.problem:
            raise UsageError(f"{run.label}: no console of {name!r} to compare: {text.problem}")
        found[span.device] = (*found.get(span.device, ()), *text.lines().between(span.first, span.last))
    return found


def _find(run: Recorded, name: str) -> tuple[ScenarioResult, CaseResult]:
    """By `scenario/case`, or as reports link to it."""
    for scenario in run.result.scenarios:
        for case, anchor in zip(scenario.cases, case_anchors(scenario), strict=True):
            if name in (f"{scenario.name}/{case.name}", anchor):
                return scenario, case
    near = difflib.get_close_matches(name, sorted(_names(run.result)), n=1)
    hint = f"did you mean {near[0]!r}?" if near else "name it as `scenario/case`"
    raise UsageError(f"{run.label}: has no case {name!r}; {hint}")


def _names(result: RunResult) -> set[str]:
    return {f"{scenario.name}/{case.name}" for scenario in result.scenarios for case in scenario.cases}


def render(found: tuple[Console, ...], *, numbers: bool, colours: bool) -> Iterator[str]:
    """As a difference: `-` was said before only, `+` now only, `~` has other numbers."""
    if not found:
        yield "neither run has a console of this case"
    for console in found:
        yield painted(_title(console), "1", colours=colours)
        for stretch in around(console.rows, CONTEXT, numbers=numbers):
            yield painted(_place(console, stretch), "36", colours=colours)
            for row in stretch:
                yield _row(console, row, numbers=numbers, colours=colours)
        if console.only_numbers and not numbers:
            yield f"{_counted(console.only_numbers)} in numbers only: --numbers shows them"


def _title(console: Console) -> str:
    device = f" of {plain(console.device)}" if console.device else ""
    said = "differs" if console.differs else "says the same"
    return f"the console{device} {said} ({len(console.before)} lines before, {len(console.now)} now)"


def _counted(number: int) -> str:
    return "1 line differs" if number == 1 else f"{number} lines differ"


def _place(console: Console, stretch: tuple[Row, ...]) -> str:
    """Lines of the two log files."""
    old = [console.before[row.before].number for row in stretch if row.before is not None]
    new = [console.now[row.now].number for row in stretch if row.now is not None]
    return f"@@ before {_range(old)}, now {_range(new)} @@"


def _range(numbers: list[int]) -> str:
    return f"{numbers[0]}-{numbers[-1]}" if numbers else "none"


def _row(console: Console, row: Row, *, numbers: bool, colours: bool) -> str:
    if row.mark is Mark.NUMBERS and not numbers:
        return f"  {console.text(row)}"
    text = f"{row.mark} {console.text(row)}"
    return painted(text, _COLOURS[row.mark], colours=colours) if row.mark in _COLOURS else text


def document(found: tuple[Console, ...]) -> list[dict[str, Any]]:
    """What differs, with the numbers of lines in the log files."""
    return [
        {
            "device": console.device,
            "differs": console.differs,
            "rows": [_row_document(console, row) for row in console.rows if row.mark is not Mark.SAME],
        }
        for console in found
    ]


def _row_document(console: Console, row: Row) -> dict[str, Any]:
    return {
        "mark": str(row.mark),
        "before": None if row.before is None else console.before[row.before].number,
        "now": None if row.now is None else console.now[row.now].number,
        "text": console.text(row),
    }
