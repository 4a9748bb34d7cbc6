"""A build folder that somebody else has made: one of a build before, or a downloaded artifact of one.

All that has to be there is `flasher_args.json`, and the files that this names:

{"flash_settings": {"flash_size": "2MB"}, "extra_esptool_args": {"chip": "esp32c3"},
 "flash_files": {"0x0": "bootloader/bootloader.bin", "0x10000": "hello.bin"}}

What else a build folder has (`project_description.json`, `config/sdkconfig.json`, the ELF file) tells more.

An artifact is from outside: it names files of its own or of the checkout (ESP-IDF writes a project's own file as
`../data/logo.bin`), and no program by its path. What an image holds can end up in a report that others read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tpf.errors import UsageError
from tpf.firmware.idf.facts import CONFIG, DESCRIPTION, FLASHER, flash_size, offset_of, part_of, settings_of
from tpf.machines.base import BuildFacts, Firmware, FlashFile

_LARGEST: Final = 8 << 20  # bytes of a JSON file
_PREFIX: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def ready_made(folder: Path, checkout: Path) -> Firmware:
    """What is in a build folder; no image of it has been made yet. Raises UsageError that names the file."""
    allowed = (folder, checkout)
    flasher = _object(folder / FLASHER)
    described = _object(folder / DESCRIPTION) if (folder / DESCRIPTION).is_file() else {}
    settings = _object(folder / CONFIG) if (folder / CONFIG).is_file() else {}
    prefix = str(described.get("monitor_toolprefix") or "")
    chip = described.get("target") or part_of(flasher, "extra_esptool_args").get("chip")
    facts = BuildFacts(
        folder=folder,
        project=_project(described, folder),
        target=chip if isinstance(chip, str) else "",
        tool_prefix=prefix if _PREFIX.fullmatch(prefix) else "",
        config=settings_of(settings),
        files=_files(flasher, folder, allowed),
        flash_size=flash_size(part_of(flasher, "flash_settings").get("flash_size")),
    )
    return Firmware(elf=_elf(described, folder, allowed), build=facts)


def _project(described: Mapping[str, Any], folder: Path) -> Path:
    """The folder of the sources, if they are on this machine; else the one around the build folder."""
    told = described.get("project_path")
    return Path(told) if isinstance(told, str) and told and Path(told).is_dir() else folder.parent


def _elf(described: Mapping[str, Any], folder: Path, allowed: Sequence[Path]) -> Path | None:
    """The application's; when nobody tells its name, the only one in the folder."""
    told = described.get("app_elf")
    found = [folder / told] if isinstance(told, str) and told else sorted(folder.glob("*.elf"))
    return found[0] if len(found) == 1 and found[0].is_file() and _is_within(found[0], allowed) else None


def _files(flasher: Mapping[str, Any], folder: Path, allowed: Sequence[Path]) -> tuple[FlashFile, ...]:
    files = []
    for offset, name in part_of(flasher, "flash_files").items():
        told = f"{folder / FLASHER}: flash_files: {offset!r}: {name!r}"
        try:
            file = FlashFile(offset=offset_of(offset), path=folder / name)
        except (TypeError, ValueError):
            raise UsageError(f"{told} is no offset with a file") from None
        if not _is_within(file.path, allowed):
            where = "lies neither in that folder nor in the checkout"
            raise UsageError(f"{told} {where}; take the file into the folder, or name the files with <part>")
        files.append(file)
    if not files:
        raise UsageError(f"{folder / FLASHER}: it has no flash_files: is it that of a whole project?")
    return tuple(sorted(files, key=lambda file: file.offset))


def _is_within(path: Path, allowed: Sequence[Path]) -> bool:
    """Wherever links lead to."""
    try:
        real = path.resolve()
        return any(real.is_relative_to(folder.resolve()) for folder in allowed)
    except (OSError, RuntimeError, ValueError):  # links that lead in a circle, NUL in a name
        return False


def _object(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_LARGEST))
    except OSError as error:
        raise UsageError(f"{path}: can't be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not JSON: {error}") from error
    if not isinstance(found, dict):
        raise UsageError(f"{path}: not a JSON object")
    return found
