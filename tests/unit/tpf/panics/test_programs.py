"""What is said to gdb and addr2line, and what they answer."""

from __future__ import annotations

import asyncio
import hashlib
import struct
import tracemalloc
from pathlib import Path

import pytest

from tpf.errors import EnvironmentLacks
from tpf.panics import addr2line, gdb, toolchain
from tpf.panics.elf import RISCV, XTENSA, ElfFacts, is_elf, read_elf
from tpf.panics.model import CoreState
from tpf.panics.remote import answer
from tpf.panics.talk import NoAnswer, Talk
from tpf.process import Processes

ANSWER = """0x40100946
panic_abort
/src/panic.c:60
__assert_func
/src/panic.c:75 (discriminator 1)
0x400d0000
??
??:0
0x4000c46c
memset
??:?
0xffffffff
??
??:0
"""


def test_inlined_functions_come_before_the_one_they_are_in() -> None:
    frames = addr2line.parse(ANSWER)
    assert [(frame.function, frame.line, frame.inlined) for frame in frames[0x40100946]] == [
        ("panic_abort", 60, True),
        ("__assert_func", 75, False),
    ]
    assert frames[0x400D0000][0].function == frames[0x400D0000][0].file == ""
    assert (frames[0x4000C46C][0].function, frames[0x4000C46C][0].line) == ("memset", 0)


def test_frames_of_gdb() -> None:
    same = {"addr": "0x42000010", "func": "walk", "fullname": "/p/a.c", "line": "7"}
    frames = gdb.frames(
        [
            {"addr": "0x42000000", "func": "inner", "fullname": '/p/with \\"quotes\\".c', "line": "3"},
            {"addr": "0x42000000", "func": "outer", "fullname": "/p/a.c", "line": "9"},
            same,
            same,
            {"addr": "<unavailable>", "func": "??"},
        ]
    )
    assert [(frame.function, frame.inlined) for frame in frames] == [
        ("inner", True),
        ("outer", False),
        ("walk", False),  # a recursion: the same call twice
        ("walk", False),
        ("", False),
    ]
    assert frames[0].file == '/p/with "quotes".c'


def test_gdb_takes_no_scripts() -> None:
    command = gdb.argv("gdb", Path("/a.elf"), Path("/my tools/rom.elf"))
    assert command[:6] == ("gdb", "-q", "-nx", "-nh", "-iex", "set auto-load off")
    assert command[-1] == "/a.elf"
    assert 'add-symbol-file "/my tools/rom.elf"' in command


@pytest.mark.parametrize(
    "command, said",
    [
        ("?", "T05"),
        ("Hg0", "OK"),
        ("qSupported:multiprocess+", ""),
        ("m3fc91c42,4", "33440000"),  # across two words, the second of which nobody printed
        ("m3fc91c3c,8", "0000000011223344"),
        ("mnonsense", ""),
        ("m0,ffffffff", "00" * 65536),
    ],
)
def test_a_panic_answers_a_debugger(command: str, said: str) -> None:
    assert answer(CoreState(stack={0x3FC91C40: 0x44332211}), command) == said


def test_registers_are_in_the_order_that_debuggers_want() -> None:
    said = answer(CoreState(registers={"RA": 0x42000002, "MEPC": 0x42000001}), "g")
    assert len(said) == 33 * 8
    assert said.startswith("00000000" + "02000042")
    assert said.endswith("01000042")


def test_the_builds_toolchain_comes_first() -> None:
    first, second, *_ = toolchain.addr2lines(XTENSA, "xtensa-esp32s3-elf-")
    assert first[0] == "xtensa-esp32s3-elf-addr2line"
    assert second[0] == "xtensa-esp-elf-addr2line"
    assert next(iter(toolchain.gdbs(RISCV, ""))) == "riscv32-esp-elf-gdb"


def test_tools_that_nobody_has_activated(tmp_path: Path) -> None:
    for version in ("esp-12.2.0", "esp-13.2.0"):
        program = tmp_path / f".espressif/tools/riscv32-esp-elf/{version}/riscv32-esp-elf/bin/riscv32-esp-elf-gdb"
        program.parent.mkdir(parents=True)
        program.touch()
    found = toolchain.installed("riscv32-esp-elf-gdb", {"HOME": str(tmp_path)})
    assert found is not None
    assert "esp-13.2.0" in found.parts
    assert toolchain.installed("riscv32-esp-elf-gdb", {"HOME": str(tmp_path / "other")}) is None


