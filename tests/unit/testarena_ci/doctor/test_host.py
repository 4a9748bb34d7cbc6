"""doctor tells what is there, what is missing, and how to get it; asked of real programs on a PATH of our own."""

from __future__ import annotations

import asyncio
from pathlib import Path

from testarena_ci.doctor.host import Host, Probe, as_text, examine_all, sections
from testarena_ci.doctor.render import sections_as_json
from tests.support.programs import program
from tpf.machines.qemu.boards import Board


def host_of(folder: Path, *probes: Probe, boards: dict[str, Board] | None = None) -> Host:
    return asyncio.run(examine_all({"PATH": f"{folder}:/usr/bin:/bin"}, probes, boards or {}))


def test_a_program_tells_its_version_and_a_missing_one_its_remedy(tmp_path: Path) -> None:
    program(tmp_path, "good", "echo good 1.2; echo more")
    found = host_of(
        tmp_path,
        Probe(group="tools", program="good", use="all"),
        Probe(group="tools", program="gone-for-good", use="nothing", mend="apt install gone"),
        Probe(group="tools", program="gone-too", use="nothing", need="one of"),
    )
    lines = list(as_text(found))
    assert any("ok " in line and "good 1.2" in line for line in lines)
    assert any("optional gone-for-good" in line and "for nothing" in line for line in lines)
    assert any("missing  gone-too" in line for line in lines)
    assert any(line.strip() == "-> apt install gone" for line in lines)


def test_another_name_of_a_program_does_as_well(tmp_path: Path) -> None:
    program(tmp_path, "google-thing", "echo thing 3")
    (finding,) = host_of(tmp_path, Probe(group="t", program="thing", others=("google-thing",), use="x")).findings
    assert (finding.present, finding.program, finding.detail) == (True, "google-thing", "thing 3")


def test_a_program_that_does_not_start_is_missing(tmp_path: Path) -> None:
    program(tmp_path, "broken", "echo libslirp.so.0: cannot open shared object file; exit 127")
    host = host_of(tmp_path, Probe(group="t", program="broken", use="x"))
    assert not host.findings[0].present
    assert "exit status 127: libslirp.so.0" in "\n".join(as_text(host))


def test_one_emulator_of_several_is_enough(tmp_path: Path) -> None:
    program(tmp_path, "emulator-a", "echo a")
    both = tuple(Probe(group="e", program=name, use="x", need="one of") for name in ("emulator-a", "emulator-b"))
    assert host_of(tmp_path, *both).able
    assert not host_of(tmp_path, *both[1:]).able


def test_a_target_is_there_when_its_emulator_has_the_board(tmp_path: Path) -> None:
    program(tmp_path, "qemu-mine", 'printf "Supported machines are:\\nvirt   RISC-V board\\n"')
    boards = {
        "here": Board(emulator="qemu-mine", machine="virt"),
        "there": Board(emulator="qemu-mine", machine="esp32c3", package="qemu-riscv32"),
        "nowhere": Board(emulator="qemu-other", machine="virt"),
    }
    host = host_of(tmp_path, boards=boards)
    assert [target.present for target in host.targets] == [True, False, False]
    assert "testarena doctor --target there says how to get it" in "\n".join(as_text(host))


def test_programs_can_read_it(tmp_path: Path) -> None:
    found = host_of(tmp_path)
    assert '"able": false' in sections_as_json(sections(found), able=found.able)
