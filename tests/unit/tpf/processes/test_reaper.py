"""The reaper kills what is ours, and nothing else."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.processes import alive, eventually
from tpf.processes import reaper


@contextmanager
def sleeping(mark: str | None, environment: dict[str, str], **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own, with a mark or without."""
    marked = {reaper.MARK_VARIABLE: mark} if mark is not None else {}
    started = subprocess.Popen(["sleep", "600"], env={**environment, **marked, **more}, start_new_session=True)
    try:
        assert eventually(lambda: b"sleep" in Path(f"/proc/{started.pid}/cmdline").read_bytes())
        yield started
    finally:
        started.kill()
        started.wait()


class Sidecar:
    """A running reaper, its ledger and its lifeline."""

    def __init__(self, mark: str, environment: dict[str, str]) -> None:
        self.ledger = os.memfd_create("ledger")
        command = [sys.executable, "-I", "-S", reaper.__file__, mark, str(self.ledger)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, pass_fds=[self.ledger]
        )

    def note(self, lines: str) -> None:
        os.write(self.ledger, lines.encode())

    def end(self) -> tuple[int, bytes]:
        """Cut the lifeline; returns its exit status and errors."""
        errors = self.process.communicate(timeout=30)[1]
        return self.process.returncode, errors


@contextmanager
def running(mark: str, environment: dict[str, str]) -> Iterator[Sidecar]:
    sidecar = Sidecar(mark, environment)
    try:
        yield sidecar
    finally:
        sidecar.process.kill()
        sidecar.process.communicate()
        os.close(sidecar.ledger)


def token() -> str:
    return secrets.token_hex(reaper.MARK_DIGITS // 2)


@pytest.mark.parametrize("mark", ["", "x", ".", "1:", "a" * 31, "a" * 33, "g" * 32, "A" * 32, "x." + "a" * 32])
def test_a_mark_that_could_be_anybodys_is_refused(mark: str, environment: dict[str, str]) -> None:
    """Asked where nothing is killed: were it broken, this test must not be what shows it."""
    with pytest.raises(ValueError, match="not a mark"):
        reaper.checked(mark.encode())
    with running(mark, environment) as sidecar:
        sidecar.note("bye\n")
        code, errors = sidecar.end()
        assert code != 0
        assert b"not a mark" in errors


def test_only_those_with_the_mark_are_found(environment: dict[str, str]) -> None:
    mine, others = token(), token()
    with (
        sleeping(f"{mine}.1:", environment) as one,
        sleeping(f"outer.9:{mine}.12:", environment) as two,
        sleeping(f"{others}.1:", environment),
        sleeping(None, environment, OTHER_VARIABLE=mine, TESTARENA_RUN_MARK2=mine),
    ):
        assert set(reaper.marked(mine.encode())) == {one.pid, two.pid}
        assert set(reaper.marked(f"{mine}.1:".encode())) == {one.pid}


def test_a_large_environment_is_read_to_its_end(environment: dict[str, str]) -> None:
    mine = token()
    padding = {f"PADDING_{number}": "x" * 30_000 for number in range(8)}
    with sleeping(None, environment, **padding, TESTARENA_RUN_MARK=mine) as started:
        assert set(reaper.marked(mine.encode())) == {started.pid}


def test_who_starts_another_program_in_its_place_is_found_all_the_time(environment: dict[str, str]) -> None:
    """Over and over: in the midst of it, it seems to have no environment."""
    mine = token()
    script = ["sh", "-c", 'exec sh -c "$0" "$0"', 'exec sh -c "$0" "$0"']
    marked = {**environment, reaper.MARK_VARIABLE: mine}
    with subprocess.Popen(script, env=marked, start_new_session=True) as restless:
        try:
            found = [set(reaper.marked(mine.encode())) for _ in range(300)]
        finally:
            restless.kill()
    assert found == [{restless.pid}] * 300


def test_kill_marked_kills_those_and_no_others(environment: dict[str, str]) -> None:
    mine = token()
    with sleeping(f"{mine}.1:", environment) as one, sleeping(f"{token()}.1:", environment) as other:
        assert reaper.kill_marked(mine.encode()) == 1
        assert one.wait() == -signal.SIGKILL
        assert alive(other.pid)


def test_the_end_of_its_input_kills_groups_and_marked(environment: dict[str, str]) -> None:
    mine = token()
    with (
        running(mine, environment) as sidecar,
        sleeping(None, environment) as grouped,
        sleeping(None, environment) as forgotten,
        sleeping(f"{mine}.1:", environment) as marked,
    ):
        sidecar.note(f"+{grouped.pid}\n+{forgotten.pid}\n-{forgotten.pid}\n")
        assert sidecar.end() == (0, b"")
        assert grouped.wait() == -signal.SIGKILL
        assert marked.wait() == -signal.SIGKILL
        assert alive(forgotten.pid)


def test_a_run_that_ends_in_order_is_left_alone(environment: dict[str, str]) -> None:
    mine = token()
    with running(mine, environment) as sidecar, sleeping(f"{mine}.1:", environment) as one:
        sidecar.note(f"+{one.pid}\nbye\n")
        assert sidecar.end() == (0, b"")
        assert alive(one.pid)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_outlives_the_signals_that_end_a_run(environment: dict[str, str], number: signal.Signals) -> None:
    mine = token()
    with running(mine, environment) as sidecar, sleeping(None, environment) as one:
        assert eventually(lambda: ignores(sidecar.process.pid, number))
        sidecar.process.send_signal(number)
        sidecar.note(f"+{one.pid}\n")
        assert sidecar.end() == (0, b"")
        assert one.wait() == -signal.SIGKILL


def ignores(pid: int, number: signal.Signals) -> bool:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    mask = next(int(line.split()[1], 16) for line in lines if line.startswith("SigIgn:"))
    return bool(mask >> (number - 1) & 1)


@pytest.mark.parametrize(
    "ledger, left",
    [
        (b"", set()),
        (b"+12\n+34\n-12\n", {34}),
        (b"+12\n-12\n+12\n", {12}),
        (b"+12\n+3", {12}),  # it was being written when we died
        (b"-7\n", set()),
        (b"+12\nbye\n", None),
        (b"+12\nby", {12}),
    ],
)
def test_the_ledger(ledger: bytes, left: set[int] | None) -> None:
    assert reaper.groups_left(ledger) == left


@pytest.mark.parametrize("line", [b"+0\n", b"+1\n", b"+-1\n"])
def test_a_group_that_would_be_everybody_is_refused(line: bytes) -> None:
    """Asked of the part that kills nobody: were it broken, this test must not be what shows it."""
    with pytest.raises(ValueError, match="not a group of ours"):
        reaper.groups_left(line)


def test_a_long_ledger_is_read_to_its_end() -> None:
    file = os.memfd_create("ledger")
    text = b"".join(b"+%d\n" % number for number in range(100, 50_000))
    os.write(file, text)
    assert reaper.read_all(file) == text
    os.close(file)
