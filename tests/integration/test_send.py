"""A device that doesn't read what is sent to it: `send` fails in its time, and the run goes on with a fresh boot."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.trial import Trial, trial
from tpf.result import FailureKind

FULL = f'<send within="200ms">{"x" * 60_000}</send>'  # nearly what a pipe holds; more than a terminal does
PACED = FULL.replace("<send", '<send pace="0.001ms"')
UNLIMITED = FULL.replace(' within="200ms"', "")
REFUSED = ": the device took no more of it within 200ms"


def why(run: Trial, name: str) -> tuple[FailureKind, str]:
    """The failure of a case, without what should have been sent."""
    failure = run[name].failure
    assert failure is not None
    return failure.kind, failure.headline[failure.headline.rindex('"') + 1 :]


@pytest.mark.parametrize("pty", ["false", "true"])
def test_a_program_that_never_reads(tmp_path: Path, pty: str) -> None:
    text = f"""<scenario name="it" timeout="60s"><machine kind="command" command="sh deaf.sh" pty="{pty}"/>
      <case name="at once"><expect>ready</expect>{FULL}{FULL}</case>
      <case name="paced"><expect>ready</expect>{FULL}{PACED}</case>
      <case name="limit" timeout="700ms"><expect>ready</expect>{UNLIMITED * 2}</case>
      <case name="goes on"><expect>ready</expect></case>
    </scenario>"""
    run = trial(tmp_path, {"it.xml": text, "deaf.sh": "echo ready\nexec sleep 600\n"})
    assert why(run, "at once") == (FailureKind.TIMEOUT, REFUSED)
    assert why(run, "paced") == (FailureKind.TIMEOUT, REFUSED)
    assert why(run, "limit")[0] is FailureKind.LIMIT
    assert run.verdicts[-1] == "passed"
    assert run.result.scenarios[0].failure is None


def test_a_board_that_never_empties_its_uart(builds: Callable[[str], Path], tmp_path: Path) -> None:
    shutil.copy(builds("riscv32-virt"), tmp_path / "console.elf")
    text = f"""<scenario name="it" target="riscv32-virt" timeout="60s"><firmware image="console.elf"/><machine/>
      <setup><expect>demo&gt; </expect></setup>
      <case name="at once"><send>sleep 600000</send><expect>600000</expect>{FULL}{FULL}</case>
      <case name="goes on"><send>ping</send><expect>pong</expect></case>
    </scenario>"""
    run = trial(tmp_path, {"it.xml": text})
    assert why(run, "at once") == (FailureKind.TIMEOUT, REFUSED)
    assert run.verdicts[-1] == "passed"


def test_a_slow_reader_gets_all_of_it(tmp_path: Path) -> None:
    device = "echo ready\nfor _ in 1 2 3 4; do sleep 0.1; dd bs=30000 count=1 iflag=fullblock 2>&-; done | wc -c\n"
    sends = "".join(f'<send within="20s" end="none">{"x" * 60_000}</send>' for _ in range(2))
    text = f"""<scenario name="it" timeout="60s"><machine kind="command" command="sh slow.sh"/>
      <case name="it"><expect>ready</expect>{sends}<expect>120000</expect></case></scenario>"""
    assert trial(tmp_path, {"it.xml": text, "slow.sh": device}).headlines == [""]
