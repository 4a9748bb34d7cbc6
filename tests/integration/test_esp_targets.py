"""Whole runs on ESP32s: real processes all along, with a stand-in for Espressif's QEMU (tests/fakes/espressif_qemu)."""

from __future__ import annotations

import gzip
import json
import os
import signal
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.espressif_qemu import Program, UnityTest, app_image, flash_image, install, partition_table
from tests.fakes.espressif_qemu.boards import BOARDS, MB
from tests.fakes.espressif_qemu.emulator import VERSION_VARIABLE
from tests.fakes.espressif_qemu.program import bootloader_image
from tests.support.arena import Arena, Report
from tests.support.idf import fake_idf, project
from tests.support.processes import alive
from tpf import events as ev

TARGETS = tuple(BOARDS)
PROMPT = "<setup><expect>esp32&gt; </expect></setup>"
PING = '<case name="ping"><send>ping you</send><expect>pong you</expect></case>'
WAITS = '<case name="waits"><expect within="30s">esp32&gt; </expect></case>'
COUNTS = '<case name="counts"><send>count</send><expect>count: {}.</expect></case>'
PROGRAM = Program(
    name="hello",
    prompt="esp32> ",
    commands={
        "ping": ["pong {arguments}"],
        "count": ["count: {count}."],
        "restart": [{"restart": True}],
        "hang": ["hanging", {"hang": True}],
        "read": [{"partition": "storage"}],
        **{kind: [{"panic": kind}] for kind in ("store", "load", "illegal", "abort", "assert", "smash", "stack")},
    },
    pages={"/": "Hello from {target}, boot {count}"},
)
UNITY = (
    UnityTest(name="adds", tags="[math]"),
    UnityTest(name="fails on purpose", tags="[math][fail]", result="FAIL: Expected 5 Was 4"),
    UnityTest(name="is ignored", tags="[todo]", result="IGNORE: not today"),
    UnityTest(name="crashes", tags="[crash]", result="store"),
    UnityTest(name="comes after", tags="[math]"),
)


@pytest.fixture
def arena(tmp_path: Path, environment: dict[str, str]) -> Arena:
    """A checkout with blanks and a comma in its path, and the stand-in's emulators first on PATH."""
    emulators = install(tmp_path / "bin")
    folder, reports = tmp_path / "the checkout, so to say", tmp_path / "reports"
    folder.mkdir()
    reports.mkdir()
    home = {"HOME": str(tmp_path), "PATH": f"{emulators}:{environment['PATH']}"}
    return Arena(folder=folder, environment={**environment, **home}, reports=reports)


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def flashed(arena: Arena, target: str = "esp32c3", program: Program = PROGRAM, **more: Any) -> bytes:
    """Write the merged image `flash.bin`; returns what is in it."""
    image = flash_image(program, target, **more)
    (arena.folder / "flash.bin").write_bytes(image)
    return image


def scenario(arena: Arena, body: str, target: str = "esp32c3", machine: str = "<machine/>", name: str = "it") -> str:
    return arena.scenario(name, f'<firmware image="flash.bin"/>{machine}{body}', target=target)


def build_folder(arena: Arena, target: str, flash: str, config: Mapping[str, object]) -> None:
    """What `idf.py build` leaves, as it is found in a downloaded artifact."""
    folder = arena.folder / "build"
    files = {
        f"{BOARDS[target].bootloader:#x}": ("bootloader/bootloader.bin", bootloader_image(target)),
        "0x8000": ("partition_table/partition-table.bin", partition_table()),
        "0x10000": ("hello.bin", app_image(PROGRAM, target)),
    }
    for name, data in files.values():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    written = {
        "flasher_args.json": {
            "flash_settings": {"flash_mode": "dio", "flash_size": flash, "flash_freq": "80m"},
            "flash_files": {place: name for place, (name, _) in files.items()},
            "extra_esptool_args": {"chip": target},
        },
        "project_description.json": {"target": target, "app_elf": "hello.elf", "project_path": "/nowhere"},
        "config/sdkconfig.json": {"IDF_TARGET": target, "ESPTOOLPY_FLASHSIZE": flash, **config},
    }
    for name, content in written.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content))


