"""Panics, resets, power cycles, rounds and Unity on the demo firmware, in real emulators of both architectures."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tpf import events as ev
from tpf.context import Kinds
from tpf.engine import RunControl, RunOptions, run_plan
from tpf.fold import fold
from tpf.language import LoadOptions, default_vocabulary, load_scenarios
from tpf.machines import KINDS as MACHINES
from tpf.result import CaseResult, RunResult
from tpf.schedule import plan
from tpf.steps import KINDS as STEPS

Run = Callable[..., RunResult]


def run_file(folder: Path, text: str) -> RunResult:
    """Run a scenario in a folder; the result is folded from the events."""
    file = folder / "steps.xml"
    file.write_text(text)
    scenarios = load_scenarios([file], default_vocabulary(), LoadOptions(checkout=folder, cwd=folder))
    report = folder / "report"
    report.mkdir()
    events: list[ev.Event] = []
    options = RunOptions(report=report, checkout=folder, environment={"PATH": os.environ["PATH"]})
    kinds = Kinds(steps=STEPS, machines=MACHINES)
    asyncio.run(run_plan(plan(scenarios), kinds, events.append, options, RunControl()))
    return fold(events)


@pytest.fixture(params=["riscv32-virt", "xtensa-lx60"])
def run(request: pytest.FixtureRequest, builds: Callable[[str], Path], tmp_path: Path) -> Run:
    """Runs steps, after the prompt has come."""

    def run_steps(steps: str, machine: str = "<machine/>") -> RunResult:
        shutil.copy(builds(request.param), tmp_path / "console.elf")
        return run_file(
            tmp_path,
            f'<scenario name="steps" target="{request.param}" timeout="60s"><firmware image="console.elf"/>{machine}'
            f'<setup><expect>demo&gt; </expect></setup><case name="it">{steps}</case></scenario>',
        )

    return run_steps


def case(result: RunResult, name: str = "it") -> CaseResult:
    return next(found for found in result.cases if found.name == name)


def why(result: RunResult) -> str:
    return "\n".join(found.failure.message for found in result.cases if found.failure is not None)


@pytest.mark.parametrize(
    "kind, reason",
    [
        ("null", "Load access fault|LoadProhibited"),
        ("store", "Store access fault|StoreProhibited"),
        ("illegal", "(?i)illegal ?instruction"),
        ("abort", r"^abort\(\) was called at PC 0x"),
        ("assert", r"assert failed: cmd_crash commands\.c:\d+"),
        ("stack", "stack overflow in task main"),
        ("smash", "Stack smashing"),
    ],
)
def test_a_wanted_crash(run: Run, kind: str, reason: str) -> None:
    result = run(
        f'<send>crash {kind}</send><expect-panic reason="{reason}"/><expect-reset reason="SW_CPU"/>'
        "<expect>boot count 2</expect><expect>demo&gt; </expect><send>ping</send><expect>pong</expect>"
    )
    assert result.verdict == "passed", why(result)


def test_a_barking_watchdog_is_no_restart(run: Run) -> None:
    result = run(
        '<send>crash wdt</send><expect-panic reason="Task watchdog"/><expect>main goes on</expect>'
        '<expect>demo&gt; </expect><send>count</send><expect match="regex">count: 1$</expect>'
    )
    assert result.verdict == "passed", why(result)


def test_the_wrong_crash(run: Run) -> None:
    result = run('<send>crash abort</send><expect-panic reason="LoadProhibited|Load access fault"/>')
    assert why(result).startswith(
        'expected a panic that matches "LoadProhibited|Load access fault"; the device panicked with "abort() was called'
    )


def test_a_boot_loop_is_found_behind_a_wanted_panic(run: Run) -> None:
    result = run('<send>crash loop</send><expect-panic/><expect within="20s">demo&gt; </expect>')
    assert why(result).startswith("panic: Guru Meditation Error")


def test_a_crash_in_each_round(run: Run) -> None:
    result = run(
        '<repeat times="4" save="round"><send>crash null</send><expect-panic/>'
        "<expect>demo&gt; </expect></repeat><send>count</send><expect>count: 5</expect>"
    )
    assert result.verdict == "passed", why(result)


def test_rounds_until_a_text_comes(run: Run) -> None:
    result = run(
        '<repeat times="9" until="count: [4-9]" save="round"><send>restart</send><expect-reset/>'
        "<expect>demo&gt; </expect><send>count</send><expect>demo&gt; </expect></repeat>"
        '<check value="${round}" equals="3"/>'
    )
    assert result.verdict == "passed", why(result)


@pytest.mark.parametrize("off", ["power-off", "power-cut"])
def test_memory_is_gone_after_a_power_cycle(run: Run, off: str) -> None:
    result = run(
        "<send>restart</send><expect>boot count 2</expect><expect>demo&gt; </expect>"
        f'<{off}/><wait for="50ms"/><power-on/><expect>boot count 1</expect><expect>demo&gt; </expect>'
        "<send>ping</send><expect>pong</expect>"
        f"<{off}/><power-on/><expect>demo&gt; </expect><reset/><expect>boot count 2</expect>"
    )
    assert result.verdict == "passed", why(result)


def test_a_device_that_is_off(run: Run) -> None:
    assert why(run("<power-cut/><send>ping</send>")) == "the device is switched off: <power-on/> comes first"


def test_forwarded_ports_are_reached_after_a_power_cycle(run: Run) -> None:
    connect = """<run>python3 -c "import socket, sys; socket.create_connection(sys.argv[1].split(':'))" ${web}</run>"""
    result = run(
        f"{connect}<power-cut/><power-on/><expect>demo&gt; </expect>{connect}",
        '<machine><forward name="web" guest="80"/></machine>',
    )
    assert result.verdict == "passed", why(result)


EMULATOR = """\
#!/usr/bin/env python3
# What matters of an emulator: it counts its starts in the flash that it is given, as firmware would.
import sys
flash = next(word for word in sys.argv if word.startswith("file=")).split(",")[0].removeprefix("file=")
with open(flash, "r+b") as file:
    starts = file.read(1)[0] + 1
    file.seek(0)
    file.write(bytes((starts,)))
