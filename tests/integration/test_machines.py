"""Machines with the real thing behind them: the demo firmware in real emulators, and real programs of the host."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.machines import Ear, request
from tests.support.processes import alive, eventually, numbers
from tpf.errors import EnvironmentLacks, MachineError, UsageError
from tpf.machines import KINDS
from tpf.machines.base import CanReset, Exit, HasPorts, Machine
from tpf.process import Processes
from tpf.scenario.model import Forward

PROMPT = b"demo> "
TARGETS = ("riscv32-virt", "xtensa-lx60")
EVERY_BYTE = bytes(range(256))
Story = Callable[[Machine, Ear], Awaitable[Any]]


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Bench:
    """Boots devices and lets a story happen on them."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._environment = environment
        self.folder = folder

    def tell(self, story: Story, **wishes: Any) -> Any:
        async def main() -> Any:
            async with Processes(self._environment) as processes:
                asked = request(processes, folder=self.folder / "boot-1", checkout=self.folder, **wishes)
                ear = Ear()
                async with asyncio.timeout(90), KINDS[asked.spec.kind].boot(asked, ear) as machine:
                    result = await story(machine, ear)
                assert machine.pid is None or not alive(machine.pid)
                return result

        return asyncio.run(main())


@pytest.fixture
def bench(environment: dict[str, str], tmp_path: Path) -> Bench:
    return Bench(environment, tmp_path)


# ---- qemu


def test_a_board_boots_and_answers(bench: Bench, builds: Callable[[str], Path], target: str) -> None:
    async def story(machine: Machine, ear: Ear) -> bytes:
        boot = await ear.until(PROMPT)
        assert machine.pid is not None
        assert alive(machine.pid)
        assert machine.command[0].startswith("qemu-system-")
        await machine.send(b"ping\r")
        await ear.until(b"pong")
        return boot

    assert b"rst:0x1 (POWERON)" in bench.tell(story, target=target, elf=builds(target))


def test_each_byte_comes_as_it_was_sent(bench: Bench, builds: Callable[[str], Path], target: str) -> None:
    async def story(machine: Machine, ear: Ear) -> bytes:
        await ear.until(PROMPT)
        await machine.send(b"binary\r")
        await ear.until(b"binary: begin\r\n")
        return await ear.until(b"binary: end")

    assert EVERY_BYTE in bench.tell(story, target=target, elf=builds(target))


def test_a_reset_keeps_memory_and_a_fresh_boot_does_not(
    bench: Bench, builds: Callable[[str], Path], target: str
) -> None:
    async def story(machine: Machine, ear: Ear) -> bytes:
        assert isinstance(machine, CanReset)
        pid = machine.pid
        for _ in range(2):
            await ear.until(PROMPT)
            await machine.reset()
        await ear.until(PROMPT)
        assert machine.pid == pid
        await machine.send(b"count\r")
        return await ear.until(PROMPT)

    for _ in range(2):
        assert b"count: 3" in bench.tell(story, target=target, elf=builds(target))


def test_what_is_typed_right_after_a_reset_is_heard(bench: Bench, builds: Callable[[str], Path], target: str) -> None:
    """It comes before the firmware waits for input, with the interrupts as the reset found them."""

    async def story(machine: Machine, ear: Ear) -> bytes:
        assert isinstance(machine, CanReset)
        await ear.until(PROMPT)
        await machine.send(b"ping\r")
        await ear.until(PROMPT)
        await machine.reset()
        await machine.send(b"ping again\r")
        return await ear.until(b"pong again")

    assert b"task_wdt" not in bench.tell(story, target=target, elf=builds(target))


def test_a_flood_loses_nothing(bench: Bench, builds: Callable[[str], Path]) -> None:
    async def story(machine: Machine, ear: Ear) -> bytes:
        await ear.until(PROMPT)
        await machine.send(b"flood 5000\r")
        return await ear.until(b"flood: 5000 lines")

    text = bench.tell(story, target="riscv32-virt", elf=builds("riscv32-virt"))
    lines = [line.split()[1] for line in text.decode().splitlines() if line.startswith("line ")]
    assert lines == [str(number) for number in range(1, 5001)]


def test_a_device_that_is_flooding_is_stopped_at_once(bench: Bench, builds: Callable[[str], Path]) -> None:
    """An emulator that is stuck in writing to us would not hear SIGTERM."""

    async def story(machine: Machine, ear: Ear) -> int | None:
        await ear.until(PROMPT)
        await machine.send(b"flood 1000000\r")
        await ear.until(b"line 100")
        return machine.pid

    pid = bench.tell(story, target="riscv32-virt", elf=builds("riscv32-virt"))
    assert not alive(pid)


