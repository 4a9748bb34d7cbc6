"""summary.md: a run for the summary page of GitHub and Gitea, the most useful first and well under their size limit.

## ❌ 2 of 12 cases failed, 1 error
...
### Failures
**console answers** › **enough heap is left**<br>timeout · `scenarios/console.xml:27:5`
...
### Scenarios
| | Scenario | ... |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from testarena_ci.reports.base import ReportInput
from testarena_ci.reports.console import ConsoleLines
from testarena_ci.reports.excerpt import Excerpt, details_beyond, excerpt, last_lines
from testarena_ci.reports.findings import Finding, findings
from testarena_ci.reports.markdown import block, code, details, plain_text, table_row
from testarena_ci.reports.sizes import size_words
from testarena_ci.reports.text import count, duration, grouped, moment, one_line, plain
from testarena_ci.reports.words import state_of, verdict_line
from tpf.result import CaseResult, DeviceLog, RunResult, RunState, ScenarioResult, Verdict

_SIGNS = {Verdict.PASSED: "✅", Verdict.FAILED: "❌", Verdict.ERROR: "⚠️", Verdict.SKIPPED: "⏭️"}
_STATE_SIGNS = {RunState.PASSED: "✅", RunState.FAILED: "❌", RunState.ERROR: "⚠️", RunState.ABORTED: "🛑"}
_PLACES = 3  # in the firmware's source, that a failure names
_MORE = "{left} more: see index.html and results.json in the report.\n"


Forms = Iterable[str]  # of one item, the one that says most first; made when there is room for more


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The bytes of the parts, and how many failures have details and console; the others get a line each."""

    failures: int
    others: int  # each of the other parts
    in_full: int


_SUMMARY: Final = Room(failures=400_000, others=50_000, in_full=20)  # GitHub drops one over 1 MiB altogether


def render(report: ReportInput) -> str:
    """The file; never longer than 1 000 000 bytes in UTF-8."""
    return fitted(report, _SUMMARY)


def fitted(report: ReportInput, room: Room) -> str:
    """The same within other bounds."""
    result = report.result
    parts = (
        _header(result),
        _section("Failures", _failures(report, room.in_full), room.failures),
        _section("Quarantined", _plainly(_quarantined(result)), room.others),
        _section("Flaky", _plainly(_flaky(*pair) for pair in _flaky_cases(result)), room.others),
        _section("Expected failures", _plainly(_expected(result)), room.others),
        _section("Scenarios", _plainly(_scenarios(result)), room.others),
        _section("Firmware", _plainly(_firmware(result)), room.others),
    )
    return "\n".join(part for part in parts if part)


def _section(title: str, items: Iterable[Forms], room: int) -> str:
    """A heading and as many items as have room, with a line that counts the others; "" when there are none.

    An item is left out when not even its shortest form fits, and so are all that come after it.
    """
    kept: list[str] = []
    left = 0
    for forms in items:
        item = "" if left else next((form for form in forms if _size(form) <= room), "")
        if item:
            kept.append(item)
            room -= _size(item)
        else:
            left += 1
    if not kept and not left:
        return ""
    return f"### {title}\n\n" + "".join(kept) + (f"\n{_MORE.format(left=left)}" if left else "")


def _plainly(items: Iterable[str]) -> Iterator[Forms]:
    return ((item,) for item in items)


def _size(text: str) -> int:
    return len(text.encode(errors="backslashreplace"))


def _header(result: RunResult) -> str:
    counts = result.counts
    numbers = {
        "passed": counts.passed,
        "failed": counts.failed,
        "error" if counts.error == 1 else "errors": counts.error,
        "skipped": counts.skipped,
        "flaky": counts.flaky,
        "quarantined": counts.quarantined,
    }
    told = [f"{grouped(number)} {word}" for word, number in numbers.items() if number]
    started = moment(result.started)
    properties = dict(result.properties)
    facts = [
        *told,
        duration(result.seconds),
        code(properties["branch"], 100) if properties.get("branch") else "",
        code(properties["commit"][:10]) if properties.get("commit") else "",
        started.strftime("%Y-%m-%d %H:%M UTC") if started else "",
    ]
    title = f"## {_STATE_SIGNS.get(state_of(result), '')} {plain_text(verdict_line(result))}"
    return f"{title}\n\n{' · '.join(fact for fact in facts if fact)}\n"


def _failures(report: ReportInput, in_full: int) -> Iterator[Forms]:
    lines = report.lines_reader()
    counting = (finding for finding in findings(report.result) if finding.quarantine is None)
    for order, finding in enumerate(counting):
        yield _forms(finding, lines if order < in_full else None)


def _forms(finding: Finding, lines: Callable[[DeviceLog], ConsoleLines] | None) -> Iterator[str]:
    """With details and console, with details alone, in a line; without `lines` only the last."""
    if lines:
        shown = _shown(lines, finding)
        yield _in_full(finding, shown)
        yield _in_full(finding, None)
    yield _in_a_line(finding)


def _shown(lines: Callable[[DeviceLog], ConsoleLines], finding: Finding) -> Excerpt | None:
    if not finding.scenarios:
        return None
    logs = {log.device: lines(log) for log in finding.scenarios[0].logs}
    if finding.attempt:
        return excerpt(finding.attempt, finding.failure, logs)
    return next((last_lines(device, log, finding.failure) for device, log in logs.items() if log.total), None)


