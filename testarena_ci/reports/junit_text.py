"""The texts within junit.xml: what a failed case says, with the console of its attempt, bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from testarena_ci.reports.console import ConsoleLine, ConsoleLines, ConsoleText
from testarena_ci.reports.excerpt import details_beyond
from testarena_ci.reports.findings import failing_step
from testarena_ci.reports.text import clipped, legal_xml, one_line, visible
from tpf.result import Attempt, CaseResult, DeviceLog, Failure, LogSpan

_DETAILS = 16 << 10  # characters of a failure's own message


@dataclass(slots=True)
class Consoles:
    """A scenario's consoles, read when a case needs them; `limit` bounds the characters that one case shows."""

    read: Callable[[DeviceLog], ConsoleText]
    logs: tuple[DeviceLog, ...]
    limit: int
    _lines: dict[str, ConsoleLines] = field(default_factory=dict)

    def of_attempt(self, attempt: Attempt) -> str:
        """The console lines of an attempt, device by device; "" when there are none."""
        share = self.limit // max(len(attempt.log), 1)
        return "".join(self._section(span, share) for span in attempt.log if span.last >= span.first)

    def last_lines(self) -> str:
        """The ends of all consoles, for a failure that belongs to no attempt."""
        totals = ((log.device, self._of(log.device).total) for log in self.logs)
        spans = (LogSpan(device=device, first=max(total - 49, 1), last=total) for device, total in totals)
        return "".join(self._section(span, self.limit // len(self.logs)) for span in spans)

    def _section(self, span: LogSpan, limit: int) -> str:
        log = self._of(span.device)
        last = min(span.last, log.total)
        text = "\n".join(_head_and_tail(log, span.first, last, limit))
        device = f" of {span.device}" if span.device else ""
        return f"\n\nconsole{device}, lines {span.first} to {last}:\n{text}" if text else ""

    def _of(self, device: str) -> ConsoleLines:
        if device not in self._lines:
            log = next((log for log in self.logs if log.device == device), None)
            self._lines[device] = self.read(log).lines() if log else ConsoleLines()
        return self._lines[device]


def failure_text(case: CaseResult, consoles: Consoles) -> str:
    """What a failed case says: the message, the place, the step, the console."""
    if not case.attempts:
        text = clipped(case.failure.message, _DETAILS) + code_text(case.failure) if case.failure else ""
        return legal_xml(text)
    return attempt_text(case.attempts[-1], consoles)


def attempt_text(attempt: Attempt, consoles: Consoles) -> str:
    """What an attempt that is not passed says."""
    console = consoles.of_attempt(attempt)
    message = clipped(_message(attempt.failure, with_console=bool(console)), _DETAILS) if attempt.failure else ""
    step = failing_step(attempt)
    place = f"\n\nat {step.source}: {one_line(step.summary)}" if step else ""
    return legal_xml(message + place + code_text(attempt.failure) + console)


def attempts_text(case: CaseResult, consoles: Consoles) -> str:
    """All attempts before the last, for a case that was tried more than once; "" for others."""
    return "\n\n".join(
        f"attempt {attempt.number} of {len(case.attempts)}: {attempt.verdict}\n{attempt_text(attempt, consoles)}"
        for attempt in case.attempts[:-1]
    )


def code_text(failure: Failure | None) -> str:
    """The places in the firmware's source, a line each."""
    places = failure.code if failure else ()
    return "".join(f"\ncode {place.source}: {one_line(place.message)}" for place in places)


def _message(failure: Failure, *, with_console: bool) -> str:
    return f"{failure.headline}\n{details_beyond(failure, with_console=with_console)}".rstrip("\n")


def _head_and_tail(log: ConsoleLines, first: int, last: int, limit: int) -> Iterator[str]:
    """Lines from `first` to `last` within `limit` characters: a quarter from the head, the rest from the tail."""
    head = _as_fits(log.between(first, min(last, first + limit)), limit // 4)
    tail = _as_fits(log.backwards(first + len(head), last), limit - limit // 4)[::-1]
    left_out = last - first + 1 - len(head) - len(tail)
    yield from head
    if left_out > 0:
        yield f"[... {left_out} lines left out ...]"
    yield from tail


def _as_fits(lines: Iterator[ConsoleLine], limit: int) -> list[str]:
    kept: list[str] = []
    for line in lines:
        text = line.written
        limit -= len(text) + 1
        if limit < 0:
            break
        kept.append(text)
    return kept


def name(text: str, fallback: str = "(no name)", limit: int = 500) -> str:
    """A text on one line, legal in XML and never empty: consumers show and group by it."""
    line = " ".join(visible(legal_xml(text[: 20 * limit])).split())
    return (line if len(line) <= limit else line[: limit - 1] + "…") or fallback


def headline(text: str, fallback: str = "no reason") -> str:
    """The message of a failure, as the attribute that consumers show first."""
    return name(text, fallback, limit=2000)
