"""Runs commands in turn, several rounds, and compares their wall-clock and processor times by medians."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run of a command took, its children included. Seconds."""

    wall: float
    cpu: float


def once(argv: Sequence[str], cwd: Path) -> Cost:
    """Run a command to its end. Raises SystemExit when it fails: a measurement of something broken is worth nothing."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    done = subprocess.run(argv, cwd=cwd, capture_output=True, check=False, env=_environment())
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.stderr.write(done.stdout.decode(errors="replace")[-2000:] + done.stderr.decode(errors="replace")[-2000:])
        raise SystemExit(f"{' '.join(argv)} ended with {done.returncode}")
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Cost(wall=wall, cpu=cpu)


def _environment() -> dict[str, str]:
    """Without what would make every start compile all modules again."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def compare(commands: Mapping[str, Sequence[str]], cwd: Path, rounds: int) -> dict[str, Cost]:
    """The median cost of each command; they take turns, so that a slow moment of the machine hits all alike."""
    for argv in commands.values():
        once(argv, cwd)  # warm up
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, argv in commands.items():
            costs[name].append(once(argv, cwd))
    return {
        name: Cost(
            wall=statistics.median(cost.wall for cost in found), cpu=statistics.median(cost.cpu for cost in found)
        )
        for name, found in costs.items()
    }


def table(title: str, costs: Mapping[str, Cost], floor: str) -> str:
    """The costs as lines, each with its ratio to the floor."""
    lines = [title, f"  {'':28} {'wall s':>8} {'ratio':>7} {'cpu s':>8} {'ratio':>7}"]
    base = costs[floor]
    for name, cost in costs.items():
        lines.append(
            f"  {name:28} {cost.wall:8.2f} {cost.wall / base.wall:7.2f} {cost.cpu:8.2f} {cost.cpu / base.cpu:7.2f}"
        )
    return "\n".join(lines)
