"""doctor tells what is there, what is missing, and how to get it; asked of real programs on a PATH of our own."""

from __future__ import annotations

import asyncio
from pathlib import Path

from testarena_ci.doctor.host import Probe, able, as_text, examine, targets, targets_as_text
from tpf.machines.qemu.boards import Board


def program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def path_of(folder: Path) -> dict[str, str]:
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def test_a_program_tells_its_version_and_a_missing_one_its_remedy(tmp_path: Path) -> None:
    program(tmp_path, "good", "echo good 1.2; echo more")
    probes = (
        Probe(group="tools", program="good", use="all"),
        Probe(group="tools", program="gone-for-good", use="nothing", mend="apt install gone"),
    )
    found = asyncio.run(examine(path_of(tmp_path), probes))
    lines = list(as_text(found))
    assert any("ok" in line and "good 1.2" in line for line in lines)
    assert any("missing gone-for-good" in line and "for nothing" in line for line in lines)
    assert lines[-1].strip() == "-> apt install gone"


def test_a_program_that_does_not_start_is_missing(tmp_path: Path) -> None:
    program(tmp_path, "broken", "echo libslirp.so.0: cannot open shared object file; exit 127")
    (found,) = asyncio.run(examine(path_of(tmp_path), (Probe(group="t", program="broken", use="x"),)))
    assert not found.present
    assert "exit status 127: libslirp.so.0" in found.detail


def test_one_emulator_of_several_is_enough(tmp_path: Path) -> None:
    program(tmp_path, "emulator-a", "echo a")
    both = tuple(Probe(group="e", program=name, use="x", need="one of") for name in ("emulator-a", "emulator-b"))
    assert able(asyncio.run(examine(path_of(tmp_path), both)))
    assert not able(asyncio.run(examine(path_of(tmp_path), both[1:])))


def test_a_target_is_there_when_its_emulator_has_the_board(tmp_path: Path) -> None:
    program(tmp_path, "qemu-mine", 'printf "Supported machines are:\\nvirt   RISC-V board\\n"')
    boards = {
        "here": Board(emulator="qemu-mine", machine="virt"),
        "there": Board(emulator="qemu-mine", machine="esp32c3", package="qemu-riscv32"),
        "nowhere": Board(emulator="qemu-other", machine="virt"),
    }
    found = asyncio.run(targets(path_of(tmp_path), boards))
    assert [target.present for target in found] == [True, False, False]
    text = "\n".join(targets_as_text(found))
    assert "idf_tools.py install qemu-riscv32" in text