def console(report: Report) -> str:
    return "\n".join(path.read_text() for path in sorted(report.folder.glob("logs/*/console*.log")))


def failure(report: Report, case: str) -> dict[str, Any]:
    return dict(report.cases[case]["failure"])


# ---- images


def test_a_merged_image_runs_and_its_flash_is_kept_until_the_next_fresh_boot(arena: Arena, target: str) -> None:
    image = flashed(arena, target)
    body = f"""{PROMPT}{PING}
      <case name="web"><http url="http://${{web}}/"><expect>Hello from {target}, boot 1</expect></http></case>
      <case name="reset"><reset/><expect>esp32&gt; </expect><send>count</send><expect>count: 2.</expect></case>
      <case name="cut"><power-cut/><power-on/><expect>esp32&gt; </expect><send>count</send>
        <expect>count: 3.</expect></case>
      <case name="web after the cut"><http url="http://${{web}}/"><expect>boot 3</expect></http></case>
      <case name="restart"><send>restart</send><expect-reset/><expect>esp32&gt; </expect><send>count</send>
        <expect>count: 4.</expect></case>"""
    place = scenario(arena, body, target, '<machine><forward name="web" guest="80"/></machine>')
    for report in ("first", "second"):  # which begins with the image as it was
        verdicts = arena.run(place, report=report).ended(0).verdicts
        assert set(verdicts.values()) == {"passed"}
        assert len(verdicts) == 6
    assert (arena.folder / "flash.bin").read_bytes() == image


def test_each_case_has_a_flash_of_its_own_when_it_boots_afresh(arena: Arena) -> None:
    flashed(arena)
    cases = "".join(COUNTS.format(1).replace("counts", f"counts {number}") for number in range(2))
    place = arena.scenario("it", f'<firmware image="flash.bin"/>{PROMPT}{cases}', target="esp32c3", boot="case")
    assert set(arena.run(place).ended(0).verdicts.values()) == {"passed"}


def test_a_build_folder_says_how_the_board_is_made(arena: Arena) -> None:
    build_folder(arena, "esp32s3", "8MB", {"SPIRAM": True, "SPIRAM_MODE_OCT": True, "ESP32S3_REV_MIN_FULL": 2})
    place = arena.scenario("it", f'<firmware image="build"/>{PROMPT}{PING}', target="esp32s3")
    report = arena.run(place).ended(0)
    assert "watchdogs off; psram 32MB, octal; flash 8MB" in console(report)


def test_loose_parts_make_an_image(arena: Arena, target: str) -> None:
    build_folder(arena, target, "4MB", {})
    bootloader = f"{BOARDS[target].bootloader:#x}"
    parts = {bootloader: "bootloader/bootloader.bin", "0x8000": "partition_table/partition-table.bin"}
    written = "".join(f'<part offset="{place}" file="build/{name}"/>' for place, name in parts.items())
    body = f'<firmware>{written}<part offset="0x10000" file="build/hello.bin"/></firmware>{PROMPT}{PING}'
    report = arena.run(arena.scenario("it", body, target=target)).ended(0)
    assert "flash 4MB" in console(report)


def test_a_project_is_built_and_booted(arena: Arena, target: str, tmp_path: Path) -> None:
    """By the stand-in idf.py, which takes the program's binary from the project."""
    idf = fake_idf(tmp_path / "idf")
    firmware = project(arena.folder / "firmware", sdkconfig_ci="")
    (firmware / "sdkconfig.defaults").write_text("CONFIG_ESPTOOLPY_FLASHSIZE_4MB=y\n")
    (firmware / "prebuilt").mkdir()
    (firmware / "prebuilt" / "hello.bin").write_bytes(app_image(PROGRAM, target))
    place = arena.scenario("it", f'<firmware project="firmware"/>{PROMPT}{PING}', target=target)
    with_idf = {"IDF_PATH": str(idf.path), "IDF_TOOLS_PATH": str(idf.tools)}
    report = arena.run(place, environment=with_idf).ended(0)
    assert report.verdicts == {"ping": "passed"}
    assert "flash 4MB" in console(report)


