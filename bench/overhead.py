"""50 short scenarios on the demo firmware (boot, prompt, ping, pong) beside the floor and pytest with pexpect."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.measure import TESTARENA, commands, table

ROOT = Path(__file__).parent.parent
FIRMWARE = ROOT / "examples/firmware/console"
COUNT, ROUNDS = 50, 5

SCENARIO = """<scenario name="ping {number}" target="riscv32-virt" timeout="60s">
  <firmware image="console.elf"/>
  <machine/>
  <setup><expect>demo&gt; </expect></setup>
  <case name="ping"><send>ping</send><expect>pong</expect></case>
</scenario>
"""

PEER = """import pexpect
import pytest

@pytest.mark.parametrize("number", range({count}))
def test_ping(number):
    machine = pexpect.spawn({program!r}, {arguments!r}, timeout=30)
    machine.delaybeforesend = None
    machine.expect_exact("demo> ")
    machine.send("ping\\r")
    machine.expect_exact("pong")
    machine.close(force=True)
"""


def prepare(folder: Path) -> Path:
    """The firmware, the scenarios and the peer's tests, in a folder of their own. Returns the firmware."""
    subprocess.run(["make", "-s", "-C", str(FIRMWARE), "TARGET=riscv32-virt", f"BUILD={folder / 'build'}"], check=True)
    elf = folder / "console.elf"
    elf.write_bytes(next((folder / "build").rglob("console.elf")).read_bytes())
    for number in range(COUNT):
        (folder / f"ping{number:02}.xml").write_text(SCENARIO.format(number=number))
    arguments = ["-M", "virt", "-bios", "none", "-display", "none", "-monitor", "none", "-serial", "stdio"]
    peer = PEER.format(count=COUNT, program="qemu-system-riscv32", arguments=[*arguments, "-kernel", str(elf)])
    (folder / "test_peer.py").write_text(peer)
    return elf


def contenders(elf: Path, jobs: int) -> dict[str, list[str]]:
    """All with the same number of emulators at once."""
    python = sys.executable
    peer = [python, "-m", "pytest", "-q", "-n", str(jobs), "-p", "no:cacheprovider", "test_peer.py"]
    return {
        "floor": [python, str(ROOT / "bench/floor.py"), str(elf), str(COUNT), str(jobs)],
        "testarena": [TESTARENA, "run", ".", "--jobs", str(jobs)],
        f"pytest + pexpect -n {jobs}": peer,
    }


def run() -> str:
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="testarena-bench-") as name:
        folder = Path(name)
        elf = prepare(folder)
        tables = []
        for jobs in (cores, cores + 1):
            costs = commands(contenders(elf, jobs), folder, ROUNDS)
            tables.append(table(f"{COUNT} short scenarios, {jobs} at once", costs, "floor"))
    return "\n".join(tables)


if __name__ == "__main__":
    print(run())
