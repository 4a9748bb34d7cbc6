"""From `testarena run` to the device's start on an unchanged ESP-IDF project, beyond idf.py's own check of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from bench.journals import folder
from bench.measure import TESTARENA, Cost, in_turn, row
from tests.support.idf import FakeIdf, fake_idf, project

ROUNDS: Final = 9
BAR: Final = 0.5  # seconds
SCENARIO: Final = """\
<scenario name="first" target="esp32c3">
  <firmware project="firmware"/>
  <machine kind="command" command="sh device.sh"/>
  <case name="say"><send>hello</send><expect>hello</expect></case>
</scenario>
"""
CLOCK: Final = "date +%s.%N > started; cat"  # a device that says when it was started


def to_device(place: Path, idf: FakeIdf) -> Cost:
    start = time.time()
    ran = subprocess.run(
        [TESTARENA, "run", "first.xml"], cwd=place, env=idf.environment, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stdout.decode()
    return Cost(wall=float((place / "started").read_text()) - start, cpu=0.0)


def check_alone(place: Path, idf: FakeIdf) -> Cost:
    """The same idf.py, in the same folder, with nothing around it."""
    (build,) = (place / ".testarena" / "build").iterdir()
    bin_ = idf.tools / "python_env" / f"idf5.3_py{sys.version_info[0]}.{sys.version_info[1]}_env" / "bin"
    path = f"{idf.tools}/tools/fake-toolchain/1.0/bin:{bin_}:{idf.path}/tools:{os.environ['PATH']}"
    argv = ["idf.py", "-B", str(build), "-DIDF_TARGET=esp32c3", f"-DSDKCONFIG={build}/sdkconfig", "build"]
    start = time.perf_counter()
    ran = subprocess.run(
        [shutil.which("idf.py", path=path) or "idf.py", *argv[1:]],
        cwd=place / "firmware",
        env={**idf.environment, "PATH": path},
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return Cost(wall=time.perf_counter() - start, cpu=0.0)


def run() -> str:
    with folder() as place:
        idf = fake_idf(place / "idf")
        project(place / "firmware")
        (place / "first.xml").write_text(SCENARIO)
        (place / "device.sh").write_text(CLOCK)
        to_device(place, idf)  # builds, activates, merges the image
        things = {"testarena run, first device": to_device, "idf.py build alone": check_alone}
        costs = in_turn(things, lambda measured: measured(place, idf), ROUNDS)
    whole, alone = (cost.wall for cost in costs.values())
    lines = [row(name, f"{1000 * cost.wall:8.0f} ms") for name, cost in costs.items()]
    beyond = row("beyond idf.py's own check", f"{1000 * (whole - alone):8.0f} ms (bar: {1000 * BAR:.0f} ms)")
    return "\n".join(["an unchanged ESP-IDF project, with the stand-in for idf.py", *lines, beyond])


if __name__ == "__main__":
    print(run())
