"""The demo firmware, built by the real compilers and booted in the real emulators, without TestArena in between."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

FIRMWARE = Path(__file__).resolve().parents[2] / "examples" / "firmware" / "console"
PROMPT = b"demo> "
PATIENCE = 30.0  # seconds until a silent device counts as dead


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What is different between the two targets."""

    target: str
    toolchain: str
    emulator: tuple[str, ...]
    faults: tuple[str, str, str]  # what it calls a bad load, a bad store and an illegal instruction


BOARDS = (
    Board(
        target="riscv32-virt",
        toolchain="riscv64-unknown-elf-",
        emulator=("qemu-system-riscv32", "-M", "virt", "-bios", "none"),
        faults=("Load access fault", "Store access fault", "Illegal instruction"),
    ),
    Board(
        target="xtensa-lx60",
        toolchain="xtensa-lx106-elf-",
        emulator=("qemu-system-xtensa", "-M", "lx60-nommu", "-cpu", "lx106"),
        faults=("LoadProhibited", "StoreProhibited", "IllegalInstruction"),
    ),
)


def headlines(board: Board) -> dict[str, str]:
    """A pattern for the first line of each kind of panic."""
    guru = r"Guru Meditation Error: Core  0 panic'ed \({}\)\. Exception was unhandled\."
    load, store, illegal = (guru.format(fault) for fault in board.faults)
    return {
        "null": load,
        "load": load,
        "store": store,
        "illegal": illegal,
        "abort": r"abort\(\) was called at PC 0x[0-9a-f]{8} on core 0",
        "assert": r'assert failed: cmd_crash commands\.c:\d+ \(0 && "asked to"\)',
        "stack": r"\*\*\*ERROR\*\*\* A stack overflow in task main has been detected\.",
        "smash": r"Stack smashing protect failure!",
    }


class Device:
    """A running emulator and our end of its console."""

    def __init__(self, process: subprocess.Popen[bytes], console: socket.socket) -> None:
        self.process = process
        self._console = console
        self._unread = b""

    def until(self, text: bytes) -> str:
        """All output up to and with ``text``."""
        while text not in self._unread:
            received = self._console.recv(65536)
            assert received, f"the console closed before {text!r}; last words: {self._unread!r}"
            self._unread += received
        read, found, self._unread = self._unread.partition(text)
        return (read + found).decode(errors="replace")

    def send(self, line: str, until: bytes = PROMPT) -> str:
        self._console.sendall(line.encode() + b"\r")
        return self.until(until)


def make(target: str, build: Path) -> subprocess.CompletedProcess[str]:
    command = ["make", "-C", str(FIRMWARE), f"TARGET={target}", f"BUILD={build}"]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


@contextmanager
def booted(board: Board, elf: Path) -> Iterator[Device]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(PATIENCE)
        console = ("-chardev", f"socket,id=console,fd={theirs.fileno()}", "-serial", "chardev:console")
        command = [*board.emulator, "-kernel", str(elf), "-display", "none", "-monitor", "none", *console]
        with subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL) as process:
            theirs.close()
            try:
                device = Device(process, ours)
                assert "rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)\r\n" in device.until(PROMPT)
                yield device
            finally:
                process.kill()


@pytest.fixture(scope="module", params=BOARDS, ids=lambda board: board.target)
def board(request: pytest.FixtureRequest) -> Board:
    chosen: Board = request.param
    if shutil.which(f"{chosen.toolchain}gcc") is None:
        pytest.skip(f"{chosen.toolchain}gcc is not installed")
    return chosen


@pytest.fixture(scope="module")
def elf(board: Board, tmp_path_factory: pytest.TempPathFactory) -> Path:
    build = tmp_path_factory.mktemp("build")
    made = make(board.target, build)
    assert made.returncode == 0, made.stderr
    assert "Nothing to be done" in make(board.target, build).stdout
    return build / board.target / "console.elf"


@pytest.fixture
def device(board: Board, elf: Path) -> Iterator[Device]:
    with booted(board, elf) as device:
        yield device


