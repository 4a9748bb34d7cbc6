"""From the start of the command to its help, and to the first device that runs, beside the interpreter's own start."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from bench.journals import folder, write
from bench.journals import run as run_scenarios
from bench.measure import TESTARENA, Cost, commands, in_turn, row

ROUNDS = 11
CLOCK = "date +%s.%N > started; cat"  # a device that says when it was started


def to_first_device(place: Path) -> Cost:
    start, cpu = time.time(), time.process_time()
    run_scenarios(place)
    return Cost(wall=float((place / "started").read_text()) - start, cpu=time.process_time() - cpu)


def run() -> str:
    with folder() as place:
        (place / "device.sh").write_text(CLOCK)
        body = '<case name="say"><send>hello</send><expect>hello</expect></case>'
        write(place, "first", body, device="sh device.sh")
        argvs = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "testarena --version": [TESTARENA, "--version"],
            "testarena --help": [TESTARENA, "--help"],
        }
        costs = commands(argvs, place, ROUNDS)
        costs |= in_turn({"testarena run, first device": place}, to_first_device, ROUNDS)
    floor = costs["python -c pass"].wall
    lines = [row(name, f"{1000 * cost.wall:8.0f} ms {cost.wall / floor:7.2f}") for name, cost in costs.items()]
    return "\n".join(["from the start of the command", *lines])


if __name__ == "__main__":
    print(run())
