"""What can't work is told before anybody waits for it, and what may not work is noted, and named by failures."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.espressif_qemu import Program, app_image, flash_image, install, partition_table
from tests.fakes.espressif_qemu.program import bootloader_image
from tests.support.arena import Arena, Report
from tpf import events as ev

PROGRAM = Program(name="hello", prompt="esp32> ", commands={"ping": ["pong {arguments}"]})
PING = '<case name="ping"><expect>esp32&gt; </expect><send>ping you</send><expect>pong you</expect></case>'
WAITS = '<case name="waits"><expect within="1s">never</expect></case>'


@pytest.fixture
def arena(tmp_path: Path, environment: dict[str, str]) -> Arena:
    folder, reports = tmp_path / "checkout", tmp_path / "reports"
    folder.mkdir()
    reports.mkdir()
    path = f"{install(tmp_path / 'bin')}:{environment['PATH']}"
    return Arena(folder=folder, environment={**environment, "HOME": str(tmp_path), "PATH": path}, reports=reports)


def artifact(arena: Arena, target: str = "esp32c3", flash: str = "4MB", wifi: bool = False, **config: Any) -> None:
    """A build folder, `build`."""
    files = {
        "0x0": ("bootloader.bin", bootloader_image(target)),
        "0x8000": ("partition-table.bin", partition_table()),
        "0x10000": ("hello.bin", app_image(PROGRAM, target)),
    }
    folder = arena.folder / "build"
    (folder / "config").mkdir(parents=True)
    for name, data in files.values():
        (folder / name).write_bytes(data)
    flasher = {
        "flash_settings": {"flash_size": flash},
        "flash_files": {place: name for place, (name, _) in files.items()},
        "extra_esptool_args": {"chip": target},
    }
    (folder / "flasher_args.json").write_text(json.dumps(flasher))
    (folder / "config/sdkconfig.json").write_text(json.dumps({"IDF_TARGET": target, **config}))
    (folder / "hello.elf").write_bytes(elf(b"\0esp_wifi_start\0" if wifi else b"\0main\0"))


def elf(names: bytes) -> bytes:
    """The least of an ELF file: a table of symbols, and their names."""
    header = struct.pack("<6s26xI10xHH2x", b"\x7fELF\x01\x01", 52, 40, 2)
    return (
        header
        + struct.pack("<20I", *(0, 2, 0, 0, 0, 0, 1, 0, 0, 0), *(0, 3, 0, 0, 132, len(names), 0, 0, 0, 0))
        + names
    )


def notes(report: Report) -> list[str]:
    return [event.text for event in report.events if isinstance(event, ev.Noted)]


def test_what_may_not_work_is_noted_and_named_by_the_failure(arena: Arena) -> None:
    artifact(arena, wifi=True, ESP_CONSOLE_USB_SERIAL_JTAG=True)
    place = arena.scenario("it", f'<firmware image="build"/>{PING}{WAITS}', target="esp32c3")
    report = arena.run(place).ended(1)
    wifi, usb = notes(report)
    assert "uses Wi-Fi (esp_wifi_start)" in wifi
    assert "has its console on USB" in usb
    assert report.verdicts == {"ping": "passed", "waits": "failed"}
    message = report.cases["waits"]["failure"]["message"]
    assert f"\nnoted before the boot: {wifi}\nnoted before the boot: {usb}" in message


def test_firmware_that_asks_for_nothing_special_is_not_commented_on(arena: Arena) -> None:
    artifact(arena)
    report = arena.run(arena.scenario("it", f'<firmware image="build"/>{WAITS}', target="esp32c3")).ended(1)
    assert notes(report) == []
    assert "noted" not in report.cases["waits"]["failure"]["message"]


@pytest.mark.parametrize(
    "built, machine, said",
    [
        ({"target": "esp32s3"}, "", "is built for esp32s3, and the board is esp32c3: build it for esp32c3"),
        ({"flash": "32MB"}, "", "is built for a flash of 32MB, and the board esp32c3 of QEMU has 16MB at most"),
        ({"flash": "8MB"}, '<machine flash="4MB"/>', "built for a flash of 8MB, and does not start on one of 4MB"),
    ],
)
def test_what_surely_can_t_work_does_not_boot(arena: Arena, built: dict[str, Any], machine: str, said: str) -> None:
    artifact(arena, **built)
    place = arena.scenario("it", f'<firmware image="build"/>{machine}{PING}', target="esp32c3")
    report = arena.run(place).ended(4)
    assert said in report.results["scenarios"][0]["failure"]["message"]
    assert not [event for event in report.events if isinstance(event, ev.Booted)]


def test_nobody_waits_for_a_build_to_hear_that_the_board_is_missing(arena: Arena) -> None:
    """As where a distribution's emulator is all that there is."""
    for emulator in (arena.reports.parent / "bin").iterdir():
        emulator.write_text("#!/bin/sh\n[ $1 = --version ] && echo QEMU emulator version 9.2.0 || echo virt  A board\n")
    body = f'<firmware command="touch built" image="flash.bin"/>{PING}'
    report = arena.run(arena.scenario("it", body, target="esp32c3")).ended(3)
    message = report.results["scenarios"][0]["failure"]["message"]
    assert "has no board 'esp32c3' (it is QEMU emulator version 9.2.0)" in message
    assert "idf_tools.py install qemu-riscv32" in message
    assert not (arena.folder / "built").exists()


def test_the_emulator_of_esp_idf_is_taken_though_another_is_first_on_path(arena: Arena) -> None:
    """It is found where ESP-IDF installs it, below ~/.espressif."""
    (arena.folder / "flash.bin").write_bytes(flash_image(PROGRAM, "esp32c3"))
    home = arena.reports.parent
    theirs = install(home / ".espressif/tools/qemu-riscv32/esp_develop_9.2.2_20250817/qemu/bin")
    for emulator in (home / "bin").iterdir():
        emulator.write_text("#!/bin/sh\necho virt  A board\n")
    report = arena.run(arena.scenario("it", f'<firmware image="flash.bin"/>{PING}', target="esp32c3")).ended(0)
    (booted,) = [event for event in report.events if isinstance(event, ev.Booted)]
    assert booted.command[0] == str(theirs / "qemu-system-riscv32")


def test_an_unchanged_image_needs_no_esptool(arena: Arena) -> None:
    artifact(arena)
    place = arena.scenario("it", f'<firmware image="build"/>{PING}', target="esp32c3")
    arena.run(place).ended(0)
    (image,) = (arena.folder / ".testarena/images").glob("*.bin")
    made = image.stat().st_ino
    arena.run(place, report="again").ended(0)
    assert image.stat().st_ino == made
    assert (arena.folder / ".testarena/.gitignore").read_text() == "*\n"


def test_a_chip_that_no_emulator_has_is_told_when_the_scenario_is_read(arena: Arena) -> None:
    (arena.folder / "flash.bin").touch()
    place = arena.scenario("it", f'<firmware image="flash.bin"/>{PING}', target="esp32c6")
    arena.run(place).refused(2, "no emulator has the esp32c6", 'kind="serial"', 'kind="linux"', "build for esp32c3")
