"""Parts of results, made with few words, for tests of whatever reads a result. Whole runs are in runs.py."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from testarena_ci.reports.base import ReportInput
from testarena_ci.reports.console import ConsoleText
from tpf.result import (
    Attempt,
    CaseResult,
    DeviceLog,
    Failure,
    FailureKind,
    LogSpan,
    RunResult,
    ScenarioResult,
    Source,
    StepResult,
    Verdict,
    verdict_of,
)

PROPERTIES = (
    ("repository", "acme/console"),
    ("branch", "main"),
    ("commit", "3f2a91c07d5be86a1f4cd30d7a8e7b94c5b0e1d2"),
    ("runner", "runner-2"),
    ("qemu", "QEMU emulator version 9.2.2 (esp_develop_9.2.2_20250817)"),
)


class Run(Struct, frozen=True, kw_only=True):
    """A result and the texts of its logs by path."""

    result: RunResult
    logs: Mapping[str, str] = field(default_factory=dict)

    def read(self, log: DeviceLog) -> ConsoleText:
        text = self.logs.get(log.path)
        return ConsoleText(problem=f"{log.path}: No such file") if text is None else ConsoleText(head=text.encode())

    @property
    def report(self) -> ReportInput:
        return ReportInput(result=self.result, read_log=self.read, generator="TestArena 0.0.0")


def source(line: int, file: str = "scenarios/console.xml", column: int = 5) -> Source:
    return Source(file=file, line=line, column=column)


def span(first: int, last: int, device: str = "") -> LogSpan:
    return LogSpan(device=device, first=first, last=last)


def step(summary: str, line: int, *, log: tuple[int, int] = (1, 0), start: float = 0.2, **more: object) -> StepResult:
    made = StepResult(
        kind=summary.split(maxsplit=1)[0],
        summary=summary,
        source=source(line),
        phase="case",
        start=start,
        seconds=0.012,
        verdict=Verdict.PASSED,
        log=(span(*log),) if log[1] >= log[0] else (),
    )
    return replace(made, **more)


def attempt(
    *steps: StepResult,
    number: int = 1,
    failure: Failure | None = None,
    log: tuple[int, int] = (1, 0),
    start: float = 0.2,
    seconds: float = 0.105,
) -> Attempt:
    return Attempt(
        number=number,
        start=start,
        seconds=seconds,
        verdict=verdict_of(failure),
        failure=failure,
        steps=steps,
        log=(span(*log),) if log[1] >= log[0] else (),
    )


def case(name: str, line: int, *attempts: Attempt, **more: object) -> CaseResult:
    made = CaseResult(name=name, source=source(line), attempts=attempts or (attempt(),))
    return replace(made, **more)


def skipped(name: str, line: int, reason: str) -> CaseResult:
    return CaseResult(name=name, source=source(line), skip_reason=reason)


def not_run(name: str, line: int, failure: Failure) -> CaseResult:
    return CaseResult(name=name, source=source(line), not_run=failure)


def scenario(name: str, slug: str, *cases: CaseResult, **more: object) -> ScenarioResult:
    made = ScenarioResult(
        name=name,
        slug=slug,
        source=source(2, column=1),
        target="esp32c3",
        cases=cases,
        start=0.1,
        seconds=sum(case.seconds for case in cases) + 0.35,
        machine="qemu esp32c3",
        command=("qemu-system-riscv32", "-M", "esp32c3", "-drive", "file=flash.bin,if=mtd,format=raw"),
        logs=(DeviceLog(device="", path=f"logs/{slug}/console.log"),),
    )
    return replace(made, **more)


def run(*scenarios: ScenarioResult, **more: object) -> RunResult:
    made = RunResult(
        run_id="20261120-132800-4711",
        started="2026-11-20T13:28:00.250Z",
        seconds=7.43,
        finished=True,
        scenarios=scenarios,
        properties=PROPERTIES,
    )
    return replace(made, **more)


def failure(kind: FailureKind, message: str, line: int = 0) -> Failure:
    return Failure(kind=kind, message=message, source=source(line) if line else None)
