"""What the live page shows of a run: takes events, and tells what has changed since a version of itself.

{"version": 12, "fresh": false, "state": "running", "counts": {"total": 3, "passed": 1, ...},
 "scenarios": [{"slug": "console", "state": "running", "case": "ping answers pong", "step": "expect \"pong\"", ...}],
 "failures": [{"key": "console:1", "case": "heap", "headline": "heap is 3, not 4", "place": "console.xml:14:5", ...}]}

Rows are whole and replace those of the same name, so a reader who was away gets each row that has changed once, and
nobody's rows have to be kept for him.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from testarena_ci.reports.text import moment, one_line
from tpf import events as ev
from tpf.progress import Progress, ScenarioProgress
from tpf.result import Counts, Failure, Source, Verdict, verdict_of

_WORDS: Final = 300  # characters of a text that the page shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Why a case, or a whole scenario, is not passed so far."""

    scenario: str
    case: int | None  # None for the scenario itself
    names: tuple[str, str]  # of scenario and case
    verdict: str  # that of the failure, or "flaky" once a later attempt passed
    failure: Failure
    attempt: int = 1
    quarantine: str = ""  # until when and why it doesn't fail the run

    @property
    def key(self) -> str:
        """What it is called in updates."""
        return f"{self.scenario}:{'' if self.case is None else self.case}"


@dataclass(slots=True)
class Board:
    """One run as the page shows it; `take` its events in order."""

    progress: Progress = field(default_factory=Progress)
    version: int = 0
    first_case: float | None = None  # when the first case began, in seconds since the start of the run
    findings: dict[str, Finding] = field(default_factory=dict)
    logs: dict[str, dict[str, str]] = field(default_factory=dict)  # by scenario and device
    builds: dict[str, ev.BuildStarted] = field(default_factory=dict)  # under way
    _changed: dict[str, int] = field(default_factory=dict)  # when a row last changed, by scenario or finding

    def has_log(self, path: str) -> bool:
        """Whether a device of the run has its console there."""
        return any(path in devices.values() for devices in self.logs.values())

    def take(self, events: Iterable[ev.Event]) -> None:
        """Some events more, as one new version. Raises ValueError, KeyError, IndexError when they are of no run."""
        self.version += 1
        for event in events:
            self._take(event)  # before the progress forgets which case it was
            self.progress.apply(event)
            for slug in self.progress.scenarios if isinstance(event, ev.RunStarted) else _named(event):
                self._changed[slug] = self.version

    def _take(self, event: ev.Event) -> None:
        match event:
            case ev.BuildStarted():
                self.builds[event.name] = event
            case ev.BuildFinished():
                self.builds.pop(event.name, None)
            case ev.Booted():
                self.logs.setdefault(event.scenario, {})[event.device] = event.log
            case ev.CaseStarted():
                self._name(event.scenario, event.case)
                self.first_case = event.t if self.first_case is None else self.first_case
            case ev.CaseFinished():
                self._case_finished(event)
            case ev.CaseNotRun():
                self._name(event.scenario, event.case)
                if f"{event.scenario}:" not in self.findings:  # one stands for all
                    self._found(event.scenario, None, event.failure)
            case ev.ScenarioFinished() if event.failure is not None:
                self._found(event.scenario, None, event.failure)
            case _:
                pass

    def _case_finished(self, event: ev.CaseFinished) -> None:
        scenario = self.progress.scenarios[event.scenario]
        before = self.findings.get(f"{event.scenario}:{scenario.case}")
        if event.failure is not None:
            self._found(event.scenario, scenario.case, event.failure, scenario.attempt)
        elif before is not None:
            self._put(replace(before, verdict="flaky"))

    def _found(self, scenario: str, case: int | None, failure: Failure, attempt: int = 1) -> None:
        known, verdict = self.progress.scenarios[scenario], verdict_of(failure)
        away = known.quarantine.get(case) if case is not None and verdict is Verdict.FAILED else None
        self._put(
            Finding(
                scenario=scenario,
                case=case,
                names=(known.name, "" if case is None else self._name(scenario, case)),
                verdict=str(verdict),
                failure=failure,
                attempt=attempt,
                quarantine=away.label if away else "",
            )
        )

    def _name(self, scenario: str, case: int) -> str:
        """The name of a case. Raises KeyError, IndexError."""
        names = self.progress.scenarios[scenario].cases
        if case < 0:
            raise IndexError(f"there is no case {case}")
        return names[case]

    def _put(self, finding: Finding) -> None:
        self.findings[finding.key] = finding
        self._changed[finding.key] = self.version

    def since(self, version: int | None) -> dict[str, Any]:
        """All that changed after that version of this board; with None, everything."""
        known = -1 if version is None else version
        progress = self.progress
        return {
            "version": self.version,
            "fresh": version is None,
            "id": one_line(progress.run_id, _WORDS),
            "started": one_line(progress.started, _WORDS),
            "reason": one_line(progress.reason, _WORDS),
            "counts": _counts(progress.counts, progress.total),
            "builds": [_build(build) for build in self.builds.values()],
            "scenarios": [
                _row(slug, scenario, self.logs.get(slug, {}))
                for slug, scenario in progress.scenarios.items()
                if self._changed.get(slug, 0) > known
            ],
            "failures": [_finding(finding) for key, finding in self.findings.items() if self._changed[key] > known],
        }


