"""Runs things in turn, several rounds, and compares their wall-clock and processor times by medians."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

Thing = TypeVar("Thing")
BIN: Final = Path(sys.executable).parent
TESTARENA: Final = str(BIN / "testarena")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run of something took, its children included. Seconds."""

    wall: float
    cpu: float


def once(argv: Sequence[str], cwd: Path) -> Cost:
    """Run a command to its end. Raises SystemExit when it fails: a measurement of something broken is worth nothing."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(argv, cwd=cwd, capture_output=True, check=False, env=environment())
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.stderr.write(done.stdout.decode(errors="replace")[-2000:] + done.stderr.decode(errors="replace")[-2000:])
        raise SystemExit(f"{' '.join(argv)} ended with {done.returncode}")
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Cost(wall=wall, cpu=cpu)


def environment() -> dict[str, str]:
    """Without what would make every start compile all modules again."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def called(work: Callable[[], object]) -> Cost:
    """Call a function of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(wall=time.perf_counter() - wall, cpu=time.process_time() - cpu)


def commands(argvs: Mapping[str, Sequence[str]], cwd: Path, rounds: int) -> dict[str, Cost]:
    """The median cost of each command."""
    return in_turn(argvs, lambda argv: once(argv, cwd), rounds)


def in_turn(things: Mapping[str, Thing], measure: Callable[[Thing], Cost], rounds: int) -> dict[str, Cost]:
    """The median cost of each; they take turns, so that a slow moment of the machine hits all alike."""
    for thing in things.values():
        measure(thing)  # warm up
    costs: dict[str, list[Cost]] = {name: [] for name in things}
    for _ in range(rounds):
        for name, thing in things.items():
            costs[name].append(measure(thing))
    return {
        name: Cost(
            wall=statistics.median(cost.wall for cost in found), cpu=statistics.median(cost.cpu for cost in found)
        )
        for name, found in costs.items()
    }


def table(title: str, costs: Mapping[str, Cost], floor: str) -> str:
    """The costs as lines, each with its ratio to the floor."""
    lines = [title, f"  {'':30} {'wall s':>8} {'ratio':>7} {'cpu s':>8} {'ratio':>7}"]
    base = costs[floor]
    for name, cost in costs.items():
        lines.append(
            f"  {name:30} {cost.wall:8.3f} {cost.wall / base.wall:7.2f} {cost.cpu:8.3f} {cost.cpu / base.cpu:7.2f}"
        )
    return "\n".join(lines)


def row(name: str, text: str) -> str:
    """A line under a title."""
    return f"  {name:30} {text}"
