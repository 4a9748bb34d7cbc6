"""Tells when a child has exited, without reaping it: as long as it is a zombie, nobody else can get its number."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from contextlib import suppress
from typing import NamedTuple


class Exited(NamedTuple):
    """The end of a child."""

    code: int  # exit status; negative for a signal
    at: float  # time.monotonic()


class ExitWatch:
    """Watches one child by a pidfd, or by a thread where there are none (macOS, old kernels)."""

    def __init__(self, pid: int, *, pidfd: bool = True) -> None:
        self._pid = pid
        self._loop = asyncio.get_running_loop()
        self._fd = _pidfd(pid) if pidfd else None
        self.exited: asyncio.Future[Exited] = self._loop.create_future()
        if self._fd is not None:
            self._loop.add_reader(self._fd, self._readable)
        else:
            threading.Thread(target=self._block, name=f"exit of {pid}", daemon=True).start()

    def close(self) -> None:
        if self._fd is not None:
            self._loop.remove_reader(self._fd)
            os.close(self._fd)
            self._fd = None

    def look(self) -> bool:
        """Whether it has exited: asks the kernel, which knows before the event loop has come round to it."""
        if self._fd is not None and _has_exited(self._pid):
            self._readable()
        return self.exited.done()

    def _readable(self) -> None:
        self.close()
        self._set(_exit_code(self._pid))

    def _block(self) -> None:
        code = _exit_code(self._pid)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(self._set, code)

    def _set(self, code: int) -> None:
        if not self.exited.done():
            self.exited.set_result(Exited(code, time.monotonic()))


def _pidfd(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


_UNKNOWN = 255  # as asyncio says it: SIGCHLD is ignored in this process, or somebody else reaped our child


def _has_exited(pid: int) -> bool:
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None
    except ChildProcessError:
        return True


def _exit_code(pid: int) -> int:
    """Blocks until the child has exited."""
    try:
        if not hasattr(os, "waitid"):  # macOS before Python 3.13: this reaps, so its number is free a little early
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    except ChildProcessError:
        return _UNKNOWN
    if found is None:
        return _UNKNOWN
    return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status
