"""A program that floods its console with 100 000 lines: from its start to the match of the last one, MB/s."""

from __future__ import annotations

import statistics
import subprocess
import time
from pathlib import Path

from bench.journals import folder, write
from bench.journals import run as run_scenarios
from bench.measure import row
from tpf import events as ev

LINES, ROUNDS = 100_000, 5
END = "flood: the end"
PROGRAM = f"""seq -f 'I (%.0f) flood: line of the stream, 0123456789 0123456789' {LINES}
echo '{END}'
sleep 60
"""


def megabytes() -> float:
    line = "I ({}) flood: line of the stream, 0123456789 0123456789\n"
    return sum(len(line.format(number)) for number in range(1, LINES + 1)) / 1e6


def by_bare_reader(place: Path) -> float:
    """The floor: read what comes and look for the end in it."""
    start = time.perf_counter()
    with subprocess.Popen(["sh", "flood.sh"], cwd=place, stdout=subprocess.PIPE, bufsize=0) as device:
        assert device.stdout is not None
        tail = b""
        while END.encode() not in tail:
            tail = tail[-len(END) :] + device.stdout.read(1 << 16)
        seconds = time.perf_counter() - start
        device.kill()
    return seconds


def by_testarena(place: Path) -> float:
    """From the boot to the end of the step that waits for the last line, by the journal."""
    _, events = run_scenarios(place)
    (booted,) = (event.t for event in events if isinstance(event, ev.Booted))
    (ended,) = (event.t for event in events if isinstance(event, ev.StepFinished))
    return ended - booted


def run() -> str:
    with folder() as place:
        (place / "flood.sh").write_text(PROGRAM)
        write(place, "flood", f'<case name="flood"><expect within="50s">{END}</expect></case>', device="sh flood.sh")
        bare, ours = [], []
        for _ in range(ROUNDS):
            bare.append(by_bare_reader(place))
            ours.append(by_testarena(place))
    size = megabytes()
    speeds = {"bare reader": size / statistics.median(bare), "testarena": size / statistics.median(ours)}
    lines = [row(name, f"{speed:8.1f} MB/s {speed / speeds['bare reader']:7.2f}") for name, speed in speeds.items()]
    return "\n".join([f"a program's flood of {LINES} lines ({size:.0f} MB), matched at its end", *lines])


if __name__ == "__main__":
    print(run())