def test_the_rom_of_most_chips_is_taken(tmp_path: Path) -> None:
    for name in ("esp32_rev0_rom.elf", "esp32_rev300_rom.elf", "esp32s3_rev0_rom.elf"):
        (tmp_path / name).touch()
    environment = {"ESP_ROM_ELF_DIR": str(tmp_path)}
    assert toolchain.rom_elf("esp32", environment) == tmp_path / "esp32_rev300_rom.elf"
    assert toolchain.rom_elf("esp32s3", environment) == tmp_path / "esp32s3_rev0_rom.elf"
    assert toolchain.rom_elf("../x", environment) is None
    assert toolchain.in_rom(0x4000C46C)
    assert not toolchain.in_rom(0x400D0000)


@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"\x7fELF\x02\x01" + bytes(60), b"\x7fELF\x01\x01" + b"\xff" * 60])
def test_what_is_no_elf_for_a_chip(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.elf"
    path.write_bytes(data)
    assert is_elf(path) is data.startswith(b"\x7fELF")
    facts = read_elf(path)
    assert facts is None or facts.code == ()


def elf_file(path: Path, sections: int, header: bytes, rest: int) -> Path:
    """As many sections as told, all alike, and then bytes without an end of a name."""
    head = struct.pack("<HHIIIIIHHHHHH", 2, RISCV, 1, 0, 0, 52, 0, 52, 0, 0, 40, sections, 0)
    with path.open("wb") as file:
        file.write(b"\x7fELF\x01\x01\x01".ljust(16, b"\0") + head + header.ljust(40, b"\0") * sections)
        file.write(b"A" * rest)
    return path


def test_of_a_hostile_elf_little_is_in_memory_at_a_time(tmp_path: Path) -> None:
    names = struct.pack("<6I", 1, 1, 0, 0, 52, 32)
    path = elf_file(tmp_path / "a.elf", 0xFFFF, names, 32 << 20)
    tracemalloc.start()
    try:
        facts = read_elf(path)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert facts is not None
    assert len(facts.hashes) == 1
    assert most < 24 << 20


def test_a_hash_that_stands_in_the_file_counts_as_zeros(tmp_path: Path) -> None:
    section = struct.pack("<6I", 0, 1, 0, 0, 92, 32)
    path = elf_file(tmp_path / "a.elf", 1, section, 0)
    own = bytes(range(32))
    image = path.read_bytes()
    path.write_bytes(image + own + b"more")
    assert read_elf(path) == ElfFacts(path=path, machine=RISCV, code=(), hashes=(sha(image + own + b"more"),))
    named = image[:52] + struct.pack("<6I", 36, 1, 0, 0, 92, 32) + image[76:]
    path.write_bytes(named + own + b"more.elf_sha256\0")
    facts = read_elf(path)
    assert facts is not None
    before = named + bytes(32) + b"more.elf_sha256\0"
    assert facts.hashes == (sha(named + own + b"more.elf_sha256\0"), sha(before))


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def ask(environment: dict[str, str], *argv: str, timeout: float = 5.0) -> str:
    async def work() -> str:
        async with Processes(environment) as processes:
            talk = await Talk("it").begin(processes, argv)
            try:
                return await talk.ask("hello\n", lambda said: said.endswith(b"\n"), timeout)
            finally:
                assert talk.alive is False or argv[0] == "cat"
                await talk.close()

    return asyncio.run(work())


def test_a_program_answers(environment: dict[str, str]) -> None:
    assert ask(environment, "cat") == "hello\n"


@pytest.mark.parametrize(
    "argv, trouble",
    [
        (("sh", "-c", "exit 1"), "ended"),
        (("sh", "-c", "read x; printf half"), "ended in the midst"),
        (("sleep", "100"), "no answer within 0.2s"),
    ],
)
def test_a_program_that_does_not_answer(environment: dict[str, str], argv: tuple[str, ...], trouble: str) -> None:
    with pytest.raises(NoAnswer, match=trouble):
        ask(environment, *argv, timeout=0.2 if argv[0] == "sleep" else 5.0)


def test_a_program_that_is_missing(environment: dict[str, str]) -> None:
    with pytest.raises(EnvironmentLacks, match="no-such-addr2line"):
        ask(environment, "no-such-addr2line")
