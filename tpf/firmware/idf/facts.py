"""What the build folder of an ESP-IDF project tells of what came out.

project_description.json    {"project_name": "hello", "project_path": "/p", "target": "esp32c3",
                             "app_elf": "hello.elf", "app_bin": "hello.bin", "config_file": "/p/build/sdkconfig",
                             "monitor_toolprefix": "riscv32-esp-elf-", ...}
flasher_args.json           {"flash_settings": {"flash_size": "2MB", ...},
                             "flash_files": {"0x0": "bootloader/bootloader.bin", "0x10000": "hello.bin"}, ...}
config/sdkconfig.json       {"IDF_TARGET": "esp32c3", "ESPTOOLPY_FLASHSIZE": "2MB", "FREERTOS_HZ": 100, ...}

A build for the host has no flasher_args.json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from tpf.errors import BuildError
from tpf.machines.base import BuildFacts, FlashFile

DESCRIPTION: Final = "project_description.json"
FLASHER: Final = "flasher_args.json"
CONFIG: Final = "config/sdkconfig.json"
_SIZE: Final = re.compile(r"(\d{1,6})(KB|MB)")
_HOST: Final = "linux"


class Outputs(Struct, frozen=True, kw_only=True):
    """The files that a build is done for."""

    facts: BuildFacts
    elf: Path
    app: Path | None  # the application's binary; None for a host program
    map: Path | None  # the linker's map

    @property
    def state(self) -> tuple[tuple[str, int, int], ...]:
        """Names, sizes and times: the same as long as none of them was made anew."""
        files = (self.elf, *(file.path for file in self.facts.files))
        return tuple((str(file), (status := file.stat()).st_size, status.st_mtime_ns) for file in files)


def read_outputs(folder: Path, project: Path, environment: tuple[tuple[str, str], ...] = ()) -> Outputs:
    """Raises BuildError that names the file which is missing or broken."""
    description = _object(folder / DESCRIPTION)
    target = _text(description, "target", folder / DESCRIPTION)
    elf = _there(folder, _text(description, "app_elf", folder / DESCRIPTION))
    flasher = {} if target == _HOST else _object(folder / FLASHER)
    app = str(description.get("app_bin") or "")
    facts = BuildFacts(
        folder=folder,
        project=project,
        target=target,
        tool_prefix=str(description.get("monitor_toolprefix") or ""),
        config=_config(folder),
        files=() if target == _HOST else _files(flasher, folder),
        flash_size=flash_size(part_of(flasher, "flash_settings").get("flash_size")),
        environment=environment,
    )
    map_ = elf.with_suffix(".map")
    return Outputs(
        facts=facts,
        elf=elf,
        app=_there(folder, app) if app and target != _HOST else None,
        map=map_ if map_.is_file() else None,
    )


def is_configured(folder: Path) -> bool:
    """Whether CMake came to the end of its work here, if it ever began: what it makes is there, and can be read."""
    if not (folder / "CMakeCache.txt").exists():
        return True
    try:
        host = _object(folder / DESCRIPTION).get("target") == _HOST
        _config(folder)
        if not host:
            _object(folder / FLASHER)
    except BuildError:
        return False
    return any((folder / name).is_file() for name in ("build.ninja", "Makefile"))


def flash_size(text: object) -> int | None:
    """In bytes; None for `detect` and `keep`."""
    found = _SIZE.fullmatch(text) if isinstance(text, str) else None
    return int(found[1]) << (10 if found[2] == "KB" else 20) if found else None


def offset_of(text: str) -> int:
    """A place in the flash. Raises ValueError for what is none."""
    offset = int(text, 0)
    if offset < 0:
        raise ValueError(text)
    return offset


def _files(flasher: Mapping[str, Any], folder: Path) -> tuple[FlashFile, ...]:
    """In the order of their offsets."""
    files = []
    for offset, name in part_of(flasher, "flash_files").items():
        try:
            number = offset_of(offset)
        except ValueError:
            raise _broken(folder / FLASHER, f"flash_files: {offset!r} is no offset") from None
        if not isinstance(name, str):
            raise _broken(folder / FLASHER, f"flash_files: {name!r} is no file's name")
        files.append(FlashFile(offset=number, path=_there(folder, name)))
    if not files:
        raise _broken(folder / FLASHER, "it has no flash_files")
    return tuple(sorted(files, key=lambda file: file.offset))


def _config(folder: Path) -> dict[str, bool | int | str]:
    """The settings; none when an ESP-IDF doesn't write them."""
    path = folder / CONFIG
    if not path.exists():
        return {}
    return settings_of(_object(path))


def settings_of(told: Mapping[str, Any]) -> dict[str, bool | int | str]:
    """What sdkconfig.json tells, but for values that sdkconfig has not: null, lists, fractions."""
    return {name: value for name, value in told.items() if isinstance(value, bool | int | str)}


def part_of(whole: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object within another; empty where there is none."""
    part = whole.get(name)
    return part if isinstance(part, dict) else {}


def _text(whole: Mapping[str, Any], name: str, path: Path) -> str:
    value = whole.get(name)
    if not isinstance(value, str) or not value:
        raise _broken(path, f"it has no {name}")
    return value


def _there(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.is_file():
        raise BuildError(f"{path}: the build ended well but did not make it; remove {folder} and build again")
    return path


def _object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise _broken(path, "there is no such file") from None
    except OSError as error:
        raise _broken(path, str(error.strerror)) from error
    except (ValueError, RecursionError) as error:
        raise _broken(path, f"not JSON: {error}") from error
    if not isinstance(found, dict):
        raise _broken(path, "not a JSON object")
    return found


def _broken(path: Path, why: str) -> BuildError:
    folder = path.parent if path.parent.name != "config" else path.parent.parent
    return BuildError(f"{path}: can't be read: {why}; remove {folder} and build again")
