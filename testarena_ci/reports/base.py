"""What every report is given: the folded result of a run, and a way to read console logs that knows no paths."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Protocol

from msgspec import Struct

from testarena_ci.reports.console import ConsoleLines, ConsoleText
from tpf import __version__
from tpf.result import DeviceLog, RunResult


def no_logs(log: DeviceLog) -> ConsoleText:
    """The accessor for a run whose logs are not at hand."""
    return ConsoleText(problem=f"{log.path}: not kept")


class ReportInput(Struct, frozen=True, kw_only=True):
    """A run's result; `read_log` gives the text of a console (or build) log and never raises."""

    result: RunResult
    read_log: Callable[[DeviceLog], ConsoleText] = no_logs
    generator: str = f"TestArena {__version__}"
    junit: str = "common"  # the dialect of junit.xml, of `junit_dialects.DIALECTS`

    def lines_reader(self) -> Callable[[DeviceLog], ConsoleLines]:
        """Logs by line number; the last two are kept, for reports that go through cases in order."""
        return lru_cache(maxsize=2)(lambda log: self.read_log(log).lines())


class Render(Protocol):
    """A report: a pure function of what happened. Text is written as UTF-8."""

    def __call__(self, report: ReportInput) -> str | bytes: ...
