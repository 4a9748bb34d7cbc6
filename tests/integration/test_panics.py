"""Panics of real firmware in real emulators, decoded with its own DWARF by the real toolchains."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.arena import Arena
from tpf.machines.base import Firmware
from tpf.panics.decode import Decoders
from tpf.panics.model import Frame
from tpf.panics.text import parse
from tpf.process import Processes

pytestmark = pytest.mark.timeout(200)

DATA = Path(__file__).parents[1] / "data" / "panics"
TARGETS = ("riscv32-virt", "xtensa-lx60")
CRASHES = {  # function and file of the first frame in the project's own code
    "null": ("crash_null", "crash.c"),
    "load": ("crash_load", "crash.c"),
    "store": ("crash_store", "crash.c"),
    "illegal": ("port_trap", "port.c"),
    "abort": ("crash_abort", "crash.c"),
    "assert": ("cmd_crash", "commands.c"),
    "smash": ("crash_smash", "crash.c"),
    "stack": ("stack_guard_check", "stack_guard.c"),
    "wdt": ("crash_wdt", "crash.c"),
}
SCENARIO = """<scenario name="crashes {target}" target="{target}" timeout="100s">
  <firmware command="make -s -C firmware/console TARGET={target}" image="firmware/console/build/{target}/console.elf"/>
  <machine/>
  <setup><expect>demo&gt; </expect></setup>
  {cases}
  <case name="loop"><allow>panic</allow><send>crash loop</send><expect>never</expect></case>