def test_an_image_for_another_chip_is_a_reboot_loop(arena: Arena) -> None:
    flash = bytearray(flash_image(PROGRAM, "esp32c3"))
    wrong = app_image(PROGRAM, "esp32s3")
    flash[0x10000 : 0x10000 + len(wrong)] = wrong
    (arena.folder / "flash.bin").write_bytes(flash)
    report = arena.run(scenario(arena, WAITS)).ended(1)
    assert report.kinds == {"waits": "reboot-loop"}
    told = "the first error in its log: boot_comm: mismatch chip ID, expected 5, found 9"
    assert told in failure(report, "waits")["message"]


def test_a_partition_holds_what_the_scenario_says(arena: Arena) -> None:
    flashed(arena, table=partition_table(("storage", 1, 0x82, 0x110000, 0x1000)))
    (arena.folder / "words.txt").write_text("well stored\0")
    machine = '<machine><storage partition="storage" file="words.txt" format="raw"/></machine>'
    read = '<case name="{0}"><send>read</send><expect>well stored</expect></case>'
    cut = '<case name="cut"><power-cut/><power-on/><expect>esp32&gt; </expect></case>'
    body = PROMPT + read.format("before") + cut + read.format("after")
    assert set(arena.run(scenario(arena, body, machine=machine)).ended(0).verdicts.values()) == {"passed"}


def test_the_flash_of_a_failed_scenario_is_kept_when_asked_for(arena: Arena) -> None:
    flashed(arena)
    report = arena.run(scenario(arena, PROMPT + COUNTS.format(7), machine='<machine keep="failed"/>')).ended(1)
    (kept,) = (report.folder / "artifacts").rglob("flash.bin.gz")
    data = gzip.decompress(kept.read_bytes())
    assert len(data) == 4 * MB
    assert b"FAKE-NVS\1\0\0\0" in data


# ---- the board


@pytest.mark.parametrize(
    "target, machine, said",
    [
        ("esp32", "<machine/>", "v3.0"),
        ("esp32", '<machine revision="1.0"/>', "v1.0"),
        ("esp32c3", "<machine/>", "v0.3"),
        ("esp32c3", '<machine revision="1.1"/>', "v1.1"),
        ("esp32s3", '<machine revision="0.2"/>', "v0.2"),
        ("esp32c3", '<machine><efuse file="efuse.bin"/></machine>', "v0.2"),
    ],
)
def test_efuses_tell_the_revision(arena: Arena, target: str, machine: str, said: str) -> None:
    flashed(arena, target)
    burnt = bytearray(1024)
    burnt[38] = 0x08
    (arena.folder / "efuse.bin").write_bytes(burnt)
    report = arena.run(scenario(arena, PROMPT + PING, target, machine)).ended(0)
    assert f"boot: chip revision: {said}" in console(report)
    assert (arena.folder / "efuse.bin").read_bytes() == burnt


def test_firmware_refuses_a_chip_that_is_too_old(arena: Arena) -> None:
    flashed(arena, program=replace(PROGRAM, least_revision=101))
    report = arena.run(scenario(arena, WAITS)).ended(1)
    assert report.kinds == {"waits": "reboot-loop"}
    assert "Image requires chip rev >= v1.1, but chip is v0.3" in failure(report, "waits")["message"]
    newer = arena.run(scenario(arena, PROMPT + PING, machine='<machine revision="1.1"/>'), report="newer")
    assert newer.ended(0).verdicts == {"ping": "passed"}


