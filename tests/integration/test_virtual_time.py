"""Virtual time on real emulators: it jumps over waits, stands still between them, and is the same in each run."""

from __future__ import annotations

import asyncio
import math
import os
import re
import shutil
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.machines import Ear, request
from tests.support.trial import Trial, trial
from tpf.machines import KINDS
from tpf.machines.base import CanReset, HasClock, HasPorts, HasPower, Machine
from tpf.process import Processes
from tpf.result import FailureKind
from tpf.scenario.model import Forward

TARGETS = ("riscv32-virt", "xtensa-lx60")
RUNS = 20
STAMPS = re.compile(r" *(\d+\.\d{3}) @ *(\d+\.\d{3})  (.*)")
Builds = Callable[[str], Path]


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def scenario(target: str, cases: str) -> str:
    return f"""<scenario name="it" target="{target}" timeout="100s">
      <firmware image="console.elf"/>
      <machine clock="virtual"/>
      <setup><expect>demo&gt; </expect></setup>
      {cases}
    </scenario>"""


def ran(folder: Path, elf: Path, target: str, cases: str) -> Trial:
    folder.mkdir(exist_ok=True)
    shutil.copy(elf, folder / "console.elf")
    return trial(folder, {"it.xml": scenario(target, cases)})


def stamped(trial: Trial) -> list[tuple[float, float, str]]:
    """The console's lines with the host's time and the device's."""
    log = (trial.report / "logs/it/console.log").read_text()
    found = [STAMPS.fullmatch(line) for line in log.splitlines()]
    return [(float(match[1]), float(match[2]), match[3]) for match in found if match]


ANY_RUN = """
  <case name="answers">
    <send>log I hello</send><expect match="regex">I \\(\\d+\\) \\S+: hello</expect>
    <send>countdown 3</send><expect>countdown: done</expect>
    <run>sleep 0.01</run>
    <send>uptime</send><expect match="regex">up (\\d+) ms</expect>
  </case>
  <case name="restarts">
    <send>crash null</send><expect-panic/><expect>demo&gt; </expect>
    <send>restart</send><expect>Restarting...</expect><expect>demo&gt; </expect>
    <reset/><expect>demo&gt; </expect>
    <send>uptime</send><expect match="regex">up (\\d+) ms</expect>
  </case>
  <case name="fails">
    <send>sleep 777</send><expect within="500ms">slept</expect>
  </case>
  <case name="trips">
    <send>crash null</send><expect>never</expect>
  </case>
  <case name="boots again">
    <send>flood 300</send><expect>line 200</expect>
    <send>uptime</send><expect match="regex">up (\\d+) ms</expect>
  </case>
"""


def test_each_run_is_the_same_to_the_tick(builds: Builds, tmp_path: Path, target: str) -> None:
    texts = set()
    for number in range(RUNS):
        trial = ran(tmp_path / str(number), builds(target), target, ANY_RUN)
        assert trial.verdicts == ["passed", "passed", "failed", "failed", "passed"]
        texts.add(tuple((device, text) for _, device, text in stamped(trial)))
    assert len(texts) == 1
    assert len(texts.pop()) > 350


def test_what_the_device_does_not_take_is_over_the_limit_of_its_step(
    builds: Builds, tmp_path: Path, target: str
) -> None:
    deaf = f'<case name="deaf"><send>sleep 60000</send><send within="3s">{"x" * 3000}</send></case>'
    trial = ran(tmp_path, builds(target), target, f'{deaf}<case name="next"><send>uptime</send></case>')
    assert trial.verdicts == ["failed", "passed"]
    assert "the device took no more of it within 3s" in trial.headlines[0]
    assert all(device < 60 for _, device, _ in stamped(trial)), "in the device's time"


def test_a_minute_takes_no_minute(builds: Builds, tmp_path: Path, target: str) -> None:
    countdown = '<case name="a minute"><send>countdown 60</send><expect within="61s">countdown: done</expect></case>'
    trial = ran(tmp_path, builds(target), target, countdown)
    assert trial.verdicts == ["passed"]
    lines = {text: (host, device) for host, device, text in stamped(trial)}
    first, last = lines["countdown: 60"], lines["countdown: done"]
    assert last[1] - first[1] == pytest.approx(60, abs=0.021)
    assert (last[1] - first[1]) / (last[0] - first[0]) > 10


