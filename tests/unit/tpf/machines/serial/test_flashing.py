from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tpf.machines.base import BuildFacts, Firmware, FlashFile
from tpf.machines.serial.flashing import Job, advice, argv, complaint, digest, files_of, worth_telling
from tpf.machines.serial.options import Options

FILES = (
    FlashFile(offset=0x0, path=Path("/b/bootloader.bin")),
    FlashFile(offset=0x10000, path=Path("/b/app.bin")),
)


def job(chip: str = "esp32c3", files: tuple[FlashFile, ...] = FILES, **options: Any) -> Job:
    return Job(port="/dev/ttyUSB0", chip=chip, files=files, options=Options(port="/dev/ttyUSB0", **options))


def test_esptool_5_has_hyphens() -> None:
    assert " ".join(argv(5, "python", job())) == (
        "python -m esptool --chip esp32c3 --port /dev/ttyUSB0 --baud 460800 --before default-reset --after no-reset "
        "write-flash --flash-size keep 0x0 /b/bootloader.bin 0x10000 /b/app.bin"
    )


def test_esptool_4_has_underscores() -> None:
    asked = job(chip="", erase=True, flash_baud=115200, before="usb-reset", args=("--no-stub",))
    assert " ".join(argv(4, "python", asked)) == (
        "python -m esptool --chip auto --port /dev/ttyUSB0 --baud 115200 --before usb_reset --after no_reset --no-stub "
        "write_flash --erase-all --flash_size keep 0x0 /b/bootloader.bin 0x10000 /b/app.bin"
    )


@pytest.mark.parametrize(
    "options, after",
    [
        ({}, "no-reset"),
        ({"reset": "usb"}, "no-reset"),
        ({"reset": "none"}, "hard-reset"),
        ({"reset": "none", "after": "soft-reset"}, "soft-reset"),
    ],
)
def test_after_it_we_reset_unless_we_can_not(options: dict[str, Any], after: str) -> None:
    words = argv(5, "python", job(**options))
    assert words[words.index("--after") + 1] == after


def test_a_build_s_files_go_where_it_says_and_an_image_to_the_start() -> None:
    image = Path("/b/flash.bin")
    build = BuildFacts(folder=Path("/b"), project=Path("/p"), files=FILES)
    assert files_of(Firmware(image=image, build=build)) == FILES
    assert files_of(Firmware(image=image)) == (FlashFile(offset=0, path=image),)
    assert files_of(Firmware(elf=image)) == ()


def test_the_same_contents_are_the_same(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"firmware")

    def of(name: str, offset: int = 0, chip: str = "esp32") -> str:
        return digest(job(chip=chip, files=(FlashFile(offset=offset, path=tmp_path / name),)))

    assert of("a") == of("b")
    assert len({of("a"), of("a", offset=0x1000), of("a", chip="esp32c3")}) == 3
    (tmp_path / "b").write_bytes(b"other")
    assert of("a") != of("b")


# As esptool 5.6 and 4.8 said them.
NO_ANSWER = """Connecting......................................

A fatal error occurred: Failed to connect to ESP32-C3: No serial data received.
For troubleshooting steps visit: https://docs.espressif.com/projects/esptool/en/latest/troubleshooting.html
"""
WRONG_MODE = (
    "A fatal error occurred: Failed to connect to ESP32: Wrong boot mode detected (0x13)! "
    "The chip needs to be in download mode.\n"
)


@pytest.mark.parametrize(
    "said, words",
    [
        (NO_ANSWER, "; is it the right port?"),
        (WRONG_MODE, "; hold the board's BOOT button"),
        ("A fatal error occurred: This chip is ESP32-S3, not ESP32-C3. Wrong chip argument?", "; set the scenario's"),
        ("A fatal error occurred: This chip is ESP32-P4 not ESP32-C3. Wrong --chip argument?", "; set the scenario's"),
        ("[Errno 13] could not open port /dev/ttyUSB0: [Errno 13] Permission denied", "group (dialout)"),
        ("device reports readiness to read but returned no data (device disconnected?)", "it is gone"),
        ("A fatal error occurred: MD5 of file does not match data in flash!", "try a lower flash-baud"),
        ("something nobody has heard of", ""),
    ],
)
def test_a_complaint_comes_with_what_to_do(said: str, words: str) -> None:
    assert (words in advice(said)) if words else advice(said) == ""


def test_a_complaint_is_in_its_own_words() -> None:
    assert complaint(NO_ANSWER).startswith("Failed to connect to ESP32-C3: No serial data received. For trouble")
    assert complaint("one\n\ntwo\n") == "one two"
    assert complaint("") == "nothing"


def test_bars_are_told_once() -> None:
    bars = [
        "Writing at 0x00010400 ━━━━━━                          20.4% 1.00kB/4.90kB [0s] ",
        "Writing at 0x00010000... (10 %)",
        "Writing at 0x00011398 ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 100.0% 4.90kB/4.90kB [0s]",
        "Writing at 0x00012000... (100 %)",
        "",
        "Hash of data verified.",
    ]
    assert worth_telling(bars) == [bars[2], bars[3], bars[5]]
