"""Runs scenarios as users write them, read and run by the real thing, on a device that a test's function plays."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.scripted import Firmware, ScriptedKind, ScriptedOptions
from tpf import events as ev
from tpf.context import Kinds
from tpf.engine import RunControl, RunOptions, run_plan
from tpf.fold import fold
from tpf.result import CaseResult, RunResult, StepResult
from tpf.scenario.options import LoadOptions
from tpf.scenario.parse import load_scenarios
from tpf.scenario.vocabulary import MachineWords, Vocabulary
from tpf.schedule import plan
from tpf.steps import KINDS

WORDS = Vocabulary(steps=KINDS, machines={"script": MachineWords(options=ScriptedOptions)})
PANIC = "Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.\n"
PANIC_BODY = "Core  0 register dump:\nPC      : 0x400d1234  PS      : 0x00060f30\n\nRebooting...\n"
BANNER = "rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\n"


@dataclass(frozen=True)
class Played:
    """What came of it."""

    result: RunResult
    log: list[str]  # of the console, without time stamps
    kind: ScriptedKind
    events: list[ev.Event]

    def __getitem__(self, name: str) -> CaseResult:
        return next(case for case in self.result.cases if case.name == name)

    @property
    def verdicts(self) -> list[str]:
        return [str(case.verdict) for case in self.result.cases]

    @property
    def message(self) -> str:
        """Why the only bad case is bad."""
        (failure,) = [case.failure for case in self.result.cases if case.failure is not None and not case.part_of]
        return failure.message

    @property
    def headline(self) -> str:
        return self.message.split("\n", 1)[0]

    def steps(self, name: str) -> list[StepResult]:
        return list(self[name].attempts[-1].steps)


def play(folder: Path, firmware: Firmware, body: str, *, attributes: str = "") -> Played:
    """Run a scenario with this body; what is no `<case>` of its own is a case named "it"."""
    if "<case" not in body:
        body = f'<case name="it">{body}</case>'
    file = folder / "play.xml"
    file.write_text(f'<scenario name="play" {attributes}><machine kind="script"/>{body}</scenario>')
    scenarios = load_scenarios([file], WORDS, LoadOptions(checkout=folder, cwd=folder))
    kind = ScriptedKind(firmware)
    events: list[ev.Event] = []
    report = folder / "report"
    report.mkdir()
    options = RunOptions(report=report, checkout=folder, environment={"PATH": "/usr/bin:/bin"}, timeout=60)
    kinds = Kinds(steps=KINDS, machines={"script": kind})
    asyncio.run(run_plan(plan(scenarios), kinds, events.append, options, RunControl()))
    log = report / "logs/play/console.log"
    lines = log.read_text().splitlines() if log.exists() else []
    return Played(fold(events), [line[12:] for line in lines], kind, events)