@pytest.mark.parametrize(
    "target, machine, kind, said",
    [
        ("esp32", "<machine/>", "quad", "Found 4MB PSRAM"),
        ("esp32", '<machine psram="2MB"/>', "quad", "Found 2MB PSRAM"),
        ("esp32s3", '<machine psram="2MB"/>', "quad", "Found 2MB PSRAM"),
        ("esp32s3", '<machine psram="8MB"/>', "octal", "Found 8MB PSRAM"),
    ],
)
def test_external_ram_is_of_the_right_kind(arena: Arena, target: str, machine: str, kind: str, said: str) -> None:
    flashed(arena, target, replace(PROGRAM, psram=kind))
    assert said in console(arena.run(scenario(arena, PROMPT + PING, target, machine)).ended(0))


def test_a_hang_is_silence_unless_watchdogs_are_on(arena: Arena) -> None:
    flashed(arena)
    hang = PROMPT + '<case name="hang"><send>hang</send><expect within="2s">never</expect></case>'
    assert arena.run(scenario(arena, hang)).ended(1).kinds == {"hang": "timeout"}
    report = arena.run(scenario(arena, hang, machine='<machine watchdogs="true"/>'), report="on").ended(1)
    assert report.kinds == {"hang": "panic"}
    assert "Interrupt wdt timeout on CPU0" in failure(report, "hang")["message"]


def test_a_restart_ends_an_emulator_that_may_not_reboot(arena: Arena) -> None:
    flashed(arena)
    restart = PROMPT + '<case name="restart"><send>restart</send><expect>never</expect></case>'
    report = arena.run(scenario(arena, restart, machine='<machine args="-no-reboot"/>')).ended(1)
    assert report.kinds == {"restart": "exit"}


def test_there_is_no_screen(arena: Arena) -> None:
    flashed(arena)
    report = arena.run(scenario(arena, PROMPT + '<case name="look"><screenshot/></case>')).ended(4)
    assert "no console" in failure(report, "look")["message"]


# ---- panics, Unity


def test_a_panic_is_told_and_the_next_case_boots_afresh(arena: Arena, target: str) -> None:
    flashed(arena, target)
    crash = '<case name="crash"><send>store</send><expect within="30s">never</expect></case>'
    report = arena.run(scenario(arena, PROMPT + crash + COUNTS.format(1), target)).ended(1)
    assert report.verdicts == {"crash": "failed", "counts": "passed"}
    assert report.kinds == {"crash": "panic"}
    reason = "Store access fault" if target == "esp32c3" else "StoreProhibited"
    assert reason in failure(report, "crash")["message"]


@pytest.mark.parametrize("kind", ["load", "illegal", "abort", "assert", "smash", "stack"])
def test_each_kind_of_panic_ends_the_case_at_once(arena: Arena, kind: str) -> None:
    flashed(arena, "esp32")
    crash = f'<case name="crash"><send>{kind}</send><expect within="30s">never</expect></case>'
    assert arena.run(scenario(arena, PROMPT + crash, "esp32")).ended(1).kinds == {"crash": "panic"}


def test_a_wanted_panic_passes(arena: Arena, target: str) -> None:
    flashed(arena, target)
    crash = """<case name="crash"><send>load</send><expect-panic reason="LoadProhibited|Load access fault"/>
      <expect>esp32&gt; </expect><send>count</send><expect>count: 2.</expect></case>"""
    assert arena.run(scenario(arena, PROMPT + crash, target)).ended(0).verdicts == {"crash": "passed"}


def test_unity_s_menu_is_driven_past_a_crash(arena: Arena, target: str) -> None:
    flashed(arena, target, Program(name="tests", tests=UNITY))
    report = arena.run(scenario(arena, '<case name="unity"><unity/></case>', target)).ended(1)
    told = {name.rpartition(" / ")[2]: verdict for name, verdict in report.verdicts.items()}
    assert {name: told[name] for name in ("adds", "is ignored", "comes after")} == {
        "adds": "passed",
        "is ignored": "skipped",
        "comes after": "passed",
    }
    assert {told[name] for name in ("fails on purpose", "crashes")} == {"failed"}


