"""For tests that start real programs: waiting for what is seen in /proc, always with a deadline."""

from __future__ import annotations

import asyncio
import os
import select
import time
from collections.abc import Callable
from pathlib import Path

DEADLINE = 20.0  # seconds; far more than anything here takes on a busy machine
PERIOD = 0.01


def alive(pid: int) -> bool:
    """Whether a process runs: a zombie doesn't."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether it becomes true before the deadline; looks again and again."""
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            return False
        select.select([], [], [], PERIOD)
    return True


async def soon(condition: Callable[[], bool]) -> bool:
    """The same, while the event loop goes on."""
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(PERIOD)
    return True


def numbers(file: Path, count: int) -> list[int]:
    """The process ids that programs have written into a file, one a line; waits until there are so many."""

    def lines() -> list[str]:
        return [line for line in file.read_text().splitlines() if line] if file.exists() else []

    assert eventually(lambda: len(lines()) >= count), f"{file} has {lines()}, not {count} lines"
    return [int(line) for line in lines()]


def carriers(variable: str, value: str) -> set[int]:
    """The running processes that have a variable with exactly this beginning in their environment."""
    wanted = f"{variable}={value}".encode()
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) != os.getpid():
            try:
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue
            if any(one.startswith(wanted) for one in environment.split(b"\0")):
                found.add(int(folder.name))
    return {pid for pid in found if alive(pid)}
