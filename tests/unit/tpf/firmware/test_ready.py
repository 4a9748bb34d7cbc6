"""Build folders that somebody else has made: as they are, or what was left of them in an artifact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tpf.errors import UsageError
from tpf.firmware.ready import ready_made

FLASHER = {
    "flash_settings": {"flash_mode": "dio", "flash_size": "4MB", "flash_freq": "80m"},
    "flash_files": {"0x10000": "hello.bin", "0x0": "bootloader/bootloader.bin"},
    "extra_esptool_args": {"after": "hard_reset", "chip": "esp32c3"},
}


def write(folder: Path, name: str, content: Any) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))


def test_flasher_args_alone_are_enough(tmp_path: Path) -> None:
    write(tmp_path, "flasher_args.json", FLASHER)
    firmware = ready_made(tmp_path, tmp_path)
    facts = firmware.build
    assert facts is not None
    assert [(file.offset, file.path) for file in facts.files] == [
        (0, tmp_path / "bootloader/bootloader.bin"),
        (0x10000, tmp_path / "hello.bin"),
    ]
    assert (facts.target, facts.flash_size, facts.config) == ("esp32c3", 4 << 20, {})
    assert (firmware.elf, firmware.image) == (None, None)


def test_a_whole_folder_tells_more(tmp_path: Path) -> None:
    write(tmp_path, "flasher_args.json", FLASHER)
    described = {"target": "esp32c3", "app_elf": "hello.elf", "monitor_toolprefix": "riscv32-esp-elf-"}
    write(tmp_path, "project_description.json", {**described, "project_path": str(tmp_path / "sources")})
    write(tmp_path, "config/sdkconfig.json", {"BT_ENABLED": True, "FREERTOS_HZ": 100, "LIST": [1]})
    write(tmp_path, "hello.elf", "elf")
    write(tmp_path, "bootloader.elf", "another one")
    (tmp_path / "sources").mkdir()
    firmware = ready_made(tmp_path, tmp_path)
    assert firmware.build is not None
    assert firmware.elf == tmp_path / "hello.elf"
    assert firmware.build.project == tmp_path / "sources"
    assert firmware.build.tool_prefix == "riscv32-esp-elf-"
    assert firmware.build.config == {"BT_ENABLED": True, "FREERTOS_HZ": 100}


def test_the_sources_may_be_on_another_machine(tmp_path: Path) -> None:
    write(tmp_path, "build/flasher_args.json", FLASHER)
    write(tmp_path, "build/project_description.json", {"project_path": "/home/somebody/else"})
    write(tmp_path, "build/only.elf", "elf")
    firmware = ready_made(tmp_path / "build", tmp_path)
    assert firmware.build is not None
    assert firmware.build.project == tmp_path
    assert firmware.elf == tmp_path / "build/only.elf"


@pytest.mark.parametrize(
    "content, message",
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ("[" * 100_000, "not JSON"),
        ({"flash_files": {}}, "it has no flash_files: is it that of a whole project?"),
        ({"flash_files": []}, "it has no flash_files"),
        ({"flash_files": {"here": "a.bin"}}, "'here': 'a.bin' is no offset with a file"),
        ({"flash_files": {"0x0": 7}}, "'0x0': 7 is no offset with a file"),
        ({"flash_files": {"-0x10": "a.bin"}}, "'-0x10': 'a.bin' is no offset with a file"),
    ],
)
def test_what_is_wrong_with_it(tmp_path: Path, content: Any, message: str) -> None:
    write(tmp_path, "flasher_args.json", content)
    with pytest.raises(UsageError, match=message) as raised:
        ready_made(tmp_path, tmp_path)
    assert str(raised.value).startswith(f"{tmp_path / 'flasher_args.json'}: ")


@pytest.mark.parametrize("name", ["/etc/passwd", "../../etc/passwd", "link", "circle", "a\0b"])
def test_files_that_are_not_its_own_are_not_read(tmp_path: Path, name: str) -> None:
    build = tmp_path / "checkout" / "build"
    write(build, "flasher_args.json", {"flash_files": {"0x0": name}})
    (build / "link").symlink_to("/etc/passwd")
    (build / "circle").symlink_to(build / "circle")
    with pytest.raises(UsageError, match="lies neither in that folder nor in the checkout"):
        ready_made(build, tmp_path / "checkout")


def test_files_of_the_project_beside_it_are(tmp_path: Path) -> None:
    build = tmp_path / "checkout" / "build"
    write(build, "flasher_args.json", {"flash_files": {"0x110000": "../data/logo.bin"}})
    firmware = ready_made(build, tmp_path / "checkout")
    assert firmware.build is not None
    assert firmware.build.files[0].path == build / "../data/logo.bin"


def test_it_names_no_program_and_no_elf_that_are_not_its_own(tmp_path: Path) -> None:
    write(tmp_path, "build/flasher_args.json", FLASHER)
    write(tmp_path, "other.elf", "elf")
    described = {"monitor_toolprefix": f"{tmp_path}/build/evil-", "app_elf": "../other.elf"}
    write(tmp_path, "build/project_description.json", described)
    firmware = ready_made(tmp_path / "build", tmp_path / "build")
    assert firmware.build is not None
    assert (firmware.build.tool_prefix, firmware.elf) == ("", None)
