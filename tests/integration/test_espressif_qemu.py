"""The stand-in for Espressif's QEMU keeps its contract: looked at beside a real QEMU wherever both can be asked."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.espressif_qemu import Program, flash_image, install
from tests.fakes.espressif_qemu.boards import MB
from tests.fakes.espressif_qemu.emulator import VERSION_VARIABLE
from tests.support.processes import eventually

pytestmark = pytest.mark.timeout(60)

PATIENCE = 15.0  # seconds
NAME = "qemu-system-riscv32"
QUIET = ("-display", "none", "-serial", "none", "-monitor", "none")
PROGRAM = Program(name="hello", boot=["hello {target}"], prompt="> ", commands={"restart": [{"restart": True}]})


@pytest.fixture
def emulators(tmp_path: Path) -> Path:
    return install(tmp_path / "bin")


@pytest.fixture
def flash(tmp_path: Path) -> str:
    """A drive."""
    return drive(tmp_path / "flash.bin", flash_image(PROGRAM, "esp32c3"))


def drive(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return f"file={path},if=mtd,format=raw"


def call(program: str | Path, *words: str, limit: float = 20, version: str = "") -> subprocess.CompletedProcess[str]:
    """With nothing on its standard input, not even an end, until it ends or is told to after so many seconds."""
    command = ["timeout", str(limit), str(program), *words]
    with subprocess.Popen(["sleep", "30"], stdout=subprocess.PIPE) as silent:
        try:
            return subprocess.run(
                command,
                stdin=silent.stdout,
                capture_output=True,
                text=True,
                env={"PATH": "/usr/bin:/bin", **({VERSION_VARIABLE: version} if version else {})},
                timeout=2 * PATIENCE,
                check=False,
            )
        finally:
            silent.kill()


@contextmanager
def started(*words: str, **wires: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A running emulator, which is gone afterwards."""
    with subprocess.Popen(words, stderr=subprocess.DEVNULL, **wires) as running:
        try:
            yield running
        finally:
            running.kill()