def _named(event: ev.Event) -> tuple[str, ...]:
    slug: str = getattr(event, "scenario", "")
    return (slug,) if slug else ()


def _counts(counts: Counts, total: int) -> dict[str, int]:
    names = ("passed", "failed", "error", "skipped", "quarantined", "flaky")
    return {"total": total, "done": counts.total, **{name: getattr(counts, name) for name in names}}


def _build(build: ev.BuildStarted) -> dict[str, Any]:
    return {"name": one_line(build.name, _WORDS), "command": one_line(build.command, _WORDS), "log": build.log}


def _row(slug: str, scenario: ScenarioProgress, logs: dict[str, str]) -> dict[str, Any]:
    counts = scenario.counts
    return {
        "slug": slug,
        "name": one_line(scenario.name, _WORDS),
        "target": one_line(scenario.target, _WORDS),
        "state": str(scenario.state),
        "case": one_line(scenario.current_case, _WORDS),
        "step": one_line(scenario.step, _WORDS),
        "attempt": scenario.attempt,
        "done": scenario.done,
        "total": scenario.total,
        "bad": counts.failed + counts.error,
        "start": scenario.started,
        "end": scenario.ended or None,
        "logs": [[one_line(device, _WORDS), path] for device, path in logs.items()],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    failure = finding.failure
    scenario, case = finding.names
    return {
        "key": finding.key,
        "slug": finding.scenario,
        "scenario": one_line(scenario, _WORDS),
        "case": one_line(case, _WORDS),
        "verdict": finding.verdict,
        "kind": str(failure.kind),
        "headline": one_line(failure.headline, 2 * _WORDS),
        "place": _place(failure.source),
        "code": [_place(place.source) for place in failure.code[:1]],
        "attempt": finding.attempt,
        "quarantine": one_line(finding.quarantine, _WORDS),
    }


def _place(source: Source | None) -> str:
    return "" if source is None else one_line(str(source), _WORDS)


def elapsed(progress: Progress, now: float) -> float:
    """Seconds since the start of a run that goes on, at this time of day (seconds since the epoch)."""
    begun = moment(progress.started)
    return progress.now if begun is None else max(progress.now, now - begun.timestamp())


def seconds_left(board: Board, gone: float) -> float | None:
    """How long the run will still take if the cases to come take as long as those before; None before there are any.

    Cases that are skipped count as neither. Cases that run side by side are in the rate by which they end.
    """
    counts = board.progress.counts
    done, to_come = counts.total - counts.skipped, board.progress.total - counts.total
    if board.first_case is None or not done:
        return None
    return max(0.0, gone - board.first_case) * to_come / done
