"""Runs single steps, as the engine would, on a device that a test supplies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes.device import FakeDevice
from tpf.machines.base import Machine
from tpf.process import Processes
from tpf.result import Artifact, Metric, Part, Source
from tpf.scenario.bind import bind_step
from tpf.scenario.model import Step
from tpf.steps import KINDS
from tpf.steps.base import StepContext

SOURCE = Source(file="test.xml", line=3, column=5)


@dataclass(slots=True)
class Record:
    """Keeps what steps want in the report."""

    notes: list[str] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    on_line: Callable[[str], None] = lambda line: None

    def note(self, text: str) -> None:
        self.notes.append(text)

    def metric(self, metric: Metric) -> None:
        self.metrics.append(metric)

    def artifact(self, artifact: Artifact) -> None:
        self.artifacts.append(artifact)

    def part(self, part: Part) -> None:
        self.parts.append(part)

    def output(self, text: str) -> None:
        self.lines.append(text)
        self.on_line(text)


def step(kind: str, text: str = "", *children: Step, **attributes: str) -> Step:
    """A step as it stands in a scenario; `for_` is `for`."""
    written = tuple((name.rstrip("_").replace("_", "-"), value) for name, value in attributes.items())
    return Step(kind=kind, source=SOURCE, text=text, attributes=written, children=children)


def bound(written: Step, values: dict[str, str] | None = None) -> Any:
    """The typed step."""
    return bind_step(written.declared or KINDS[written.kind], written, values or {})


def problems(written: Step) -> list[str]:
    """What the step's own check finds."""
    found = bound(written).check()
    return [problem if isinstance(problem, str) else problem[1] for problem in found]


class Bench:
    """A device on the bench, and all else that steps need."""

    def __init__(self, folder: Path, processes: Processes, device: FakeDevice) -> None:
        self.device = device
        self.machine: Machine = device
        self.record = Record()
        self.values: dict[str, str] = {}
        self.folder = folder
        self._processes = processes

    @property
    def context(self) -> StepContext:
        return StepContext(
            console=self.device.console,
            machine=self.machine,
            values=self.values,
            source=SOURCE,
            folder=self.folder,
            checkout=self.folder,
            artifacts=self.folder / "report" / "artifacts" / "test",
            report=self.folder / "report",
            processes=self._processes,
            record=self.record,
            bind=lambda child: bound(child, self.values),
            run=self._run,
            limited=lambda seconds, message: asyncio.timeout(seconds),  # type: ignore[arg-type,return-value]
        )

    async def _run(self, steps: tuple[Step, ...], which: str) -> None:
        await self.run(*steps)

    async def run(self, *steps: Step) -> None:
        """Run steps in order, guarded as a case's are."""
        async with self.device.console.watch.guarded():
            for one in steps:
                await bound(one, self.values).run(self.context)


def on_bench(
    folder: Path,
    work: Callable[[Bench], Awaitable[None]],
    device: Callable[[], FakeDevice] = FakeDevice,
    environment: dict[str, str] | None = None,
) -> None:
    """Do some work on a bench of its own."""

    async def main() -> None:
        async with asyncio.timeout(60), Processes(environment or {}) as processes:
            await work(Bench(folder, processes, device()))

    asyncio.run(main())