def said_by(program: Path, *words: str, until: bytes) -> bytes:
    """What is said on the console, up to a line."""
    said = b""
    with started(str(program), *words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        for line in running.stdout:
            said += line
            if line == until:
                break
    assert said.endswith(until)
    return said


@pytest.fixture
def real(environment: dict[str, str]) -> str:
    found = shutil.which(NAME, path=environment["PATH"])
    if found is None:
        pytest.skip(f"{NAME} is not installed")
    return found


@pytest.mark.parametrize(
    "words",
    [
        ("-bogus",),
        ("-M",),
        ("stray",),
        ("-drive", "file=/none,if=mtd,format=raw"),
        ("-drive", "file=/etc/passwd,if=bogus,format=raw"),
        ("-drive", "file=/etc/passwd,if=none,id=a,format=raw", "-drive", "file=/etc/group,if=none,id=a,format=raw"),
        ("-chardev", "stdio"),
        ("-chardev", "bogus,id=x"),
        ("-chardev", "null,id=x", "-chardev", "null,id=x"),
        ("-chardev", "socket,id=x,fd=77"),
        ("-serial", "chardev:x"),
        ("-mon", "chardev=x,mode=control"),
        ("-nic", "bogus"),
        ("-nic", "user,bogus=1"),
        ("-icount", "bogus=1"),
        ("-display", "bogus"),
        ("-m", "1Q"),
        ("-smp", "many"),
    ],
    ids=" ".join,
)
def test_what_a_real_qemu_refuses_is_refused_in_its_words(emulators: Path, real: str, words: Sequence[str]) -> None:
    asked = call(real, "-M", "virt", *QUIET, *words)
    answered = call(emulators / NAME, "-M", "esp32c3", *QUIET, *words)
    assert asked.returncode == answered.returncode == 1
    assert answered.stderr.splitlines()[0] == asked.stderr.splitlines()[0]


@pytest.mark.parametrize(
    "words, said",
    [
        (("-M", "esp32c6"), 'unsupported machine type: "esp32c6"\nUse -machine help'),
        (("-M", "esp32"), 'unsupported machine type: "esp32"'),  # is in the other emulator
        (("-M", "esp32c3", "-netdev", "user,id=a"), "(this fake:) is not played"),
        (("-M", "esp32c3", "-device", "open_eth"), "Parameter 'driver' expects a pluggable device type"),
        (("-M", "esp32c3", "-device", "bogus"), "'bogus' is not a valid device model name"),
        (("-M", "esp32c3", "-cpu", "z80"), "unable to find CPU model 'z80'"),
        (("-M", "esp32c3", "-nic", "user,hostfwd=udp::1-:2"), "Invalid host forwarding rule 'udp::1-:2'"),
        (
            ("-M", "esp32c3", "-global", "driver=nvram.esp32c3.efuse,property=drive,value=efuse"),
            "can't find value 'efuse'",
        ),
        (
            ("-M", "esp32c3", "-global", "driver=timer.esp32c3.timg,property=wdt,value=true"),
            "Property 'timer.esp32c3.timg.wdt' not found",
        ),
    ],
)
def test_what_esp_boards_refuse(emulators: Path, words: Sequence[str], said: str) -> None:
    refused = call(emulators / NAME, *words)
    assert refused.returncode == 1
    assert said in refused.stderr


def test_flash_of_another_size_is_refused(emulators: Path, tmp_path: Path) -> None:
    refused = call(emulators / NAME, "-M", "esp32c3", "-drive", drive(tmp_path / "flash.bin", bytes(3 * MB)))
    assert refused.returncode == 1
    assert "Drive size error: only 2, 4, 8, and 16MB images are supported" in refused.stderr


def test_two_emulators_can_not_have_one_image(emulators: Path, flash: str) -> None:
    words = (str(emulators / NAME), "-M", "esp32c3", "-drive", flash, "-serial", "stdio")
    with started(*words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:
        assert first.stdout is not None
        assert first.stdout.readline().startswith(b"ESP-ROM")
        second = call(*words)
        assert second.returncode == 1
        assert 'Failed to get "write" lock' in second.stderr


def test_versions_and_their_machines(emulators: Path) -> None:
    old = "8.2.0 (esp_develop_8.2.0_20240122)"
    xtensa = emulators / "qemu-system-xtensa"
    assert call(xtensa, "--version").stdout.startswith("QEMU emulator version 9.2.2 (esp_develop_9.2.2_20250817)\n")
    assert call(xtensa, "--version", version=old).stdout.startswith("QEMU emulator version 8.2.0 (esp_develop_8.2.0")
    assert "esp32s3 " in call(xtensa, "-M", "help").stdout
    assert "esp32s3 " not in call(xtensa, "-M", "help", version=old).stdout


def test_it_is_silent_for_the_known_reasons(emulators: Path, flash: str, tmp_path: Path) -> None:
    board = ("-M", "esp32c3", "-serial", "stdio")
    assert said_by(emulators / NAME, *board, "-drive", flash, until=b"hello esp32c3\r\n")
    assert call(emulators / NAME, *board, limit=1).stdout == ""
    assert call(emulators / NAME, *board, "-kernel", "app.elf", limit=1).stdout == ""
    assert call(emulators / NAME, *board, "-S", "-drive", flash, limit=1).stdout == ""
    esp32 = ("-M", "esp32", "-serial", "stdio", "-drive", drive(tmp_path / "esp32", flash_image(PROGRAM, "esp32")))
    assert said_by(emulators / "qemu-system-xtensa", *esp32, until=b"hello esp32\r\n")
    assert call(emulators / "qemu-system-xtensa", *esp32, "-smp", "1", limit=1).stdout == ""


def test_nothing_is_said_to_a_console_whose_input_has_ended(emulators: Path, flash: str) -> None:
    words = ("timeout", "1", str(emulators / NAME), "-M", "esp32c3", "-drive", flash, "-serial", "stdio")
    ended = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)
    assert ended.stdout == b""


def test_lines_end_in_crlf_and_no_reboot_ends_it(emulators: Path, flash: str) -> None:
    words = (str(emulators / NAME), "-M", "esp32c3", "-drive", flash, "-serial", "stdio", "-no-reboot")
    with started(*words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        said = b""
        while not said.endswith(b"\r\n> "):  # what is typed before is lost, as it is on a chip
            said += running.stdout.read(1)
        running.stdin.write(b"restart\r")
        running.stdin.flush()
        said += running.stdout.read()
        assert running.wait(PATIENCE) == 0
    assert b"\r\n> restart\r\n" in said
    assert said.count(b"\n") == said.count(b"\r\n") > 20


def test_a_flash_without_firmware_is_told_by_the_rom(emulators: Path, tmp_path: Path) -> None:
    erased = drive(tmp_path / "erased.bin", b"\xff" * 2 * MB)
    words = ("-M", "esp32c3", "-drive", erased, "-nographic")
    assert said_by(emulators / NAME, *words, until=b"invalid header: 0xffffffff\r\n")


CONVERSATION: tuple[dict[str, Any], ...] = (
    {"execute": "stop"},
    {"execute": "qmp_capabilities", "arguments": {"enable": ["oob"]}},
    {"execute": "bogus"},
    {"execute": "query-status", "id": "7"},
    {"execute": "stop", "arguments": {"bogus": 1}},
    {"bogus": 1},
    {"execute": "human-monitor-command", "arguments": {"command-line": "bogus"}},
    {"execute": "cont"},
    {"execute": "stop"},
    {"execute": "system_reset"},
    {"execute": "quit"},
)


def talk(program: str | Path, board: str, *words: str) -> list[dict[str, Any]]:
    """What QMP answers, and its events, without times and versions."""
    ours, theirs = socket.socketpair()
    channel = ("-chardev", f"socket,id=qmp,fd={theirs.fileno()}", "-mon", "chardev=qmp,mode=control")
    command = [str(program), "-M", board, "-S", *QUIET, *words, *channel]
    with ours, started(*command, pass_fds=[theirs.fileno()]) as running:
        theirs.close()
        ours.settimeout(PATIENCE)
        told = []
        with ours.makefile("rw", encoding="utf-8", newline="\n") as stream:
            assert set(json.loads(stream.readline())["QMP"]) == {"version", "capabilities"}
            for message in CONVERSATION:
                stream.write(json.dumps(message))  # as clients may, without an end of line
                stream.flush()
                while "event" in (answer := json.loads(stream.readline())):
                    told.append({"event": answer["event"], "data": answer.get("data")})
                told.append(answer)
        assert running.wait(PATIENCE) == 0
    return [{key: value for key, value in one.items() if key != "timestamp"} for one in told]


def test_qmp_is_spoken_as_a_real_qemu_does(emulators: Path, real: str, flash: str) -> None:
    theirs, ours = talk(real, "virt", "-bios", "none"), talk(emulators / NAME, "esp32c3", "-drive", flash)
    for one in theirs:
        if isinstance(one.get("return"), dict):
            one["return"].pop("singlestep", None)  # before QEMU 9
            if one["return"].get("status") == "prelaunch":
                one["return"]["status"] = "paused"
    assert ours == theirs


def test_forwarded_ports_are_told_and_answer(emulators: Path, tmp_path: Path) -> None:
    paged = Program(name="web", pages={"/": "page of {target}"})
    image = drive(tmp_path / "flash.bin", flash_image(paged, "esp32c3"))
    ours, theirs = socket.socketpair()
    words = ("-nic", "user,id=net,model=open_eth,hostfwd=tcp:127.0.0.1:0-:80,hostfwd=tcp:127.0.0.1:0-:81")
    channel = ("-chardev", f"socket,id=qmp,fd={theirs.fileno()}", "-mon", "chardev=qmp,mode=control")
    command = [str(emulators / NAME), "-M", "esp32c3", *QUIET, "-drive", image, *words, *channel]
    with ours, started(*command, pass_fds=[theirs.fileno()]):
        theirs.close()
        ours.settimeout(PATIENCE)
        ours.sendall(b'{"execute":"qmp_capabilities"}')
        ours.sendall(b'{"execute":"human-monitor-command","arguments":{"command-line":"info usernet"}}')
        with ours.makefile() as stream:
            told = [json.loads(stream.readline()) for _ in range(3)][2]["return"]
        rows = [line.split() for line in told.splitlines() if "HOST_FORWARD" in line]
        ports = {int(row[5]): int(row[3]) for row in rows}
        assert eventually(lambda: b"page of esp32c3" in fetched(ports[80]))  # once it has booted
        assert fetched(ports[81]) == b""  # nobody listens there


def fetched(port: int) -> bytes:
    """What the guest answers; a connection is taken also before it has booted, and closed."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: device\r\n\r\n")
        try:
            with connection.makefile("rb") as stream:
                return stream.read()
        except ConnectionResetError:
            return b""
