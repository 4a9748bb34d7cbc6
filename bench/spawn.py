"""Starting and ending a program, one after another: the engine's processes beside bare subprocess."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from bench.measure import called, in_turn, row
from tpf.process import Patience, Processes, Request

COUNT, ROUNDS = 100, 5
ARGV = ("sleep", "60")


def bare() -> None:
    """The floor."""
    for _ in range(COUNT):
        with subprocess.Popen(ARGV) as child:
            child.kill()


def ours() -> None:
    """In a group of its own, held down by the kernel and by the reaper."""

    async def main() -> None:
        async with Processes(dict(os.environ)) as processes:
            for _ in range(COUNT):
                request = Request(argv=ARGV, cwd=Path("/"), patience=Patience(terminate=0), sweep=False)
                async with processes.start(request):
                    pass

    asyncio.run(main())


def run() -> str:
    contenders: dict[str, Callable[[], None]] = {"subprocess": bare, "testarena": ours}
    costs = in_turn(contenders, called, ROUNDS)
    floor = costs["subprocess"].wall
    lines = [row(name, f"{1000 * cost.wall / COUNT:8.2f} ms {cost.wall / floor:7.2f}") for name, cost in costs.items()]
    return "\n".join(["to start a program and kill it", *lines])


if __name__ == "__main__":
    print(run())
