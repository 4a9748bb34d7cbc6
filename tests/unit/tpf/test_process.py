"""Real programs, started, stopped, and never left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.processes import alive, carriers, eventually, numbers, soon
from tpf.errors import EnvironmentLacks, UsageError
from tpf.process import MARK_VARIABLE, Child, Outcome, Patience, Processes, Request, run_once

QUICK = Patience(terminate=0.2, kill=5.0)
LONG = 60.0


def sh(script: str, *arguments: object) -> Request:
    return Request(argv=("sh", "-c", script, "sh", *(str(argument) for argument in arguments)), patience=QUICK)


def run(environment: dict[str, str], work: Callable[[Processes], Awaitable[Outcome]]) -> Outcome:
    async def main() -> Outcome:
        async with Processes(environment) as processes:
            return await work(processes)

    return asyncio.run(main())


def once(environment: dict[str, str], request: Request, timeout: float = LONG) -> Outcome:
    return run(environment, lambda processes: run_once(processes, request, timeout=timeout))


@pytest.mark.parametrize(
    "script, code, number, text",
    [
        ("exit 0", 0, None, "exit status 0"),
        ("exit 3", 3, None, "exit status 3"),
        ("kill -SEGV $$", None, signal.SIGSEGV, "killed by SIGSEGV"),
    ],
)
def test_an_outcome_tells_how_it_ended(
    environment: dict[str, str], script: str, code: int | None, number: int | None, text: str
) -> None:
    outcome = once(environment, sh(script))
    assert (outcome.code, outcome.signal, str(outcome), outcome.timed_out) == (code, number, text, False)
    assert outcome.ok == (code == 0)
    assert outcome.seconds > 0


def test_output_and_errors_come_in_order_and_the_last_of_it_is_kept(environment: dict[str, str]) -> None:
    pieces: list[bytes] = []

    async def work(processes: Processes) -> Outcome:
        request = sh("echo one; echo two >&2; echo three")
        return await run_once(processes, request, timeout=LONG, on_output=pieces.append, keep=10)

    outcome = run(environment, work)
    assert b"".join(pieces) == b"one\ntwo\nthree\n"
    assert outcome.output == b"two\nthree\n"


def test_a_program_never_reads_our_standard_input(environment: dict[str, str]) -> None:
    assert once(environment, sh("cat; echo done")).output == b"done\n"


def test_folder_and_environment(environment: dict[str, str], tmp_path: Path) -> None:
    request = replace(sh('echo "$PWD $COLOUR $SHAPE"'), cwd=tmp_path, environment=(("COLOUR", "red"),))
    outcome = once({**environment, "COLOUR": "blue", "SHAPE": "round"}, request)
    assert outcome.output.decode() == f"{tmp_path} red round\n"


def test_a_program_of_the_folder_is_found(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "here").write_text("#!/bin/sh\necho found $0\n")
    (tmp_path / "here").chmod(0o755)
    outcome = once(environment, Request(argv=("./here",), cwd=tmp_path))
    assert outcome.output.decode() == f"found {tmp_path / 'here'}\n"


def test_time_is_up(environment: dict[str, str], tmp_path: Path) -> None:
    """Nothing of the group survives, whatever it thinks of SIGTERM."""
    pids = tmp_path / "pids"
    script = "trap '' TERM; (trap '' TERM; echo $$ >> $1; sleep 600) & echo $! >> $1; echo hello; wait"
    outcome = once(environment, sh(script, pids), timeout=1.0)
    assert outcome.timed_out
    assert not outcome.ok
    assert outcome.output == b"hello\n"
    assert str(outcome).startswith("stopped after ")
    assert eventually(lambda: not [pid for pid in numbers(pids, 2) if alive(pid)])


@pytest.mark.parametrize("background", ["sleep 600 &", "setsid sleep 600 &"])
def test_what_a_command_leaves_in_the_background_ends_with_it(
    environment: dict[str, str], tmp_path: Path, background: str
) -> None:
    async def work(processes: Processes) -> Outcome:
        outcome = await run_once(processes, sh(f"{background} echo $! > $1; echo over", tmp_path / "pid"), timeout=LONG)
        assert await soon(lambda: not alive(numbers(tmp_path / "pid", 1)[0]))
        return outcome

    outcome = run(environment, work)
    assert outcome.ok
    assert outcome.output == b"over\n"


def test_what_still_comes_after_the_end_is_heard(environment: dict[str, str]) -> None:
    """As with `exec > >(tee log)`: the last words come from a child, after the command itself has ended."""
    assert once(environment, sh("(sleep 0.1; echo last words) & exit 0")).output == b"last words\n"


@pytest.mark.parametrize(
    "trap, patience, text",
    [
        ("trap 'exit 5' INT", Patience(interrupt=LONG, terminate=0, kill=0), "exit status 5"),
        ("trap 'exit 6' TERM", Patience(terminate=LONG, kill=0), "exit status 6"),
        ("trap '' INT; trap 'exit 6' TERM", Patience(interrupt=0.1, terminate=LONG), "exit status 6"),
        ("trap '' INT TERM", Patience(interrupt=0.1, terminate=0.1, kill=LONG), "killed by SIGKILL"),
    ],
)
def test_a_program_is_stopped_in_three_levels(
    environment: dict[str, str], tmp_path: Path, trap: str, patience: Patience, text: str
) -> None:
    async def work(processes: Processes) -> Outcome:
        script = f"{trap}; echo $$ > $1; while :; do sleep 0.01; done"
        child = processes.start(replace(sh(script, tmp_path / "ready"), patience=patience))
        numbers(tmp_path / "ready", 1)
        return await child.stop()

    outcome = run(environment, work)
    assert str(outcome) == text


def test_leaving_the_context_ends_the_group_though_its_leader_has_gone(
    environment: dict[str, str], tmp_path: Path
) -> None:
    async def work(processes: Processes) -> Outcome:
        async with processes.start(sh("sleep 600 & echo $! > $1", tmp_path / "pid")) as child:
            outcome = await child.wait()
            (left,) = numbers(tmp_path / "pid", 1)
            assert alive(left)
        assert await soon(lambda: not alive(left))
        return outcome

    assert run(environment, work).ok


def test_a_cancelled_stop_kills_at_once(environment: dict[str, str], tmp_path: Path) -> None:
    async def work(processes: Processes) -> Outcome:
        stubborn = replace(
            sh("trap '' TERM; echo $$ > $1; while :; do sleep 0.01; done", tmp_path / "pid"),
            patience=Patience(terminate=LONG),
        )
        child = processes.start(stubborn)
        (pid,) = numbers(tmp_path / "pid", 1)
        stopping = asyncio.ensure_future(child.stop())
        await asyncio.sleep(0)
        stopping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stopping
        outcome = await child.wait()
        assert not alive(pid)
        return outcome

    assert str(run(environment, work)) == "killed by SIGKILL"


def test_the_end_of_a_run_stops_all_that_is_left(environment: dict[str, str], tmp_path: Path) -> None:
    started: list[Child] = []

    async def main() -> None:
        async with Processes(environment) as processes:
            request = sh("setsid sleep 600 & echo $! >> $1; sleep 600", tmp_path / "pids")
            started.extend(processes.start(request) for _ in range(3))
            numbers(tmp_path / "pids", 3)

    asyncio.run(main())
    assert not [child for child in started if child.running]
    assert eventually(lambda: not [pid for pid in numbers(tmp_path / "pids", 3) if alive(pid)])


def test_a_run_in_a_run_carries_both_marks(environment: dict[str, str]) -> None:
    outcome = once({**environment, MARK_VARIABLE: "outer"}, sh(f"echo ${MARK_VARIABLE}"))
    assert outcome.output.startswith(b"outer")
    assert len(outcome.output.strip()) > len("outer") + 32


def test_it_works_without_setpriv(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "sh").symlink_to("/bin/sh")
    assert once({**environment, "PATH": str(tmp_path)}, sh("echo fine")).output == b"fine\n"


@pytest.mark.skipif(sys.platform != "linux", reason="the death signal is Linux's")
def test_a_direct_child_dies_with_us_at_once(environment: dict[str, str]) -> None:
    """PR_SET_PDEATHSIG, as the kernel shows it: without waiting for the reaper."""
    probe = "import ctypes; n = ctypes.c_int(); ctypes.CDLL(None).prctl(2, ctypes.byref(n)); print(n.value)"
    outcome = once(environment, Request(argv=(sys.executable, "-c", probe)))
    assert outcome.output.decode() == f"{signal.SIGKILL.value}\n"


def test_each_child_has_a_session_of_its_own(environment: dict[str, str]) -> None:
    probe = "import os; print(os.getpid() == os.getpgid(0) == os.getsid(0))"
    assert once(environment, Request(argv=(sys.executable, "-c", probe))).output == b"True\n"


def test_only_the_wanted_descriptors_are_inherited(environment: dict[str, str]) -> None:
    wanted, other = os.pipe()
    os.set_inheritable(other, True)
    try:
        request = replace(sh("ls /proc/self/fd"), pass_fds=(wanted,))
        lines = once(environment, request).output.decode().split()
    finally:
        os.close(wanted)
        os.close(other)
    assert str(wanted) in lines
    assert str(other) not in lines


def test_a_killed_reaper_is_replaced(environment: dict[str, str]) -> None:
    async def work(processes: Processes) -> Outcome:
        async with processes.start(sh("sleep 600")):
            assert await soon(lambda: len(reapers()) == 1)
            (reaper,) = reapers()
            os.kill(reaper, signal.SIGKILL)
            assert eventually(lambda: not alive(reaper))
            outcome = await run_once(processes, sh("exit 0"), timeout=LONG)
            assert await soon(lambda: len(reapers()) == 1)
            assert reapers() != [reaper]
        return outcome

    assert run(environment, work).ok


def test_the_reaper_leaves_with_the_run(environment: dict[str, str]) -> None:
    assert once(environment, sh("exit 0")).ok
    assert not reapers()


def reapers() -> list[int]:
    """Those of ours that run, and have begun to: a moment after its start a program has no command line yet."""
    return [pid for pid in children_of(os.getpid()) if b"reaper.py" in command_of(pid) and alive(pid)]


def descriptors() -> set[str]:
    return {file.name for file in Path("/proc/self/fd").iterdir()}


def children_of(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        try:
            stat = (folder / "stat").read_text() if folder.name.isdigit() else ""
        except OSError:
            continue
        if stat and int(stat.rpartition(")")[2].split()[1]) == parent:
            found.append(int(folder.name))
    return found


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@pytest.mark.parametrize(
    "argv, message",
    [
        (("qemu-system-riscv32x",), "program not found: qemu-system-riscv32x; install it, or add its folder to PATH"),
        (("./nothing",), r"program not found: \./nothing \(looked for /.*/nothing\)"),
        (("./plain",), r"/.*/plain is not executable; chmod \+x /.*/plain"),
        (("./script",), "/.*/script can't be started: its first line asks for /opt/python9, which is missing"),
        (("",), "'' is not the name of a program"),
    ],
)
def test_what_can_not_be_started_says_why(
    environment: dict[str, str], tmp_path: Path, argv: tuple[str, ...], message: str
) -> None:
    (tmp_path / "plain").write_text("")
    (tmp_path / "script").write_text("#!/opt/python9 -u\n")
    (tmp_path / "script").chmod(0o755)
    with pytest.raises(EnvironmentLacks, match=f"^{message}$"):
        once(environment, Request(argv=argv, cwd=tmp_path))


@pytest.mark.parametrize(
    "argument, why", [("a\0b", "a NUL stands among its arguments"), ("x" * 3_000_000, "Argument list too long")]
)
def test_arguments_that_no_program_can_get_are_the_callers_fault(
    environment: dict[str, str], argument: str, why: str
) -> None:
    with pytest.raises(UsageError, match=f"^sh can't be started: {why}$"):
        once(environment, Request(argv=("sh", argument)))


def test_a_missing_program_of_a_known_package(environment: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(EnvironmentLacks, match="program not found: make; on Debian and Ubuntu: apt install make"):
        once({**environment, "PATH": str(tmp_path)}, Request(argv=("make",)))


def test_a_missing_folder(environment: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder to run true in"):
        once(environment, Request(argv=("true",), cwd=tmp_path / "nowhere"))


def test_a_failed_start_leaves_no_descriptor(environment: dict[str, str]) -> None:
    async def main() -> None:
        async with Processes(environment) as processes:
            await run_once(processes, sh("exit 0"), timeout=LONG)
            before = descriptors()
            for request in (sh("exit 1"), Request(argv=("no-such-program",))):
                with suppress(EnvironmentLacks):
                    await run_once(processes, request, timeout=LONG)
            assert descriptors() == before

    asyncio.run(main())


def test_no_marked_process_is_left_after_all_that(environment: dict[str, str]) -> None:
    marks: list[str] = []

    async def work(processes: Processes) -> Outcome:
        outcome = await run_once(processes, sh(f"setsid sleep 600 & echo ${MARK_VARIABLE}"), timeout=LONG)
        marks.append(outcome.output.decode().partition(".")[0])
        return outcome

    run(environment, work)
    assert eventually(lambda: not carriers(MARK_VARIABLE, marks[0]))