# ---- the host


def test_two_runs_at_once_share_nothing(arena: Arena) -> None:
    image = flashed(arena)
    web = '<machine><forward name="web" guest="80"/></machine>'
    page = '<http url="http://${web}/"><expect>boot 2</expect></http>'
    again = f'<case name="again"><reset/><expect>esp32&gt; </expect><wait for="300ms"/>{page}</case>'
    for name in ("one", "two"):
        scenario(arena, PROMPT + COUNTS.format(1) + again, machine=web, name=name)
    runs = [(name, arena.start("one.xml", "two.xml", report=name)) for name in ("left", "right")]
    for name, process in runs:
        arena.end(process, name).ended(0)
    assert len({pid for name, _ in runs for pid in arena.pids(name)}) == 4
    assert not [pid for name, _ in runs for pid in arena.pids(name) if alive(pid)]
    assert (arena.folder / "flash.bin").read_bytes() == image


def test_an_emulator_that_is_killed_is_the_machines_fault(arena: Arena) -> None:
    flashed(arena)
    place = scenario(arena, PROMPT + '<case name="wait"><expect within="30s">never</expect></case>')
    process = arena.start(place)
    assert arena.has_come_to(ev.CaseStarted, case=0)
    (pid,) = arena.pids()
    os.kill(pid, signal.SIGKILL)
    report = arena.end(process).ended(4)
    assert report.kinds == {"wait": "machine"}
    assert "killed by SIGKILL" in failure(report, "wait")["message"]


def test_a_missing_library_names_its_package(arena: Arena) -> None:
    flashed(arena)
    lacking = install(arena.reports / "lacking", library_missing="libslirp.so.0")
    for name in ("qemu-system-xtensa", "qemu-system-riscv32"):  # no other one to be found
        (arena.reports.parent / "bin" / name).unlink()
    path = f"{lacking}:{Path(os.__file__).parent}"
    ran = arena.run(scenario(arena, PROMPT + PING), environment={"PATH": path})
    assert "apt install libslirp0" in json.dumps(ran.ended(3).results)


def test_an_emulator_that_is_too_old_is_told_with_its_version(arena: Arena) -> None:
    flashed(arena, "esp32s3")
    old = {VERSION_VARIABLE: "8.2.0 (esp_develop_8.2.0_20240122)"}
    report = arena.run(scenario(arena, PROMPT + PING, "esp32s3"), environment=old).ended(3)
    told = json.dumps(report.results)
    assert "has no board 'esp32s3'" in told
    assert "QEMU emulator version 8.2.0" in told
    assert "idf_tools.py install qemu-xtensa" in told


def test_a_flash_of_a_wrong_size(arena: Arena) -> None:
    """Of a board that TestArena knows nothing of, it is for QEMU to say."""
    (arena.folder / "flash.bin").write_bytes(bytes(3 * MB))
    by_hand = '<machine emulator="qemu-system-riscv32" board="esp32c3" load="flash"/>'
    report = arena.run(scenario(arena, PROMPT + PING, "mine", by_hand)).ended(4)
    assert "Drive size error: only 2, 4, 8, and 16MB images are supported" in json.dumps(report.results)
    (arena.folder / "flash.bin").write_bytes(bytes(17 * MB))
    assert "more than a flash of" in json.dumps(arena.run(scenario(arena, PING), report="large").ended(4).results)


def test_arguments_that_qemu_refuses_are_told_in_its_words(arena: Arena) -> None:
    flashed(arena)
    report = arena.run(scenario(arena, PROMPT + PING, machine='<machine args="-bogus"/>')).ended(4)
    assert "-bogus: invalid option" in json.dumps(report.results)