def test_a_device_stands_still_while_the_host_works(builds: Builds, tmp_path: Path, target: str) -> None:
    case = """<case name="it waits">
      <send>uptime</send><expect match="regex" save="before">up (\\d+) ms</expect>
      <send>sleep 500</send><run>sleep 2</run><forbid for="400ms">slept</forbid>
    </case>
    <case name="and goes on">
      <expect within="200ms">slept 500 ms</expect>
      <send>uptime</send><expect match="regex" save="after">up (\\d+) ms</expect>
      <check value="${after}" max="1500"/>
    </case>"""
    trial = ran(tmp_path, builds(target), target, case)
    assert trial.verdicts == ["passed", "passed"], trial.headlines


def test_a_time_limit_is_the_devices(builds: Builds, tmp_path: Path, target: str) -> None:
    """Longer than the whole scenario may take on the host."""
    case = '<case name="patient"><send>sleep 290000</send><expect within="300s">slept 290000 ms</expect></case>'
    trial = ran(tmp_path, builds(target), target, case)
    assert trial.verdicts == ["passed"], trial.headlines


def test_limits_around_several_waits_are_the_devices_too(builds: Builds, tmp_path: Path) -> None:
    cases = """
      <case name="each"><send>countdown 300</send><unity mode="read" each="30s"/></case>
      <case name="whole"><send>countdown 300</send><unity mode="read" within="45s"/></case>
      <case name="rounds"><repeat until="never" within="33s"><wait for="9s"/></repeat></case>
      <case name="menu"><send>unity</send><unity exclude="[fail]; [crash]" within="10s"/></case>
    """
    trial = ran(tmp_path, builds("riscv32-virt"), "riscv32-virt", cases)
    assert trial["menu"].verdict == "passed", trial.headlines
    each, whole, rounds, *_ = trial.headlines
    assert "nothing was heard of it for 30s" in each
    assert "the Unity run took longer than 45s" in whole
    assert "within 33s: round 4 had not ended by then" in rounds
    begun, lasted = (
        [device for _, device, text in stamped(trial) if text.startswith(start)]
        for start in ("demo> countdown", "-- boot")
    )
    assert lasted[0] - begun[0] == pytest.approx(30, abs=0.05)
    assert lasted[1] - begun[1] == pytest.approx(45, abs=0.05)


# ---- the machine itself


def on_machine(
    environment: dict[str, str], folder: Path, story: Callable[[Any, Ear], Awaitable[None]], **wishes: Any
) -> None:
    async def main() -> None:
        async with Processes(environment) as processes:
            asked = request(processes, folder=folder / "boot-1", checkout=folder, clock="virtual", **wishes)
            ear = Ear()
            async with asyncio.timeout(90), KINDS["qemu"].boot(asked, ear) as machine:
                await story(machine, ear)

    asyncio.run(main())


async def until(machine: HasClock, ear: Ear, text: bytes, within: float = 10) -> None:
    """Let time go on until the device has said something."""
    await machine.run_for(within, lambda: text in ear.heard)
    assert text in ear.heard, bytes(ear.heard[-500:])
    del ear.heard[: ear.heard.index(text) + len(text)]


def test_nothing_is_lost_of_what_is_sent_at_once(
    environment: dict[str, str], builds: Builds, tmp_path: Path, target: str
) -> None:
    async def story(machine: Any, ear: Ear) -> None:
        await until(machine, ear, b"demo> ")
        text = bytes(range(ord("a"), ord("z") + 1)) * 3
        await machine.send(b"echo " + text + b"\n")
        await until(machine, ear, b"\r\n" + text + b"\r\n")

    on_machine(environment, tmp_path, story, target=target, elf=builds(target))