print(f"start {starts} demo> ", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("off", ["power-off", "power-cut"])
def test_flash_outlives_power_cycles_and_no_fresh_boot(tmp_path: Path, off: str) -> None:
    (tmp_path / "emulator").write_text(EMULATOR)
    (tmp_path / "emulator").chmod(0o755)
    (tmp_path / "flash.bin").write_bytes(bytes(1000))
    again = f"<{off}/><power-on/><expect>start {{}}</expect>"
    cases = "".join(f'<case name="{name}">{again.format(2)}{again.format(3)}</case>' for name in "ab")
    result = run_file(
        tmp_path,
        f'<scenario name="steps" target="esp32c3" boot="case"><firmware image="flash.bin"/>'
        f'<machine emulator="./emulator"/><setup><expect>start 1</expect></setup>{cases}</scenario>',
    )
    assert result.verdict == "passed", why(result)
    assert (tmp_path / "flash.bin").read_bytes() == bytes(1000)


UNITY = {
    "adds numbers": "passed",
    "fails on purpose": "failed",
    "is ignored": "skipped",
    'a <name> & "quotes", with blanks': "passed",
    "heap gives and takes": "passed",
    "takes its time": "passed",
    "crashes the chip": "failed",
    "survives a reset": "passed",
}


def test_all_of_unity(run: Run) -> None:
    result = run("<send>unity</send><unity/><send>q</send><expect>demo&gt; </expect>")
    parts = {found.name.removeprefix("it / "): found for found in result.cases if found.part_of}
    assert {name: str(found.verdict) for name, found in parts.items()} == UNITY
    assert why(result).startswith("2 of 8 tests did not pass: fails on purpose, crashes the chip\n")
    crash = parts["crashes the chip"].failure
    assert crash is not None
    assert crash.kind == "panic"
    assert "Rebooting..." in crash.message
    failed = parts["fails on purpose"]
    assert failed.source.file == "unity_demo.c"
    assert failed.source.line > 0
    assert 1.9 < parts["takes its time"].seconds < 5


def test_unity_that_runs_by_itself(run: Run) -> None:
    result = run('<send>unity run pass ignore pass</send><unity mode="read"/>')
    assert [str(found.verdict) for found in result.cases] == ["passed", "passed", "skipped", "passed"], why(result)
