"""How to run again what failed, and what is needed to have the same: its line, commit, target and machine."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from testarena_ci.again import UNSAID, case_again
from testarena_ci.reports.text import one_line
from tpf.result import CaseResult, RunResult, ScenarioResult


class Repeat(Struct, frozen=True, kw_only=True):
    """A line for a shell; `needs` are what must be the same, with their values."""

    line: str
    needs: tuple[tuple[str, str], ...]


def repeat(run: RunResult, scenario: ScenarioResult, case: CaseResult | None) -> Repeat | None:
    """None when no line can say it."""
    line = case_again(run, scenario, case)
    if not line:
        return None
    needs = tuple((name, one_line(value, 200)) for name, value in _needs(run, scenario) if value)
    return Repeat(line=line, needs=needs)


def _needs(run: RunResult, scenario: ScenarioResult) -> Iterator[tuple[str, str]]:
    """repeat.js says the same of the cases that it draws."""
    known = dict(run.properties)
    yield "in", known.get("folder", "")
    yield "with --set", known.get(UNSAID, "")
    yield "commit", known.get("commit", "")[:10]
    yield "target", scenario.target
    yield "machine", scenario.machine
    yield "emulator", known.get("qemu", "")
    yield "shuffled by seed", known.get("shuffle", "")