def test_a_wait_that_is_cancelled_ends_at_the_next_tick(
    environment: dict[str, str], builds: Builds, tmp_path: Path, target: str
) -> None:
    async def story(machine: Any, ear: Ear) -> None:
        await until(machine, ear, b"demo> ")
        seen: list[float] = []
        enough = asyncio.Event()

        def at_tick() -> bool:
            seen.append(machine.device_time)
            if len(seen) == 20:
                enough.set()
            return False

        waiting = asyncio.create_task(machine.run_for(10**6, at_tick))
        await enough.wait()
        waiting.cancel()
        await asyncio.wait((waiting,))
        await machine.send(b"uptime\n")  # waits until time stands still
        assert machine.device_time <= seen[-1] + 0.2
        await until(machine, ear, b" ms\r\n")

    on_machine(environment, tmp_path, story, target=target, elf=builds(target))


def test_power_cycles_and_resets(environment: dict[str, str], builds: Builds, tmp_path: Path) -> None:
    async def story(machine: Any, ear: Ear) -> None:
        assert all(isinstance(machine, kind) for kind in (Machine, HasClock, CanReset, HasPower, HasPorts))
        assert re.fullmatch(r"127\.0\.0\.1:\d+", (await machine.forwarded())["web"])
        await until(machine, ear, b"demo> ")
        await machine.reset()
        await until(machine, ear, b"demo> ")
        await machine.send(b"count\n")
        await until(machine, ear, b"count: 2\r\n")
        before = machine.device_time
        await machine.power_off(cut=True)
        await machine.run_for(3, lambda: False)
        await machine.run_for(math.inf, lambda: machine.device_time >= before + 5)
        await machine.power_on()
        assert machine.device_time == pytest.approx(before + 5, abs=0.006)
        await until(machine, ear, b"demo> ")
        await machine.send(b"count\n")
        await until(machine, ear, b"count: 1\r\n")

    web = Forward(name="web", guest=80)
    on_machine(
        environment, tmp_path, story, target="riscv32-virt", elf=builds("riscv32-virt"), forwards=(web,), tick=0.005
    )


def test_a_device_that_switches_itself_off(environment: dict[str, str], builds: Builds, tmp_path: Path) -> None:
    async def story(machine: Any, ear: Ear) -> None:
        await until(machine, ear, b"demo> ")
        await machine.send(b"poweroff\n")
        await machine.run_for(10**6, lambda: False)
        assert (await ear.end()).detail == "the device switched itself off"
        assert b"Power off\r\n" in ear.heard
        await machine.run_for(1, lambda: False)

    on_machine(environment, tmp_path, story, target="riscv32-virt", elf=builds("riscv32-virt"))


def test_an_emulator_that_is_killed_ends_the_wait(
    environment: dict[str, str], builds: Builds, tmp_path: Path, target: str
) -> None:
    async def story(machine: Any, ear: Ear) -> None:
        await until(machine, ear, b"demo> ")
        waiting = asyncio.create_task(machine.run_for(10**6, lambda: False))
        await asyncio.sleep(0.05)
        os.kill(machine.pid, signal.SIGKILL)
        await waiting
        assert "SIGKILL" in (await ear.end()).detail

    on_machine(environment, tmp_path, story, target=target, elf=builds(target))


def test_an_emulator_that_can_not_start_says_why(environment: dict[str, str], builds: Builds, tmp_path: Path) -> None:
    async def story(machine: Any, ear: Ear) -> None:
        await machine.run_for(10, lambda: False)
        assert "-bogus: invalid option" in str((await ear.end()).fault)

    on_machine(environment, tmp_path, story, target="riscv32-virt", elf=builds("riscv32-virt"), args=("-bogus",))


def test_a_killed_emulator_fails_the_step_that_waits(builds: Builds, tmp_path: Path) -> None:
    case = '<case name="off"><send>poweroff</send><expect within="60s">never</expect></case>'
    trial = ran(tmp_path, builds("riscv32-virt"), "riscv32-virt", case)
    failure = trial["off"].failure
    assert failure is not None
    assert failure.kind is FailureKind.EXIT
    assert "the device switched itself off" in failure.headline
