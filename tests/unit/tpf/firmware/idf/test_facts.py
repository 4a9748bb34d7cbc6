"""What a build folder tells, of older and newer ESP-IDFs, and what is said of one that is broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tpf.errors import BuildError
from tpf.firmware.idf.facts import Outputs, is_configured, read_outputs

DESCRIPTION = {
    "project_name": "hello",
    "app_elf": "hello.elf",
    "app_bin": "hello.bin",
    "target": "esp32c3",
    "monitor_toolprefix": "riscv32-esp-elf-",
}
FLASHER = {
    "flash_settings": {"flash_mode": "dio", "flash_size": "4MB", "flash_freq": "80m"},
    "flash_files": {"0x10000": "hello.bin", "0x0": "bootloader/bootloader.bin"},
}
CONFIG = {"IDF_TARGET": "esp32c3", "FREERTOS_HZ": 100, "SPIRAM": False, "A_LIST": [1]}


def folder(path: Path, **files: Any) -> Path:
    """A build folder; a keyword replaces a file's content, None leaves it out."""
    contents: dict[str, Any] = {
        "project_description.json": files.get("description", DESCRIPTION),
        "flasher_args.json": files.get("flasher", FLASHER),
        "config/sdkconfig.json": files.get("config", CONFIG),
        "hello.elf": "elf",
        "hello.bin": "bin",
        "hello.map": "map",
        "bootloader/bootloader.bin": "boot",
        "CMakeCache.txt": "",
        "build.ninja": "",
    }
    for name, content in contents.items():
        if content is not None:
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def read(path: Path) -> Outputs:
    return read_outputs(path, Path("/p"), (("PATH", "/bin"),))


def test_a_build_folder_tells_all(tmp_path: Path) -> None:
    found = read(folder(tmp_path))
    facts = found.facts
    assert (facts.target, facts.tool_prefix, facts.flash_size) == ("esp32c3", "riscv32-esp-elf-", 4 << 20)
    assert [(file.offset, file.path.name) for file in facts.files] == [(0, "bootloader.bin"), (0x10000, "hello.bin")]
    assert facts.config == {"IDF_TARGET": "esp32c3", "FREERTOS_HZ": 100, "SPIRAM": False}
    assert (facts.project, facts.folder, dict(facts.environment)) == (Path("/p"), tmp_path, {"PATH": "/bin"})
    assert (found.elf, found.app, found.map) == tuple(tmp_path / f"hello.{end}" for end in ("elf", "bin", "map"))


def test_a_build_for_the_host_has_no_image(tmp_path: Path) -> None:
    description = {"app_elf": "hello.elf", "app_bin": "hello.bin", "target": "linux", "monitor_toolprefix": ""}
    found = read(folder(tmp_path, description=description, flasher=None))
    assert (found.facts.target, found.facts.files, found.facts.flash_size, found.app) == ("linux", (), None, None)


def test_what_older_ones_do_not_write_may_be_missing(tmp_path: Path) -> None:
    description = {"app_elf": "hello.elf", "target": "esp32"}
    flasher = {"flash_files": FLASHER["flash_files"]}
    found = read(folder(tmp_path, description=description, flasher=flasher, config=None))
    assert (found.facts.tool_prefix, found.facts.config, found.facts.flash_size) == ("", {}, None)


@pytest.mark.parametrize("size", ["detect", "keep", "", 4, None])
def test_a_flash_size_that_is_none_is_unknown(size: object, tmp_path: Path) -> None:
    assert read(folder(tmp_path, flasher={**FLASHER, "flash_settings": {"flash_size": size}})).facts.flash_size is None


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"description": None}, "project_description.json: can't be read: there is no such file"),
        ({"description": '{"app_elf": '}, "project_description.json: can't be read: not JSON"),
        ({"description": "[]"}, "not a JSON object"),
        ({"description": {"target": "esp32"}}, "it has no app_elf"),
        ({"description": {**DESCRIPTION, "target": 5}}, "it has no target"),
        ({"description": {**DESCRIPTION, "app_elf": "other.elf"}}, "other.elf: the build ended well but did not make"),
        ({"flasher": None}, "flasher_args.json: can't be read: there is no such file"),
        ({"flasher": {}}, "it has no flash_files"),
        ({"flasher": {"flash_files": {}}}, "it has no flash_files"),
        ({"flasher": {"flash_files": {"x": "hello.bin"}}}, "'x' is no offset"),
        ({"flasher": {"flash_files": {"0x0": 5}}}, "5 is no file's name"),
        ({"flasher": {"flash_files": {"0x0": "gone.bin"}}}, "gone.bin: the build ended well but did not make it"),
        ({"config": "{"}, "sdkconfig.json: can't be read: not JSON"),
    ],
)
def test_what_is_missing_or_broken_is_named_with_the_way_out(wrong: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(BuildError) as caught:
        read(folder(tmp_path, **wrong))
    assert words in str(caught.value)
    assert f"remove {tmp_path} and build again" in str(caught.value)


def test_a_configuration_that_was_cut_off_is_seen(tmp_path: Path) -> None:
    assert is_configured(tmp_path)  # idf.py will run CMake: there is no cache
    assert is_configured(folder(tmp_path))
    (tmp_path / "build.ninja").unlink()
    assert not is_configured(tmp_path)
    assert not is_configured(folder(tmp_path, description='{"target'))
    assert not is_configured(folder(tmp_path, flasher='{"flash_files'))
    assert not is_configured(folder(tmp_path, config="{"))