def _headed(finding: Finding) -> str:
    place = f" · {code(str(finding.place), 200)}" if finding.place else ""
    place += "".join(f" · {code(str(one.source), 200)}" for one in finding.failure.code[:_PLACES])
    return f"{_SIGNS[finding.verdict]} {_title(finding)}<br>{finding.failure.kind}{place}"


def _in_a_line(finding: Finding) -> str:
    return f"- {_headed(finding)}<br>{code(finding.failure.headline, 300)}\n"


def _in_full(finding: Finding, shown: Excerpt | None) -> str:
    texts = [_headed(finding), block(one_line(finding.failure.headline))]
    beyond = details_beyond(finding.failure, with_console=shown is not None)
    if beyond:
        texts.append(details("Details", block(plain(beyond), lines=80)))
    if shown:
        log = "\n".join(f"{line.number:>6}  {plain(line.text)}" for line in shown.lines)
        texts.append(details("Console", block(log, lines=80)))
    return "\n\n".join(texts) + "\n\n"


def _title(finding: Finding) -> str:
    names = [f"**{plain_text(one_line(scenario.name, 200))}**" for scenario in finding.scenarios[:3]]
    others = len(finding.scenarios) - len(names)
    title = ", ".join(names) + (f" and {count(others, 'other scenario')}" if others else "") or "**The run**"
    if finding.case:
        title += f" › **{plain_text(one_line(finding.case.name, 200))}**"
    return title + (f" · {count(finding.not_run, 'case')} did not run" if finding.not_run else "")


def _flaky_cases(result: RunResult) -> Iterator[tuple[ScenarioResult, CaseResult]]:
    return ((scenario, case) for scenario in result.scenarios for case in scenario.cases if case.flaky)


def _flaky(scenario: ScenarioResult, case: CaseResult) -> str:
    name = f"**{plain_text(one_line(scenario.name, 200))}** › **{plain_text(one_line(case.name, 200))}**"
    bad = [attempt for attempt in case.attempts if attempt.failure]
    first = f": {code(bad[0].failure.headline, 200)}" if bad and bad[0].failure else ""
    return f"- {name} passed at attempt {case.attempts[-1].number}{first}\n"


def _quarantined(result: RunResult) -> Iterator[str]:
    """Failures that don't fail the run; then the cases that pass again."""
    found = [(scenario, case) for scenario in result.scenarios for case in scenario.cases if case.quarantine]
    for scenario, case in sorted(found, key=lambda pair: pair[1].recovered):
        if case.quarantine and (case.quarantined or case.recovered):
            name = f"**{plain_text(one_line(scenario.name, 200))}** › **{plain_text(one_line(case.name, 200))}**"
            about = plain_text(one_line(f"{case.quarantine.label}: {case.quarantine.reason}", 500))
            what = code(case.failure.headline, 200) if case.failure else "passes again: take it out of quarantine"
            yield f"- {name} ({about}): {what}\n"


def _expected(result: RunResult) -> Iterator[str]:
    for scenario in result.scenarios:
        for case in scenario.cases:
            if case.expected_failure is not None:
                name = f"**{plain_text(one_line(scenario.name, 200))}** › **{plain_text(one_line(case.name, 200))}**"
                ticket = plain_text(one_line(case.ticket, 200))
                yield f"- {name} ({ticket}): {code(case.expected_failure.headline, 200)}\n"


def _firmware(result: RunResult) -> Iterator[str]:
    for build in result.builds:
        if build.sizes:
            yield f"- **{plain_text(one_line(build.name, 100))}**: {plain_text(size_words(build.sizes))}\n"


def _scenarios(result: RunResult) -> Iterator[str]:
    """The table's rows, those that are not passed first."""
    order = (Verdict.FAILED, Verdict.ERROR, Verdict.PASSED, Verdict.SKIPPED)
    ranked = sorted(result.scenarios, key=lambda scenario: order.index(scenario.verdict))
    head = table_row(["", "Scenario", "Target", "Cases", "Passed", "Failed", "Errors", "Skipped", "Time"])
    rule = table_row(["---", "---", "---", "--:", "--:", "--:", "--:", "--:", "--:"])
    for place, scenario in enumerate(ranked):
        yield (head + rule if place == 0 else "") + _row(scenario)


def _row(scenario: ScenarioResult) -> str:
    by = Counter(case.verdict for case in scenario.cases if not case.quarantined)
    number, quarantined = len(scenario.cases), sum(case.quarantined for case in scenario.cases)
    cases = f"{number} ({quarantined} quarantined)" if quarantined else str(number)
    verdicts = (Verdict.PASSED, Verdict.FAILED, Verdict.ERROR, Verdict.SKIPPED)
    named = (f"{name}={value}" for name, value in scenario.parameters)
    parameters = " ".join(one for one in named if one not in scenario.name)
    name = plain_text(one_line(f"{scenario.name} {parameters}".strip(), 200))
    numbers = [str(by[verdict] or "") for verdict in verdicts]
    target = plain_text(one_line(scenario.target, 40))
    return table_row([_SIGNS[scenario.verdict], name, target, cases, *numbers, duration(scenario.seconds)])
