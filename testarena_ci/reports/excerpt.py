"""Chooses the few lines of a console that explain a failure: those around the line that the failure is about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from testarena_ci.reports.console import ConsoleLine, ConsoleLines
from testarena_ci.reports.findings import failing_step
from testarena_ci.reports.text import strip_ansi
from tpf.result import Attempt, Failure, LogSpan

_BEFORE, _AFTER = 12, 12  # lines shown before and after the line it is about
_SEARCHED = 2000  # of an attempt's last lines, where the line is looked for
# `console since the last match:` and numbered lines (tpf.console.excerpt); what a host command wrote is in no log
_QUOTED = re.compile(r"^(?!output)[^\n]*:\n(?:(?: *\d+ \|| +… )[^\n]*(?:\n|\Z))+", re.MULTILINE)
_PANIC = 25  # characters that tell a panic's line: where its headline tells more than the line, it drops the rest of it
_TELLING = 8  # characters that a line must have to be found again in a failure's message


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Lines of one device's log; the failing step looked at `marked`, the message quotes line `culprit` (0: none)."""

    device: str
    lines: tuple[ConsoleLine, ...]
    marked: LogSpan
    culprit: int


def excerpt(attempt: Attempt, failure: Failure, logs: dict[str, ConsoleLines]) -> Excerpt | None:
    """The lines that explain why an attempt failed; None when it left no lines."""
    step = failing_step(attempt)
    looked_at = next((span for span in reversed(step.log if step else ()) if span.last >= span.first), None)
    whole = next((span for span in attempt.log if looked_at is None or span.device == looked_at.device), looked_at)
    if whole is None or whole.device not in logs:
        return None
    marked = looked_at or LogSpan(device=whole.device, first=whole.last + 1, last=whole.last)
    return _around(logs[whole.device], whole, marked, failure)


def _around(log: ConsoleLines, whole: LogSpan, marked: LogSpan, failure: Failure) -> Excerpt | None:
    last = max(whole.last, marked.last)
    culprit = _named_in(failure.message, log.backwards(max(whole.first, last - _SEARCHED), last))
    middle = culprit or (marked.last if marked.last >= marked.first else last)
    # A panic's body, and what else the device still said, stands below the line; nothing before the attempt matters
    lines = tuple(log.between(max(whole.first, middle - _BEFORE), min(middle + _AFTER, last)))
    return Excerpt(device=whole.device, lines=lines, marked=marked, culprit=culprit) if lines else None


def _named_in(message: str, lines: Iterator[ConsoleLine]) -> int:
    """The number of the first of `lines` that the message's first line quotes, else 0."""
    headline = message.split("\n", 1)[0]
    panic = headline.partition("panic: ")[2][:_PANIC]
    likely = 0
    for line in lines:
        text = strip_ansi(line.text).strip()
        if len(text) >= _TELLING and not line.mark and text in headline:
            return line.number
        if len(panic) == _PANIC and panic in " ".join(text.split()):
            likely = likely or line.number
    return likely


def last_lines(device: str, log: ConsoleLines, failure: Failure, lines: int = _BEFORE + _AFTER) -> Excerpt | None:
    """For a failure that no attempt explains: the lines around the one that it quotes, else the end of the log."""
    nothing = LogSpan(device=device, first=log.total + 1, last=log.total)
    culprit = _named_in(failure.message, log.backwards(log.total - _SEARCHED, log.total))
    if culprit:
        kept = tuple(log.between(culprit - _BEFORE, culprit + _AFTER))
    else:
        kept = tuple(log.between(log.total - lines + 1, log.total))
    return Excerpt(device=device, lines=kept, marked=nothing, culprit=culprit) if kept else None


def details_beyond(failure: Failure, *, with_console: bool) -> str:
    """A failure's details; without the console lines that the engine quotes in them, where these are shown anyway."""
    details = failure.message.partition("\n")[2]
    return (_QUOTED.sub("", details) if with_console else details).strip("\n")
