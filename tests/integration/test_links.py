"""Links between two real emulators, and between one and a program: bytes and frames that firmware sends arrive."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.trial import PYTHON, Trial, trial

FIRMWARE = Path(__file__).parents[1] / "data" / "firmware" / "links"
BRIDGE = "riscv64-unknown-elf-gcc -march=rv32imac -mabi=ilp32 -nostdlib -Wl,-Ttext=0x20400000 bridge.S -o bridge.elf"
FRAMES = "xtensa-lx106-elf-gcc -Os -mtext-section-literals -nostdlib -nostartfiles -T frames.ld frames.c -o frames.elf"
# Passes bytes between its console and the link's socket.
PIPE = """\
import os, socket, sys, threading
link = socket.socket(fileno=int(os.environ["LINK_WIRE"]))
def listen():
    while data := link.recv(2000):
        os.write(1, data[14:].split(b"\\0")[0] + b"\\n" if sys.argv[1] == "frames" else data)
threading.Thread(target=listen, daemon=True).start()
os.write(1, b"up\\n")
for line in sys.stdin:
    data = line.encode()
    if sys.argv[1] == "frames":
        data = bytes([255] * 6 + [2, 0, 0, 0, 0, 1, 0x88, 0xb5]) + data.strip().ljust(50, b"\\0")
    link.send(data)
"""


def run(folder: Path, devices: str, kind: str, steps: str, build: str) -> Trial:
    files = {path.name: path.read_text() for path in FIRMWARE.iterdir()}
    text = f"""<scenario name="it" timeout="60s">
      <firmware command="{build}" image="{build.rsplit(maxsplit=1)[-1]}"/>{devices}
      <link name="wire" kind="{kind}" between="a b"/>
      <case name="c">{steps}</case></scenario>"""
    return trial(folder, {**files, "it.xml": text, "pipe.py": PIPE})


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"no {', '.join(missing)}")


SIFIVE = '<machine emulator="qemu-system-riscv32" board="sifive_e"/>'


@needs("qemu-system-riscv32", "riscv64-unknown-elf-gcc")
def test_the_second_serial_ports_of_two_emulators_are_joined(tmp_path: Path) -> None:
    steps = """<send on="a">from a</send><expect on="b">from a</expect>
      <send on="b">from b</send><expect on="a">from b</expect>
      <reset on="a"/><send on="b">after its reset</send><expect on="a">after its reset</expect>
      <power-cut on="b"/><power-on on="b"/><send on="a">after its cut</send><expect on="b">after its cut</expect>"""
    devices = f'<device name="a">{SIFIVE}</device><device name="b">{SIFIVE}</device>'
    assert run(tmp_path, devices, "serial", steps, BRIDGE).headlines == [""]


@needs("qemu-system-riscv32", "riscv64-unknown-elf-gcc")
def test_the_serial_port_of_an_emulator_is_joined_with_a_program(tmp_path: Path) -> None:
    steps = """<expect on="b">up</expect><send on="a">from a</send><expect on="b">from a</expect>
      <send on="b">from b</send><expect on="a">from b</expect>"""
    devices = f"""<device name="a">{SIFIVE}</device>
      <device name="b"><machine kind="command" command="{PYTHON} pipe.py bytes"/></device>"""
    assert run(tmp_path, devices, "serial", steps, BRIDGE).headlines == [""]


@needs("qemu-system-xtensa", "xtensa-lx106-elf-gcc")
def test_the_network_cards_of_two_emulators_are_joined(tmp_path: Path) -> None:
    steps = """<expect on="a">up</expect><expect on="b">up</expect>
      <send on="a">from a</send><expect on="b">heard: from a</expect>
      <send on="b">from b</send><expect on="a">heard: from b</expect>"""
    devices = '<device name="a" target="xtensa-lx60"/><device name="b" target="xtensa-lx60"/>'
    assert run(tmp_path, devices, "network", steps, FRAMES).headlines == [""]


@needs("qemu-system-xtensa", "xtensa-lx106-elf-gcc")
def test_the_network_card_of_an_emulator_is_joined_with_a_program(tmp_path: Path) -> None:
    steps = """<expect on="a">up</expect><expect on="b">up</expect>
      <send on="a">from a</send><expect on="b" match="exact">from a</expect>
      <send on="b">from b</send><expect on="a">heard: from b</expect>"""
    devices = f"""<device name="a" target="xtensa-lx60"/>
      <device name="b"><machine kind="command" command="{PYTHON} pipe.py frames"/></device>"""
    assert run(tmp_path, devices, "network", steps, FRAMES).headlines == [""]
