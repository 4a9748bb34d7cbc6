"""Runs scenario files as users do: the whole language, real machines, the report in a folder of the test's own."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tpf import events as ev
from tpf.context import Kinds
from tpf.engine import RunControl, RunOptions, run_plan
from tpf.fold import fold
from tpf.language import LoadOptions, load_scenarios, own_vocabulary
from tpf.machines import KINDS as MACHINES
from tpf.result import CaseResult, RunResult
from tpf.schedule import plan
from tpf.steps import KINDS as STEPS

PYTHON = f"{sys.executable} -u"


@dataclass(frozen=True)
class Trial:
    """What came of a run."""

    result: RunResult
    events: list[ev.Event]
    report: Path

    def __getitem__(self, name: str) -> CaseResult:
        return next(case for case in self.result.cases if case.name == name)

    @property
    def verdicts(self) -> list[str]:
        return [str(case.verdict) for case in self.result.cases]

    @property
    def headlines(self) -> list[str]:
        return [case.failure.headline if case.failure else "" for case in self.result.cases]

    def log(self, device: str = "console", scenario: str = "it") -> list[str]:
        """The lines of a device's console, without their times."""
        lines = (self.report / "logs" / scenario / f"{device}.log").read_text().splitlines()
        return [line[12:] for line in lines]


def trial(
    folder: Path,
    files: Mapping[str, str],
    *,
    values: Mapping[str, str] | None = None,
    retries: int = 0,
    stop_at: Callable[[ev.Event], bool] = lambda event: False,
) -> Trial:
    """Write files, run all scenarios among them; the run is stopped, as by a signal, at an event that says so."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    wishes = LoadOptions(checkout=folder, cwd=folder, values=values or {}, retries=retries)
    scenarios = load_scenarios([Path()], own_vocabulary(), wishes)
    events: list[ev.Event] = []
    control = RunControl()

    def sink(event: ev.Event) -> None:
        events.append(event)
        if stop_at(event):
            control.stop("SIGINT")

    report = folder / "report"
    report.mkdir()
    options = RunOptions(
        report=report, checkout=folder, environment=dict(os.environ), timeout=60, values=tuple((values or {}).items())
    )
    asyncio.run(run_plan(plan(scenarios), Kinds(steps=STEPS, machines=MACHINES), sink, options, control))
    return Trial(fold(events), events, report)
