"""The exit of a child is told without reaping it, by a pidfd and by a thread alike."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable

import pytest

from tests.support.processes import alive, eventually
from tpf.processes.exits import ExitWatch


async def told(pid: int, *, pidfd: bool, before: Callable[[], object] = lambda: None) -> int:
    watch = ExitWatch(pid, pidfd=pidfd)
    before()
    exited = await asyncio.wait_for(watch.exited, 20)
    watch.close()
    return exited.code


@pytest.mark.parametrize("pidfd", [True, False])
@pytest.mark.parametrize("script, code", [("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", -9)])
def test_the_exit_is_told_and_the_child_is_still_ours(script: str, code: int, pidfd: bool) -> None:
    with subprocess.Popen(["sh", "-c", script]) as child:
        assert asyncio.run(told(child.pid, pidfd=pidfd)) == code
        assert child.wait() == code


@pytest.mark.parametrize("pidfd", [True, False])
def test_a_child_that_somebody_else_reaped(pidfd: bool) -> None:
    """Then nobody can know how it ended: 255, as asyncio says it; or the thread was faster."""
    with subprocess.Popen(["sleep", "600"]) as child:
        child_ends = (child.kill, child.wait)
        code = asyncio.run(told(child.pid, pidfd=pidfd, before=lambda: [end() for end in child_ends]))
        assert code in {255, -9}


def test_a_watch_may_be_given_up() -> None:
    async def main(pid: int) -> bool:
        watch = ExitWatch(pid)
        watch.close()
        watch.close()
        return watch.exited.done()

    with subprocess.Popen(["sleep", "600"]) as child:
        assert asyncio.run(main(child.pid)) is False
        child.kill()


def test_who_asks_knows_before_the_loop_does() -> None:
    async def main(pid: int) -> tuple[bool, int]:
        watch = ExitWatch(pid)
        assert not watch.look()
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: not alive(pid))
        return watch.look(), watch.exited.result().code

    with subprocess.Popen(["sleep", "600"]) as child:
        assert asyncio.run(main(child.pid)) == (True, -signal.SIGKILL)
