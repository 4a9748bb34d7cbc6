"""A failure with a panic behind it, explained or not: it stays the failure that it was."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from tests.support.trial import trial
from tpf.console import Console
from tpf.machines.base import Exit, Firmware
from tpf.panics.decode import Decoders
from tpf.panics.explain import Explainer, explained
from tpf.panics.model import Decoded, Panic
from tpf.panics.suspect import Suspect
from tpf.process import Processes
from tpf.result import Failure, FailureKind

TEXT = b"abort() was called at PC 0x400d5a17 on core 0\r\n\r\nBacktrace: 0x400d59f0:0x3ffb4d10\r\n\r\nRebooting...\r\n"
HEADLINE = "panic: abort() was called at PC 0x400d5a17 on core 0"
FAILURE = Failure(kind=FailureKind.PANIC, message=f"{HEADLINE}\nconsole:\n      1 | ...")


class Broken(Decoders):
    """A decoder with a fault of ours."""

    async def decode(self, panic: Panic, firmware: Firmware, target: str) -> Decoded:
        raise RuntimeError("a fault\nof ours")


def suspect(text: bytes) -> Suspect:
    console = Console(on_lines=lambda lines: None)
    console.booted()
    console.feed(text)
    return Suspect(console=console, firmware=Firmware(), target="esp32")


def explain(failure: Failure, of: Suspect, decoders: type[Decoders] = Decoders) -> Failure:
    async def work() -> Failure:
        async with Processes({"PATH": os.environ["PATH"]}) as processes, decoders(processes) as made:
            return await explained(Explainer(made, Path.cwd(), Path.cwd()), failure, [of])

    return asyncio.run(work())


def test_a_fault_of_ours_is_a_line_and_no_other_verdict() -> None:
    told = explain(FAILURE, suspect(TEXT), Broken)
    assert told.kind is FailureKind.PANIC
    assert told.message.splitlines()[:3] == [
        HEADLINE,
        "the panic is not decoded: RuntimeError: a fault of ours",
        "console:",
    ]


def test_without_an_elf_the_headline_is_the_consoles() -> None:
    told = explain(FAILURE, suspect(TEXT))
    assert told.headline == HEADLINE
    assert told.message.splitlines()[1].startswith("the backtrace is not decoded: the scenario names no ELF file")


def test_an_elf_that_is_gone(tmp_path: Path) -> None:
    of = suspect(TEXT)
    gone = Suspect(console=of.console, firmware=Firmware(elf=tmp_path / "gone.elf"), target="esp32")
    lines = explain(FAILURE, gone).message.splitlines()
    assert lines[1:3] == ["backtrace:", "  #0  0x400d59f0 ??"]
    assert "gone.elf" in lines[3]


def test_what_has_no_panic_behind_it_stays_as_it_is() -> None:
    other = Failure(kind=FailureKind.TIMEOUT, message='expected "pong" within 1s; the device said nothing')
    assert explain(other, suspect(b"ready\r\n")) is other
    assert explain(other, suspect(TEXT)) is other  # a panic, but not the one that the message tells of


ROM = b"ESP-ROM:esp32c3-api1-20210207\r\nSPIWP:0xee\r\n"
SILENT = Failure(
    kind=FailureKind.TIMEOUT, message='expected "pong" within 1s; none of the 44 lines is like it\nconsole:'
)


def test_a_flash_without_bootloader_is_told_in_the_headline() -> None:
    told = explain(SILENT, suspect(ROM + b"invalid header: 0xffffffff\r\n" * 40))
    assert told.kind is FailureKind.TIMEOUT
    assert told.message == (
        'expected "pong" within 1s; none of the 44 lines is like it; the chip\'s ROM finds no bootloader in the flash '
        "(invalid header: 0xffffffff): the flash is erased there; is it a whole image, of this chip?\nconsole:"
    )


def test_firmware_that_ran_after_a_complaint_has_a_bootloader() -> None:
    ran = ROM + b"invalid header: 0xffffffff\r\n" + b"I (24) boot: ESP-IDF v5.3\r\n" * 12
    assert explain(SILENT, suspect(ran)) is SILENT


def test_a_device_that_has_ended_can_be_explained() -> None:
    of = suspect(TEXT)
    of.console.ended(Exit(code=1, detail="exit status 1"))
    assert explain(FAILURE, of).kind is FailureKind.PANIC


DEVICE = f"""import sys
print("ready", flush=True)
sys.stdin.readline()
print("abort() was called at PC 0x400d5a17 on core 0", flush=True)
print("================= CORE DUMP START =================")
print("{"lB0AAAsAAAB0AQAA" * 4}\\n" * 2000, end="")
print("================= CORE DUMP END =================")
print("Rebooting...", flush=True)
sys.stdin.readline()
"""


def test_a_core_dump_is_kept_beside_the_failure(tmp_path: Path) -> None:
    scenario = f"""<scenario name="it"><machine kind="command" command="{sys.executable} -u device.py"/>
      <case name="crash"><expect>ready</expect><send>go</send><expect>never</expect></case></scenario>"""
    tried = trial(tmp_path, {"it.xml": scenario, "device.py": DEVICE})
    case = tried["crash"]
    assert case.failure is not None
    path = "artifacts/it/core-dump-1.b64"
    assert f"core dump: {path}; it is not decoded: the scenario names no ELF file with symbols" in case.failure.message
    assert [artifact.path for artifact in case.artifacts] == [path]
    assert (tried.report / path).read_text().count("\n") == 2000
    assert f"(core dump, 96000 bytes: {path})" in tried.log()
    assert len(tried.log()) < 12
