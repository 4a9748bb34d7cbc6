"""Tests that a step tells of, through the whole engine: cases of their own in results, and retries that mend them."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.trial import trial
from tpf.progress import Progress

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


def test_a_retry_mends_a_part(tmp_path: Path) -> None:
    ran = trial(tmp_path, {"maths.xml": SCENARIO, "tool.py": TOOL})
    unit, adds, divides, after = ran.result.cases
    assert [case.name for case in ran.result.cases] == ["unit", "unit / adds", "unit / divides", "after"]
    assert (unit.flaky, adds.flaky, divides.flaky, after.flaky) == (True, False, True, False)
    failure = unit.attempts[0].failure
    assert failure is not None
    assert failure.message == "1 of 2 tests did not pass: divides\ndivides: 1 / 0"
    assert unit.attempts[0].steps[-1].failure == failure
    progress = Progress()
    for event in ran.events:
        progress.apply(event)
    assert progress.counts == ran.result.counts
    assert (ran.result.counts.passed, ran.result.counts.flaky, progress.total) == (4, 2, 4)