def test_a_device_switches_itself_off(bench: Bench, builds: Callable[[str], Path]) -> None:
    async def story(machine: Machine, ear: Ear) -> Exit:
        await ear.until(PROMPT)
        await machine.send(b"poweroff\r")
        ended = await ear.end()
        with pytest.raises(MachineError, match="the device is gone: the device switched itself off"):
            await machine.send(b"ping\r")
        return ended

    ended = bench.tell(story, target="riscv32-virt", elf=builds("riscv32-virt"))
    assert (ended.code, ended.detail, ended.fault) == (0, "the device switched itself off", None)


def test_a_killed_emulator_is_the_machines_fault(bench: Bench, builds: Callable[[str], Path]) -> None:
    async def story(machine: Machine, ear: Ear) -> Exit:
        await ear.until(PROMPT)
        assert machine.pid is not None
        os.kill(machine.pid, signal.SIGSEGV)
        return await ear.end()

    ended = bench.tell(story, target="riscv32-virt", elf=builds("riscv32-virt"))
    assert ended.code == -signal.SIGSEGV
    assert isinstance(ended.fault, MachineError)
    assert str(ended.fault).startswith("QEMU ended: killed by SIGSEGV")


def test_forwarded_ports_are_free_ones(bench: Bench, builds: Callable[[str], Path], target: str) -> None:
    async def story(machine: Machine, ear: Ear) -> dict[str, str]:
        assert isinstance(machine, HasPorts)
        await ear.until(PROMPT)
        found = await machine.forwarded()
        for address in found.values():
            host, port = address.split(":")
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            await writer.wait_closed()
        return found

    forwards = (Forward(name="web", guest=80), Forward(name="tls", guest=443))
    found = bench.tell(story, target=target, elf=builds(target), forwards=forwards)
    assert set(found) == {"web", "tls"}
    assert len(set(found.values())) == 2


def test_many_boards_side_by_side(environment: dict[str, str], builds: Callable[[str], Path], tmp_path: Path) -> None:
    elf = builds("riscv32-virt")

    async def one(processes: Processes, number: int) -> bytes:
        ear = Ear()
        asked = request(
            processes,
            target="riscv32-virt",
            elf=elf,
            folder=tmp_path / str(number),
            checkout=tmp_path,
            forwards=(Forward(name="web", guest=80),),
        )
        async with KINDS["qemu"].boot(asked, ear) as machine:
            assert isinstance(machine, HasPorts)
            (address,) = (await machine.forwarded()).values()
            await ear.until(PROMPT)
            await machine.send(f"echo I am {number}\r".encode())
            await ear.until(f"I am {number}\r\n".encode())
            return address.encode()

    async def main() -> list[bytes]:
        async with Processes(environment) as processes:
            return await asyncio.gather(*(one(processes, number) for number in range(6)))

    assert len(set(asyncio.run(main()))) == 6


@pytest.mark.parametrize(
    "wishes, kind, message",
    [
        ({"board": "esp32c3"}, EnvironmentLacks, "has no board 'esp32c3' (it is QEMU emulator version"),
        ({"board": "esp32c3"}, EnvironmentLacks, "idf_tools.py install qemu-riscv32"),
        ({"cpu": "z80"}, MachineError, "QEMU ended: exit status 1: unable to find CPU model 'z80'"),
        ({"args": ("-bogus",)}, MachineError, "-bogus: invalid option"),
    ],
)
def test_an_emulator_that_can_not_says_why(
    bench: Bench, builds: Callable[[str], Path], wishes: dict[str, Any], kind: type[Exception], message: str
) -> None:
    async def story(machine: Machine, ear: Ear) -> Exit:
        ended = await ear.end()
        assert ended.fault is not None
        with pytest.raises(kind):
            await machine.send(b"anybody there?\r")
        return ended

    ended = bench.tell(story, target="riscv32-virt", elf=builds("riscv32-virt"), **wishes)
    assert type(ended.fault) is kind
    assert message in str(ended.fault)


def test_what_the_emulator_says_is_kept_apart(bench: Bench, builds: Callable[[str], Path]) -> None:
    async def story(machine: Machine, ear: Ear) -> tuple[bytes, Exit]:
        console = await ear.until(PROMPT)
        assert machine.pid is not None
        os.kill(machine.pid, signal.SIGABRT)
        return console, await ear.end()

    noise = ("-global", "driver=no.such.device,property=a,value=b")
    console, ended = bench.tell(story, target="riscv32-virt", elf=builds("riscv32-virt"), args=noise)
    assert b"no.such.device" not in console
    assert "no.such.device" in ended.detail


def test_a_missing_kernel_is_told_before_the_start(bench: Bench) -> None:
    async def story(machine: Machine, ear: Ear) -> None:
        raise AssertionError("it must not boot")

    with pytest.raises(UsageError, match=r"none\.elf: there is no such image"):
        bench.tell(story, target="riscv32-virt", elf=bench.folder / "none.elf")