def test_commands_answer(device: Device) -> None:
    assert "\r\npong hello\r\n" in device.send("ping hello")
    assert re.search(r"\r\nfree: \d{6}\r\n", device.send("heap"))
    assert "\r\nslept 20 ms\r\n" in device.send("sleep 20")
    assert "\r\nUnknown command: sned (try help)\r\n" in device.send("sned")
    assert "\r\nUsage: sleep MS\r\n" in device.send("sleep long")
    assert device.send("flood 300 80").count("\r\n") == 302
    assert re.search(r"\x1b\[0;32mI \(\d+\) demo: well\x1b\[0m\r\n", device.send("log I well"))


def test_no_input_is_lost_and_long_lines_are_refused(device: Device) -> None:
    texts = [f"{number:03d} " + "x" * 200 for number in range(20)]
    typed_ahead = ["sleep 50", *(f"echo {text}" for text in texts), "ping end"]
    output = device.send("\r".join(typed_ahead), until=b"\r\npong end\r\n")
    assert [text for text in texts if f"\r\n{text}\r\n" not in output] == []
    device.until(PROMPT)
    assert "\r\nLine too long: at most 255 characters\r\n" in device.send("echo " + "y" * 5000)


def test_the_boot_counter_outlives_a_restart(device: Device) -> None:
    assert "count: 1\r\n" in device.send("count")
    assert re.search(r"rst:0xc \(RTC_SW_CPU_RST\).*boot count 2\r\n", device.send("restart"), re.DOTALL)
    assert "count: 2\r\n" in device.send("count")


def test_every_crash_says_so_and_reboots(board: Board, elf: Path, device: Device) -> None:
    script = [sys.executable, str(FIRMWARE / "elf_sha256.py"), str(elf)]
    digest = subprocess.run(script, capture_output=True, text=True, timeout=30, check=True).stdout[:9]
    for boots, (kind, headline) in enumerate(headlines(board).items(), start=2):
        output = device.send(f"crash {kind}")
        assert re.search(rf"\r\n{headline}\r\n", output), output
        assert "\r\nCore  0 register dump:\r\n" in output
        assert f"\r\nELF file SHA256: {digest}\r\n\r\nRebooting...\r\n" in output, output
        assert f"boot count {boots}\r\n" in output, output


def test_a_panic_names_the_line(board: Board, elf: Path, device: Device) -> None:
    panic = re.search(r"(?:MEPC|PC) +: (0x[0-9a-f]+)", device.send("crash null"))
    assert panic
    command = [f"{board.toolchain}addr2line", "-fe", str(elf), panic.group(1)]
    place = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout
    assert re.search(r"crash_null\n.*crash\.c:\d+", place)


def test_the_watchdog_barks_and_a_boot_loop_goes_on(device: Device) -> None:
    output = device.send("crash wdt")
    assert re.search(r"E \(\d+\) task_wdt: Task watchdog got triggered\..*main goes on", output, re.DOTALL)
    device.send("crash loop", until=b"rst:0xc")
    device.until(b"rst:0xc")


def test_unity_runs_on_request_and_from_the_menu(device: Device) -> None:
    output = device.send("unity run pass fail ignore")
    assert re.search(r"\./unity_demo\.c:\d+:fails on purpose:FAIL: Expected 5 Was 4", output)
    assert "\r\n3 Tests 1 Failures 1 Ignored \r\nFAIL\r\n" in output
    assert "Press ENTER to see the list of tests.\r\n" in device.send("unity", until=b"tests.\r\n")
    assert '\r\n(1)\t"adds numbers" [math]\r\n' in device.send("", until=b"Enter test for running.\r\n")
    device.send("7", until=b"Press ENTER to see the list of tests.\r\n")  # crashes the chip; the menu is back
    device.send("8", until=b"stage two")
    device.send("1", until=b"Press ENTER")
    device.send("8", until=b"stage two")
    assert ":survives a reset:PASS\r\n" in device.send("2", until=b"\r\nOK\r\n")
    device.send("q")


def test_a_wrong_target_is_told_in_one_line(tmp_path: Path) -> None:
    made = make("esp32", tmp_path)
    assert made.returncode != 0
    assert "TARGET is 'esp32', but must be one of: riscv32-virt xtensa-lx60" in made.stderr
