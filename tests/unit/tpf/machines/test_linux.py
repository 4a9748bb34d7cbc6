from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support.machines import Ear, request
from tpf.console.guards import HOST_GUARDS, Guards
from tpf.errors import UsageError
from tpf.language import LoadOptions, load_scenarios, own_vocabulary
from tpf.machines.elf import foreign
from tpf.machines.linux import crash_of, program_of
from tpf.process import Outcome

HEAD = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00"


def test_a_shell_takes_from_the_program_what_it_must_not_have() -> None:
    asked = request(kind="linux", elf=Path("/b/a b.elf"), args=("-x",), env=("A=1", "B=c=d"), memory=64 << 20)
    program = program_of(asked, Ear())
    assert program.command == ("/b/a b.elf", "-x")
    limits = 'ulimit -c 0 && ulimit -v 65536 && exec "$@"'
    assert program.request.argv == ("sh", "-c", limits, "sh", "/b/a b.elf", "-x")
    assert program.request.environment == (("A", "1"), ("B", "c=d"))
    assert program.request.cwd == asked.folder


def test_there_must_be_a_program() -> None:
    with pytest.raises(UsageError, match=r"boot\.xml:4:3: .*add <firmware elf"):
        program_of(request(kind="linux"), Ear())


@pytest.mark.parametrize(
    "number, words",
    [(signal.SIGSEGV, "SIGSEGV (segmentation fault)"), (signal.SIGKILL, ""), (signal.SIGTERM, ""), (None, "")],
)
def test_only_some_signals_tell_of_a_fault(number: signal.Signals | None, words: str) -> None:
    code = 1 if number is None else None
    assert crash_of(Outcome(argv=("a",), code=code, signal=number, seconds=1.0)) == words


@pytest.mark.parametrize(
    "head, words",
    [
        (HEAD + b"\x3e\x00", ""),
        (HEAD + b"\x03\x00", ""),
        (HEAD + b"\x5e\x00", "is built for Xtensa, not for this host"),
        (HEAD + b"\xf3\x00", "is built for RISC-V, not for this host"),
        (HEAD + b"\x99\x99", "a processor with the number 39321"),
        (b"#!/bin/sh\n", ""),
        (b"\xe9\x05\x02\x20", "is no program (no ELF file)"),
        (b"", "is no program"),
    ],
)
def test_a_program_for_another_processor_is_seen(tmp_path: Path, head: bytes, words: str) -> None:
    (tmp_path / "program").write_bytes(head)
    told = foreign(tmp_path / "program", "x86_64")
    assert words in told if words else told == ""


def test_what_is_not_there_is_left_to_others(tmp_path: Path) -> None:
    assert foreign(tmp_path / "nothing") == ""


# As glibc 2.36 and gcc 12's sanitizers said them.
SAID = {
    "sanitizer": [
        "==4242==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010 at pc 0x55d0",
        "==4242==ERROR: LeakSanitizer: detected memory leaks",
        "WARNING: ThreadSanitizer: data race (pid=4242)",
    ],
    "undefined-behavior": [
        "main/main.c:12:20: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'",
    ],
    "host-assert": ["hello.elf: main/main.c:29: app_main: Assertion `handle != NULL' failed."],
    "host-stack-smashing": [
        "*** stack smashing detected ***: terminated",
        "*** buffer overflow detected ***: terminated",
    ],
    "host-heap-corruption": [
        "free(): double free detected in tcache 2",
        "free(): invalid pointer",
        "malloc(): corrupted top size",
        "double free or corruption (fasttop)",
        "corrupted size vs. prev_size",
    ],
    "crash": ["-- crashed: SIGSEGV (segmentation fault)"],
}


@pytest.mark.parametrize("name, line", [(name, line) for name, lines in SAID.items() for line in lines])
def test_what_a_program_says_when_it_goes_wrong_is_a_panic(name: str, line: str) -> None:
    (hit,) = Guards(HOST_GUARDS).scan(f"before\n{line}\nafter", 1)
    assert (hit.name, hit.number) == (name, 2)


def test_its_target_need_not_be_said(tmp_path: Path) -> None:
    (tmp_path / "a.elf").touch()
    file = tmp_path / "it.xml"
    file.write_text(
        '<scenario name="it"><firmware elf="a.elf"/><machine kind="linux"/><case name="c"><reset/></case></scenario>'
    )
    (scenario,) = load_scenarios([file], own_vocabulary(), LoadOptions(checkout=tmp_path, cwd=tmp_path))
    assert scenario.devices[0].target == "linux"
