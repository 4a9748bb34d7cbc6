"""Calls of entrypoint/run.sh, and its first installation with all that can happen to one."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.processes import eventually

PATIENCE: Final = 300.0  # seconds for an installation on a busy machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """run.sh with an environment to call it in."""

    script: Path
    environment: Mapping[str, str]

    def start(self, *arguments: str, cwd: str | None = None, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.script, *arguments],
            cwd=cwd or self.script.parent,
            env={**self.environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return _ended(self.start(*arguments, **variables))


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What came of the first calls: one was killed half-way, then two came at once."""

    cache: Path
    left_by_the_killed: tuple[str, ...]
    first: tuple[subprocess.CompletedProcess[str], ...]
    checkout_before: Mapping[str, int]  # each file with its time
    checkout_after: Mapping[str, int]


def install(entry: Entry) -> Installation:
    """Make the environment: in a job that is killed half-way, then in two that come at once."""
    checkout = entry.script.parent.parent
    before = _times(checkout)
    cache = Path(entry.environment["RUNNER_TOOL_CACHE"]) / "testarena"
    with entry.start("--version") as killed:
        assert eventually(lambda: any(cache.glob("*.build-*")))
        os.killpg(killed.pid, signal.SIGKILL)
        killed.communicate(timeout=PATIENCE)
    left = tuple(path.name for path in cache.iterdir())
    first = tuple(map(_ended, [entry.start("--version"), entry.start("--version")]))
    return Installation(
        cache=cache, left_by_the_killed=left, first=first, checkout_before=before, checkout_after=_times(checkout)
    )


def _ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    with process:
        said, complained = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(process.args, process.returncode, said, complained)


def _times(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.lstat().st_mtime_ns for path in folder.rglob("*")}
