"""The reaper: a sidecar that kills what a run started when the run itself was killed.

It runs as `python -I -S reaper.py MARK LEDGER`, in a session of its own, so that neither Ctrl-C nor a kill of our
process group reaches it. It sleeps until its standard input ends: that is when we end, if only by SIGKILL. Then it
reads the ledger, a file descriptor that it shares with us, in which we have noted each process group, a line each:

    +4711        this group is one of ours
    -4711        it is no more
    bye          the run ended in order: nothing to do

A file and not the pipe itself, because a line in the pipe would wake the reaper each time, in our way (measured: 0.7 ms
for a line; a note costs 3 us).

Without a `bye` it kills the groups that are left, and every process whose environment carries the run's mark: those
that left their group to live on (Jenkins finds its orphans the same way). A process that did both, left its group and
cleaned its environment, escapes: only a container holds those.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

MARK_VARIABLE = "TESTARENA_RUN_MARK"
MARK_DIGITS = 32
_ASSIGNMENT = f"\0{MARK_VARIABLE}=".encode()
_IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE)
_MOST_SEARCHES = 100  # in a row; who forks faster than that is for the next time
_PERIOD = 0.05  # seconds between two searches
_LONGEST = 10.0  # seconds: what can't be killed in this time hangs in the kernel
_MOST_LOOKS = 100  # at one process
_MOMENT = 0.001  # seconds between two looks
_ENVIRONMENT = 1 << 15  # bytes; most are smaller, and read at once


def checked(mark: bytes) -> bytes:
    """The mark, if it is long and random enough to stand in no environment by accident: what follows is SIGKILL."""
    token = mark.partition(b".")[0]
    if len(token) != MARK_DIGITS or not set(token) <= set(b"0123456789abcdef"):
        raise ValueError(f"not a mark: {mark!r}")
    return mark


def marked(mark: bytes) -> Iterator[int]:
    """The processes whose environment carries the mark. None where there is no /proc: there the groups must do."""
    checked(mark)
    try:
        with os.scandir("/proc") as entries:
            numbers = [int(entry.name) for entry in entries if entry.name.isdigit()]
    except OSError:
        return
    for pid in numbers:
        if pid > 1 and pid != os.getpid() and mark in _mark_of(_environment_of(pid)):
            yield pid


def _mark_of(environment: bytes) -> bytes:
    """The value of the mark's variable, and nothing else."""
    return (b"\0" + environment).partition(_ASSIGNMENT)[2].partition(b"\0")[0]


def _environment_of(pid: int) -> bytes:
    """Empty for who is gone, or is another user's. While a process starts another program in its place, its environment
    and its arguments seem empty for a moment: it is looked at again, or it would escape us."""
    for _ in range(_MOST_LOOKS):
        data = _read(f"/proc/{pid}/environ")
        if data or not _has_program(pid):
            return data
        if _read(f"/proc/{pid}/cmdline"):
            return _read(f"/proc/{pid}/environ")
        select.select([], [], [], _MOMENT)
    return b""


def _has_program(pid: int) -> bool:
    """Neither gone, nor a zombie, nor a thread of the kernel."""
    return os.access(f"/proc/{pid}/exe", os.F_OK)


def _read(path: str) -> bytes:
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return b""  # gone, or another user's
    try:
        data = os.read(file, _ENVIRONMENT)
        while len(data) % _ENVIRONMENT == 0 and (more := os.read(file, _ENVIRONMENT)):
            data += more
        return data
    except OSError:
        return b""
    finally:
        os.close(file)


def kill_marked(mark: bytes) -> int:
    """Kill every process that carries the mark, also those that are born meanwhile; returns how many there were."""
    killed: set[int] = set()
    for _ in range(_MOST_SEARCHES):
        fresh = set(marked(mark)) - killed
        for pid in fresh:
            _send_kill(pid)
        killed |= fresh
        if not fresh:
            break
    return len(killed)


def _send_kill(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def checked_group(group: int) -> int:
    """A group that can be one of ours: 0 would be the reaper's own, and 1 everybody."""
    if group <= 1:
        raise ValueError(f"not a group of ours: {group}")
    return group


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(checked_group(group), signal.SIGKILL)


def groups_left(ledger: bytes) -> set[int] | None:
    """The groups that are still there, or None when the run ended in order. A torn last line counts for nothing."""
    groups: set[int] = set()
    for line in ledger.split(b"\n")[:-1]:
        if line == b"bye":
            return None
        if line[:1] == b"+":
            groups.add(checked_group(int(line[1:])))
        else:
            groups.discard(int(line[1:]))
    return groups


def wait_for_end(lifeline: int) -> None:
    """Until the other end of the pipe is closed: nothing is ever written to it."""
    while os.read(lifeline, 1):
        pass


def read_all(file: int) -> bytes:
    """From its beginning: where we write in it is not the reaper's concern."""
    data = b""
    while more := os.pread(file, 1 << 16, len(data)):
        data += more
    return data


def clean_up(groups: set[int], mark: bytes) -> None:
    """Kill the groups, then the marked ones, until two searches in a row find none.

    One is not enough: a process that was being started when we died shows its environment only a moment later.
    """
    for group in groups:
        _kill_group(group)
    deadline = time.monotonic() + _LONGEST
    clean = 0
    while clean < 2 and time.monotonic() < deadline:
        clean = 0 if kill_marked(mark) else clean + 1
        select.select([], [], [], _PERIOD)


def main() -> None:
    """The sidecar's life."""
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    mark, ledger = checked(sys.argv[1].encode()), int(sys.argv[2])
    wait_for_end(0)
    groups = groups_left(read_all(ledger))
    if groups is not None:
        clean_up(groups, mark)
    os._exit(0)


if __name__ == "__main__":
    main()
