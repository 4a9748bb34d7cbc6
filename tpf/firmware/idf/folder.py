"""The folder in the checkout where builds of ESP-IDF projects stay, and what in it is still of use.

<checkout>/.testarena/.gitignore                          *
<checkout>/.testarena/build/console-esp32c3-1a2b3c4d/     a build folder, with its sdkconfig
<checkout>/.testarena/build/console-esp32c3-1a2b3c4d/testarena.json    what it was made from
"""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from tpf.errors import EnvironmentLacks
from tpf.files import OURS, keep_out_of_git, write_atomically
from tpf.result import FirmwareSize

_STAMP: Final = "testarena.json"
_CACHE: Final = "CMakeCache.txt"
_CONFIG: Final = ("sdkconfig", "sdkconfig.old")


class Stamp(Struct, frozen=True, kw_only=True):
    """What a build folder was made from."""

    idf: str  # path and version
    project: str
    target: str
    config: str  # digest of the files that its settings come from
    ended: bool = False  # idf.py came to its own end there, good or bad
    of_sizes: str = ""  # which outputs these are the sizes of
    sizes: tuple[FirmwareSize, ...] = ()


class Renewal(Enum):
    """What has to be thrown away before a build."""

    NOTHING = "nothing"
    CONFIGURATION = "configuration"  # CMake's: it may have been cut off
    SETTINGS = "settings"  # sdkconfig: idf.py would keep the old one although the defaults changed
    ALL = "all"  # of another target, project or ESP-IDF


def renewal(old: Stamp | None, new: Stamp, *, empty: bool, configured: bool) -> Renewal:
    """What of a folder is of no use for a new build. `configured`: all that CMake makes is there, and can be read."""
    if empty:
        return Renewal.NOTHING
    if old is None or (old.idf, old.project, old.target) != (new.idf, new.project, new.target):
        return Renewal.ALL
    if old.config != new.config:
        return Renewal.SETTINGS
    return Renewal.NOTHING if old.ended and configured else Renewal.CONFIGURATION


def renew(folder: Path, what: Renewal) -> None:
    """Throw it away. Raises EnvironmentLacks."""
    names = {Renewal.NOTHING: (), Renewal.CONFIGURATION: (_CACHE,), Renewal.SETTINGS: (_CACHE, *_CONFIG)}
    try:
        if what is Renewal.ALL:
            shutil.rmtree(folder)
        for name in names.get(what, ()):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise _cant_write(folder, error) from error


def build_folder(checkout: Path, project: Path, target: str, config: tuple[str, ...]) -> Path:
    """The folder of its own that each project, target and config has; the same in every run."""
    digest = hashlib.sha256(repr((str(project), config)).encode()).hexdigest()[:8]
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "-" for one in project.name)
    return checkout / OURS / "build" / f"{plain[:40] or 'project'}-{target}-{digest}"


def make_folder(folder: Path) -> None:
    """Make a folder in ours, which git doesn't see. Raises EnvironmentLacks."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        keep_out_of_git(folder)
    except OSError as error:
        raise _cant_write(folder, error) from error


def read_stamp(folder: Path) -> Stamp | None:
    try:
        return msgspec.json.decode((folder / _STAMP).read_bytes(), type=Stamp)
    except (OSError, msgspec.MsgspecError):
        return None


def write_stamp(folder: Path, stamp: Stamp) -> None:
    write(folder / _STAMP, msgspec.json.encode(stamp).decode())


def write(path: Path, text: str) -> None:
    """Write a file so that nobody sees half of it. Raises EnvironmentLacks."""
    try:
        write_atomically(path, text.encode("utf-8", "surrogateescape"), durable=False, parents=True)
    except OSError as error:
        raise _cant_write(path, error) from error


def digest_of(files: tuple[Path, ...]) -> str:
    """Of the names of files and what is in them; a file that isn't there counts, too."""
    digest = hashlib.sha256()
    for file in files:
        with suppress(OSError):
            digest.update(b"\1" + hashlib.sha256(file.read_bytes()).digest())
        digest.update(b"\0" + str(file).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:32]


def _cant_write(path: Path, error: OSError) -> EnvironmentLacks:
    return EnvironmentLacks(f"{path}: {error.strerror}; firmware is built there: make the checkout's folder writable")
