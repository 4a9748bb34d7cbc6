"""Whoever kills us, and whenever: nothing that we started is left."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.processes import alive, carriers, eventually
from tpf.process import MARK_VARIABLE

Kill = Callable[[int], None]


class Victim:
    """The running victim; all that it starts, and itself, carries a mark that the test chose."""

    def __init__(self, process: subprocess.Popen[bytes], mark: str) -> None:
        self.pid = process.pid
        self._mark = mark

    def family(self) -> set[int]:
        """It, and all that descends from it, but for the reaper."""
        return carriers(MARK_VARIABLE, self._mark)

    def reapers(self) -> set[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return {int(pid) for pid in children if b"reaper.py" in Path(f"/proc/{pid}/cmdline").read_bytes()}


@contextmanager
def running(environment: dict[str, str], checkout: Path, folder: Path, elf: Path) -> Iterator[Victim]:
    mark = f"{secrets.token_hex(8)}:"
    command = [sys.executable, "-m", "tests.fakes.victim", str(folder), str(elf)]
    process = subprocess.Popen(
        command, cwd=checkout, env={**environment, MARK_VARIABLE: mark}, start_new_session=True, stderr=subprocess.PIPE
    )
    victim = Victim(process, mark)
    try:
        yield victim
    finally:
        process.kill()
        process.communicate()
        for pid in victim.family():
            os.kill(pid, signal.SIGKILL)


def only_it(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def its_group(pid: int) -> None:
    os.killpg(pid, signal.SIGKILL)


@pytest.fixture
def elf(builds: Callable[[str], Path]) -> Path:
    return builds("riscv32-virt")


@pytest.mark.parametrize("kill", [only_it, its_group])
@pytest.mark.parametrize("moment", [2, 3, 5, 8, 12])
def test_nothing_is_left_when_we_are_killed(
    environment: dict[str, str], checkout: Path, tmp_path: Path, elf: Path, kill: Kill, moment: int
) -> None:
    """`moment` is the number of processes that there are when it happens."""
    with running(environment, checkout, tmp_path, elf) as victim:
        assert eventually(lambda: len(victim.family()) >= moment)
        kill(victim.pid)
        assert eventually(lambda: not victim.family()), {
            pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in victim.family()
        }


@pytest.mark.parametrize("kill", [only_it, its_group])
def test_nothing_is_left_where_there_is_no_death_signal(
    environment: dict[str, str], checkout: Path, tmp_path: Path, elf: Path, kill: Kill
) -> None:
    """As on systems without util-linux's setpriv: then the reaper is alone."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "sleep", "setsid", "qemu-system-riscv32"):
        (programs / name).symlink_to(str(shutil.which(name)))
    with running({**environment, "PATH": str(programs)}, checkout, tmp_path, elf) as victim:
        assert eventually(lambda: len(victim.family()) >= 8)
        kill(victim.pid)
        assert eventually(lambda: not victim.family())


def test_the_reaper_itself_goes_when_its_work_is_done(
    environment: dict[str, str], checkout: Path, tmp_path: Path, elf: Path
) -> None:
    with running(environment, checkout, tmp_path, elf) as victim:
        assert eventually(lambda: len(victim.family()) >= 3 and bool(victim.reapers()))
        (reaper,) = victim.reapers()
        its_group(victim.pid)
        assert eventually(lambda: not alive(reaper))
        assert not victim.family()


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs util-linux's setpriv")
def test_direct_children_die_even_without_the_reaper(
    environment: dict[str, str], checkout: Path, tmp_path: Path, elf: Path
) -> None:
    with running(environment, checkout, tmp_path, elf) as victim:
        assert eventually(lambda: bool(emulators(victim)) and bool(victim.reapers()))
        os.kill(victim.pid, signal.SIGSTOP)  # or it would start another reaper
        assert eventually(lambda: not starting(victim))
        for reaper in victim.reapers():
            os.kill(reaper, signal.SIGKILL)
        its_group(victim.pid)
        assert eventually(lambda: not emulators(victim))


def emulators(victim: Victim) -> set[int]:
    return {pid for pid in victim.family() if b"qemu-system" in command_of(pid)}


def starting(victim: Victim) -> set[int]:
    """Children that are not yet what they will be: they have still to ask for the death signal."""
    beginnings = (b"python", b"setpriv")
    programs = {pid: Path(os.fsdecode(command_of(pid).partition(b"\0")[0])).name for pid in victim.family()}
    return {pid for pid, name in programs.items() if name.encode().startswith(beginnings) and pid != victim.pid}


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_that_ask_leave_nothing_either(
    environment: dict[str, str], checkout: Path, tmp_path: Path, elf: Path, number: signal.Signals
) -> None:
    """SIGINT ends the victim in order, by asyncio; it handles no SIGTERM, so that is as sudden as a kill."""
    with running(environment, checkout, tmp_path, elf) as victim:
        assert eventually(lambda: len(victim.family()) >= 5)
        os.kill(victim.pid, number)
        assert eventually(lambda: not victim.family())
