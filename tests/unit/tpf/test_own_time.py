"""A device with a time of its own, through the language and the engine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.fakes.clockwork import ClockworkKind
from tpf import events as ev
from tpf.context import Kinds
from tpf.engine import RunControl, RunOptions, run_plan
from tpf.errors import ScenarioErrors
from tpf.fold import fold
from tpf.language import LoadOptions, load_scenarios, own_vocabulary
from tpf.result import RunResult, Source
from tpf.scenario.model import Case, Device, MachineSpec, Scenario, Step
from tpf.schedule import plan
from tpf.selection import Selection
from tpf.steps import KINDS as STEPS

HERE = Source(file="test.xml", line=1)


def ran(folder: Path, timetable: dict[float, str | None], *steps: Step) -> RunResult:
    """One case, twice: each boot follows the timetable."""
    device = Device(machine=MachineSpec(kind="clockwork", source=HERE))
    case = Case(name="c", source=HERE, steps=steps)
    scenario = Scenario(
        name="s", source=HERE, folder=folder, target="", devices=(device,), cases=(case, case), boot="case"
    )
    events: list[ev.Event] = []
    kinds = Kinds(steps=STEPS, machines={"clockwork": ClockworkKind(timetable)})
    options = RunOptions(report=folder, checkout=folder)
    asyncio.run(run_plan(plan((scenario,), Selection()), kinds, events.append, options, RunControl()))
    return fold(events)


def step(kind: str, text: str = "", **attributes: str) -> Step:
    return Step(kind=kind, source=HERE, text=text, attributes=tuple(attributes.items()))


def test_the_log_has_both_times_side_by_side(tmp_path: Path) -> None:
    result = ran(tmp_path, {60: "ready\n"}, step("expect", "ready", within="2min"), step("wait", **{"for": "10s"}))
    assert result.verdict == "passed"
    lines = (tmp_path / "logs/s/console.log").read_text().splitlines()
    assert [line[10:] for line in lines] == [
        " @    60.000  ready",
        " @    70.000  -- boot 2",
        " @   130.000  ready",
    ]
    assert float(lines[-1][:10]) < 60


def test_characters_are_paced_by_the_devices_clock(tmp_path: Path) -> None:
    result = ran(tmp_path, {300: "done\n"}, step("send", "abcde", pace="1min"), step("expect", "done", within="1s"))
    assert result.verdict == "passed"


def test_rounds_are_limited_by_the_devices_clock(tmp_path: Path) -> None:
    endless = Step(
        kind="repeat",
        source=HERE,
        attributes=(("within", "10min"), ("times", "100000")),
        children=(step("wait", **{"for": "3min"}),),
    )
    result = ran(tmp_path, {599: "now\n", 601: "late\n"}, endless)
    failure = result.scenarios[0].cases[0].failure
    assert failure is not None
    assert "within 10min: round 4 had not ended by then" in failure.headline
    log = (tmp_path / "logs/s/console.log").read_text()
    assert "now" in log
    assert "late" not in log


def load(folder: Path, machine: str) -> None:
    text = f"""<scenario name="s" timeout="1min">
      <firmware elf="x.elf"/>{machine}
      <case name="c"><expect within="1h">done</expect></case>
    </scenario>"""
    (folder / "it.xml").write_text(text)
    (folder / "x.elf").touch()
    load_scenarios([Path("it.xml")], own_vocabulary(), LoadOptions(checkout=folder, cwd=folder))


def test_a_step_may_last_longer_on_the_device_than_the_scenario_on_the_host(tmp_path: Path) -> None:
    load(tmp_path, '<machine emulator="qemu" board="virt" clock="virtual"/>')
    with pytest.raises(ScenarioErrors, match="attribute within: 1h is longer than the scenario's timeout"):
        load(tmp_path, '<machine emulator="qemu" board="virt"/>')