def test_a_missing_library_names_its_package(bench: Bench, builds: Callable[[str], Path]) -> None:
    """As the dynamic loader says it; the emulator here is a script that ends like it."""
    emulator = bench.folder / "qemu-system-riscv32"
    loader = "error while loading shared libraries: libpixman-1.so.0: cannot open shared object file: No such file"
    emulator.write_text(f'#!/bin/sh\necho "$0: {loader}" >&2\nexit 127\n')
    emulator.chmod(0o755)

    async def story(machine: Machine, ear: Ear) -> Exit:
        return await ear.end()

    wishes = {"target": "riscv32-virt", "emulator": "./qemu-system-riscv32"}
    ended = bench.tell(story, elf=builds("riscv32-virt"), **wishes)
    assert isinstance(ended.fault, EnvironmentLacks)
    assert "apt install libpixman-1-0" in str(ended.fault)


# ---- command


@pytest.mark.parametrize("pty", [False, True])
def test_a_program_is_a_device(bench: Bench, pty: bool) -> None:
    async def story(machine: Machine, ear: Ear) -> Exit:
        await machine.send(b"hello\n")
        await ear.until(b"got hello")
        await ear.until(b"oops")
        return await ear.end()

    script = "read x; echo got $x; echo oops >&2; exit 4"
    ended = bench.tell(story, kind="command", command=("sh", "-c", script), pty=pty)
    assert (ended.code, ended.detail, ended.fault) == (4, "exit status 4", None)


@pytest.mark.parametrize("pty", [False, True])
def test_each_byte_passes_both_ways(bench: Bench, pty: bool) -> None:
    async def story(machine: Machine, ear: Ear) -> bytes:
        await ear.until(b"ready\n")
        await machine.send(EVERY_BYTE + b"<end>")
        return await ear.until(b"<end>")

    assert (
        bench.tell(story, kind="command", command=("sh", "-c", "echo ready; exec cat"), pty=pty)
        == EVERY_BYTE + b"<end>"
    )


@pytest.mark.parametrize("pty, tty", [(False, b"no tty"), (True, b"a tty")])
def test_a_terminal_only_when_asked_for(bench: Bench, pty: bool, tty: bytes) -> None:
    async def story(machine: Machine, ear: Ear) -> None:
        await ear.until(tty)

    script = "test -t 0 -a -t 1 && echo a tty || echo no tty; read x"
    bench.tell(story, kind="command", command=("sh", "-c", script), pty=pty)


@pytest.mark.parametrize("pty", [False, True])
def test_a_reset_starts_the_program_again(bench: Bench, pty: bool) -> None:
    async def story(machine: Machine, ear: Ear) -> None:
        assert isinstance(machine, CanReset)
        await ear.until(b"boot 1\n")
        first = machine.pid
        await machine.reset()
        await ear.until(b"boot 2\n")
        assert machine.pid != first
        assert first is not None
        assert not alive(first)
        assert ear.exit is None

    script = "echo x >> boots; echo boot $(wc -l < boots); read x"
    bench.tell(story, kind="command", command=("sh", "-c", script), pty=pty)


def test_a_signal_ends_it(bench: Bench) -> None:
    async def story(machine: Machine, ear: Ear) -> Exit:
        return await ear.end()

    ended = bench.tell(story, kind="command", command=("sh", "-c", "kill -ABRT $$"))
    assert (ended.code, ended.detail) == (-signal.SIGABRT, "killed by SIGABRT")


def test_the_last_words_come_before_the_end(bench: Bench) -> None:
    async def story(machine: Machine, ear: Ear) -> int:
        await ear.end()
        return len(ear.heard)

    script = "head -c 3000000 /dev/zero"
    assert bench.tell(story, kind="command", command=("sh", "-c", script)) == 3_000_000


def test_what_a_device_started_ends_with_it(bench: Bench) -> None:
    async def story(machine: Machine, ear: Ear) -> None:
        await ear.until(b"ready")

    pids = bench.folder / "pids"
    script = f"trap '' TERM; sleep 600 & echo $! >> {pids}; setsid sleep 600 & echo $! >> {pids}; echo ready; wait"
    bench.tell(story, kind="command", command=("sh", "-c", script))
    assert eventually(lambda: not [pid for pid in numbers(pids, 2) if alive(pid)])


def test_a_program_that_is_not_there(bench: Bench) -> None:
    async def story(machine: Machine, ear: Ear) -> None:
        raise AssertionError("it must not boot")

    with pytest.raises(EnvironmentLacks, match=r"program not found: \./simulator"):
        bench.tell(story, kind="command", command=("./simulator",))