</scenario>
"""


def scenario(target: str) -> str:
    cases = "".join(f'<case name="{kind}"><send>crash {kind}</send><expect>never</expect></case>' for kind in CRASHES)
    return SCENARIO.format(target=target, cases=cases)


@pytest.fixture(scope="module")
def failures(
    workshop: Path, surroundings: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], dict[str, Any]]:
    """By target and case."""
    for target in TARGETS:
        (workshop / f"crashes-{target}.xml").write_text(scenario(target))
    arena = Arena(folder=workshop, environment=surroundings, reports=tmp_path_factory.mktemp("crashes"))
    report = arena.run(*(f"crashes-{target}.xml" for target in TARGETS)).ended(1)
    results = json.loads((report.folder / "results.json").read_text())
    return {(run["target"], case["name"]): case["failure"] for run in results["scenarios"] for case in run["cases"]}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("kind", CRASHES)
def test_a_crash_leads_to_its_line(
    failures: dict[tuple[str, str], dict[str, Any]], workshop: Path, target: str, kind: str
) -> None:
    function, name = CRASHES[kind]
    failure = failures[target, kind]
    source = failure["code"][0]["source"]
    assert source["file"].startswith("firmware/console/")
    assert source["file"].endswith(f"/{name}")
    line = (workshop / source["file"]).read_text().splitlines()[source["line"] - 1]
    assert line.strip()
    assert not line.strip().startswith(("/*", "#", "static void"))
    assert re.search(rf"#\d+ +0x[0-9a-f]{{8}} {function} at {source['file']}:{source['line']}\b", failure["message"])
    assert (
        kind == "assert" or f" in {function} at {source['file']}:{source['line']}" in failure["message"].splitlines()[0]
    )
    assert re.search(r" run_line at firmware/console/shell\.c:\d+ \(inlined\)\n", failure["message"])


@pytest.mark.parametrize("target", TARGETS)
def test_a_reboot_loop_tells_of_its_first_panic(failures: dict[tuple[str, str], dict[str, Any]], target: str) -> None:
    failure = failures[target, "loop"]
    assert failure["kind"] == "reboot-loop"
    assert "; the first panic: Guru Meditation Error: Core 0 panic'ed (Load" in failure["message"]
    assert failure["code"][0]["source"]["file"] == "firmware/console/crash.c"


def decoded(elf: Path, name: str, environment: dict[str, str]) -> tuple[tuple[Frame, ...], str]:
    """What becomes of a recorded text; its hash is left out, for the compiler here may be another one."""
    text = re.sub(r"ELF file SHA256.*", "", (DATA / f"{name}.txt").read_text())
    panic = parse(text.splitlines())
    assert panic is not None

    async def work() -> tuple[tuple[Frame, ...], str]:
        async with Processes(environment) as processes, Decoders(processes) as decoders:
            told = await decoders.decode(panic, Firmware(image=elf), "")
            return told.backtraces[0].frames, told.note

    return asyncio.run(work())


def test_another_elf_decodes_nothing(workshop: Path, failures: object, environment: dict[str, str]) -> None:
    lines = (DATA / "composed-esp32c3-exception.txt").read_text().splitlines()
    panic = parse(lines)
    assert panic is not None
    elf = workshop / "firmware/console/build/riscv32-virt/console.elf"

    async def work() -> str:
        async with Processes(environment) as processes, Decoders(processes) as decoders:
            told = await decoders.decode(panic, Firmware(elf=elf), "esp32c3")
            assert [frame.function for trace in told.backtraces for frame in trace.frames] == ["", ""]
            return told.note

    note = asyncio.run(work())
    assert re.search(r"console\.elf is not the ELF that runs: its SHA-256 is \w{9}, the device says 4b1f0a73c", note)


def test_without_a_toolchain_one_line_says_so(workshop: Path, failures: object, tmp_path: Path) -> None:
    elf = workshop / "firmware/console/build/riscv32-virt/console.elf"
    frames, note = decoded(elf, "recorded-riscv32-virt-null", {"PATH": str(tmp_path)})
    assert [frame.function for frame in frames] == ["", ""]
    assert "riscv32-esp-elf-addr2line" in note
    assert note.endswith("on Debian and Ubuntu: apt install gcc-riscv64-unknown-elf")
    assert "\n" not in note


def test_without_gdb_the_innermost_frames_are_known(
    workshop: Path, failures: object, tmp_path: Path, environment: dict[str, str]
) -> None:
    found = shutil.which("riscv64-unknown-elf-addr2line")
    assert found
    (tmp_path / "riscv64-unknown-elf-addr2line").symlink_to(found)
    elf = workshop / "firmware/console/build/riscv32-virt/console.elf"
    frames, note = decoded(elf, "recorded-riscv32-virt-null", {"PATH": str(tmp_path)})
    assert [frame.function for frame in frames if not frame.inlined] == ["crash_null", "crash"]
    assert "gdb-multiarch" in note


@pytest.mark.parametrize("kind", ["null", "abort", "smash", "wdt"])
def test_the_frames_are_those_that_espressifs_decoder_finds(
    workshop: Path, failures: object, tmp_path: Path, environment: dict[str, str], kind: str
) -> None:
    """esp-idf-panic-decoder parses by itself and serves a gdb of its own."""
    pytest.importorskip("esp_idf_panic_decoder")
    gdb = shutil.which("gdb-multiarch")
    if gdb is None:
        pytest.skip("gdb-multiarch is not installed")
    elf = workshop / "firmware/console/build/riscv32-virt/console.elf"
    text = (DATA / f"recorded-riscv32-virt-{kind}.txt").read_text()
    (tmp_path / "panic.txt").write_text(text)
    server = f"{sys.executable} -m esp_idf_panic_decoder {tmp_path / 'panic.txt'}"
    command = [gdb, "-nx", "-batch", str(elf), "-ex", f"target remote | {server}", "-ex", "bt"]
    theirs = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    ours, _ = decoded(elf, f"recorded-riscv32-virt-{kind}", environment)
    expected = re.findall(r"^#\d+ +(?:0x[0-9a-f]+ in )?(\w+) .* at \S*?([\w.]+):(\d+)$", theirs, re.MULTILINE)
    assert [(frame.function, Path(frame.file).name, str(frame.line)) for frame in ours] == expected
