"""Tests that a step tells of, through the whole engine: cases of their own in results, and retries that mend them."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tpf import events as ev
from tpf.context import Kinds
from tpf.engine import RunControl, RunOptions, run_plan
from tpf.fold import fold
from tpf.language import LoadOptions, load_scenario, own_vocabulary
from tpf.machines import KINDS as MACHINES
from tpf.progress import Progress
from tpf.result import RunResult
from tpf.schedule import plan
from tpf.selection import Selection
from tpf.steps import KINDS as STEPS

TOOL = """
from pathlib import Path
first = not Path("ran").exists()
Path("ran").touch()
bad = '<failure message="1 / 0"/>' if first else ""
print(f"<testsuite><testcase name='adds'/><testcase name='divides'>{bad}</testcase></testsuite>")
"""
SCENARIO = f"""<scenario name="maths">
  <machine kind="command" command="cat"/>
  <case name="unit" retries="1">
    <run shell="true">'{sys.executable}' tool.py &gt;"${{artifacts}}/unit.xml"</run>
    <junit file="${{artifacts}}/unit.xml"/>
  </case>
  <case name="after"><send>hello</send><expect>hello</expect></case>
</scenario>"""


def test_a_retry_mends_a_part(tmp_path: Path, environment: dict[str, str]) -> None:
    events, result = run(tmp_path, environment)
    unit, adds, divides, after = result.cases
    assert [case.name for case in result.cases] == ["unit", "unit / adds", "unit / divides", "after"]
    assert (unit.flaky, adds.flaky, divides.flaky, after.flaky) == (True, False, True, False)
    failure = unit.attempts[0].failure
    assert failure is not None
    assert failure.message == "1 of 2 tests did not pass: divides\ndivides: 1 / 0"
    assert unit.attempts[0].steps[-1].failure == failure
    progress = Progress()
    for event in events:
        progress.apply(event)
    assert progress.counts == result.counts
    assert (result.counts.passed, result.counts.flaky, progress.total) == (4, 2, 4)


def run(folder: Path, environment: dict[str, str]) -> tuple[list[ev.Event], RunResult]:
    path = folder / "maths.xml"
    path.write_text(SCENARIO)
    (folder / "tool.py").write_text(TOOL)
    scenario = load_scenario(path, own_vocabulary(), LoadOptions(checkout=folder, cwd=folder))
    report = folder / "report"
    report.mkdir()
    events: list[ev.Event] = []
    options = RunOptions(report=report, checkout=folder, environment=environment)
    kinds = Kinds(steps=STEPS, machines=MACHINES)
    asyncio.run(run_plan(plan((scenario,), Selection()), kinds, events.append, options, RunControl()))
    return events, fold(events)
