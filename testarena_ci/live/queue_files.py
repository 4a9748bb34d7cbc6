"""`queue_log.txt`, every line of every device as it comes, and `queue_status.json`, where the run stands.

12:00:01.250 [console-answers] I (12) boot: ESP-IDF-like demo
12:00:01.300 [console-answers] -- case 'ping answers pong' passed (0.021 s)

{"state": "running", "counts": {"total": 3, "passed": 1, ...}, "scenarios": [{"name": "console answers", "state":
"running", ...}], ...}
"""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from testarena_ci.reports.sizes import size_words
from tpf import events as ev
from tpf.files import write_atomically
from tpf.progress import Progress, ScenarioProgress
from tpf.result import Failure, Part, Quarantine, RunState, Verdict, verdict_of

LOG_NAME: Final = "queue_log.txt"
STATUS_NAME: Final = "queue_status.json"
REFRESH: Final = 0.5  # seconds: the status is never older than twice this while the run goes on
LARGEST_LOG: Final = 512 << 20  # bytes that devices and builds may say
_AT_MOST_EVERY: Final = 0.25  # seconds between two writes of the status


class QueueLog:
    """A sink that appends lines of devices, commands and builds, and what became of cases, to queue_log.txt.

    Of what is said, `largest` bytes are kept; what became of cases, always.
    """

    def __init__(self, folder: Path, largest: int = LARGEST_LOG) -> None:
        self._largest = largest
        self._room = largest
        self._fd = os.open(folder / LOG_NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._progress = Progress()

    def __call__(self, event: ev.Event) -> None:
        texts = self._within_room(event) if isinstance(event, ev.Output) else tuple(said_of(event, self._progress))
        self._progress.apply(event)
        if not texts:
            return
        source = getattr(event, "scenario", "") or getattr(event, "origin", "") or "run"
        prefix = f"{dt.datetime.now().astimezone():%H:%M:%S.%f}"[:12] + f" [{source}] "
        data = (prefix + f"\n{prefix}".join(texts) + "\n").encode("utf-8", "backslashreplace")
        while data:
            data = data[os.write(self._fd, data) :]

    def _within_room(self, event: ev.Output) -> tuple[str, ...]:
        if self._room <= 0:
            return ()
        texts = heard(event)
        self._room -= sum(map(len, texts)) + len(texts)
        if self._room > 0:
            return texts
        return *texts, f"-- more than {self._largest >> 20} MiB: what is said from here on is in the other logs alone"

    def close(self) -> None:
        os.close(self._fd)


def heard(event: ev.Output) -> tuple[str, ...]:
    """The lines of an output, each with the name of its device where a scenario has several."""
    if not event.scenario or event.origin in ("", "run"):
        return event.lines
    return tuple(f"{event.origin}: {line}" for line in event.lines)


def said_of(event: ev.Event, before: Progress) -> Iterator[str]:
    """What there is to say about an event in a log that people read, if anything; `before` is how things stood."""
    match event:
        case ev.RunStarted():
            number = len(event.scenarios)
            yield f"-- run {event.run_id}: {number} scenario{'s' if number != 1 else ''}, at most {event.jobs} at once"
        case ev.BuildStarted():
            yield f"-- build {event.name}: {event.command}"
        case ev.BuildFinished():
            yield f"-- build {event.name}: {_build_words(event)}"
        case ev.RunFinished():
            yield "-- the run ended" + (f": {event.failure.headline}" if event.failure else "")
        case _:
            yield from _said_of_scenario(event, before)


def _build_words(event: ev.BuildFinished) -> str:
    if event.failure is not None:
        return event.failure.headline
    sizes = size_words(event.sizes)
    return ("nothing had changed" if event.reused else "done") + (f"; {sizes}" if sizes else "")


def _said_of_scenario(event: ev.Event, before: Progress) -> Iterator[str]:
    match event:
        case ev.Booted():
            device = f"{event.device}: " if event.device else ""
            yield f"-- {device}boot {event.boot} of {event.machine}"
        case ev.CaseStarted():
            attempt = f" (attempt {event.attempt})" if event.attempt > 1 else ""
            yield f"-- case {before.scenarios[event.scenario].cases[event.case]!r}{attempt}"
        case ev.CaseFinished():
            case = before.scenarios[event.scenario].current_case
            expected = f"failed as expected: {event.expected.headline}" if event.expected is not None else ""
            quarantine = before.scenarios[event.scenario].current_quarantine
            yield f"-- case {case!r} {expected or _ended(event.failure)}{_in_quarantine(quarantine, event)}"
        case ev.CaseNotRun():
            yield f"-- case {before.scenarios[event.scenario].cases[event.case]!r} {event.failure.headline}"
        case ev.ScenarioFinished() if event.failure is not None:
            yield f"-- {event.failure.headline}"
        case ev.PartFinished():
            yield f"-- {event.part.name!r} {_part_ended(event.part)}"
        case ev.Noted():
            yield f"-- {event.text}"
        case _:
            pass


def _in_quarantine(quarantine: Quarantine | None, event: ev.CaseFinished) -> str:
    if quarantine is None or verdict_of(event.failure) is Verdict.ERROR:
        return ""
    return f" ({quarantine.label}: it doesn't fail the run)" if event.failure else f" ({quarantine.label})"


def _ended(failure: Failure | None) -> str:
    return f"{verdict_of(failure)}: {failure.headline}" if failure else "passed"


def _part_ended(part: Part) -> str:
    return f"skipped: {part.skip}" if part.verdict is Verdict.SKIPPED else _ended(part.failure)


class QueueStatus:
    """A sink that keeps queue_status.json true. Call `refresh` from time to time while nothing happens."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / STATUS_NAME
        self._progress = Progress()
        self._written = 0.0

    def __call__(self, event: ev.Event) -> None:
        self._progress.apply(event)
        if isinstance(event, ev.Output):
            return
        if isinstance(event, ev.RunStarted | ev.RunFinished) or time.monotonic() - self._written >= _AT_MOST_EVERY:
            self.refresh()

    def refresh(self) -> None:
        """Write where the run stands now."""
        _write(self._path, self._progress)
        self._written = time.monotonic()


def end_status(folder: Path, events: Iterable[ev.Event]) -> None:
    """Leave the status of a run that is over, by its journal: one that was killed is aborted, not running for ever."""
    progress = Progress()
    for event in events:
        progress.apply(event)
    if progress.state is RunState.RUNNING:
        progress.state, progress.reason = RunState.ABORTED, "the run ended before it was finished"
    _write(folder / STATUS_NAME, progress)


def _write(path: Path, progress: Progress) -> None:
    data = json.dumps(status_of(progress, time.time()), ensure_ascii=False).encode("utf-8", "backslashreplace")
    write_atomically(path, data + b"\n", durable=False)


def status_of(progress: Progress, now: float) -> dict[str, Any]:
    """What queue_status.json says: a pure function of the progress and the time of day (seconds since the epoch)."""
    counts = progress.counts
    return {
        "run": progress.run_id,
        "state": str(progress.state),
        "reason": progress.reason,
        "started": progress.started,
        "updated": dt.datetime.fromtimestamp(now, dt.UTC).isoformat(timespec="milliseconds"),
        "counts": {
            "total": progress.total,
            "passed": counts.passed,
            "failed": counts.failed,
            "error": counts.error,
            "skipped": counts.skipped,
            "flaky": counts.flaky,
            "quarantined": counts.quarantined,
        },
        "builds": sorted(progress.builds),
        "scenarios": [_scenario_status(scenario, progress.now) for scenario in progress.scenarios.values()],
    }


def _scenario_status(scenario: ScenarioProgress, now: float) -> dict[str, Any]:
    end = scenario.ended or now
    return {
        "name": scenario.name,
        "target": scenario.target,
        "state": str(scenario.state),
        "case": scenario.current_case,
        "step": scenario.step,
        "attempt": scenario.attempt,
        "cases": scenario.total,
        "done": scenario.done,
        "seconds": round(end - scenario.started, 3) if scenario.state != "waiting" else 0.0,
        "failures": list(scenario.failures.values())[:20],
    }
