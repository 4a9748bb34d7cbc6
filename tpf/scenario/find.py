"""From paths on the command line to scenario files: files as they are, folders searched for `*.xml` files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tpf.scenario.types import printable
from tpf.scenario.xml import LARGEST

Identity = tuple[int, int]  # device and inode: the same however the file was named


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file that may be a scenario."""

    path: Path  # as it was given or found
    named: bool  # the user named it: it must be a scenario


class Unreadable(ValueError):
    """A path can't be searched or read; the message says why."""


def search(path: Path) -> Iterator[Found]:
    """The files of one path in the order of their names; hidden folders are left out. Raises Unreadable."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise Unreadable(
            "no such file or folder: name scenario files or folders, or let `testarena new` make a first one"
        ) from None
    except (OSError, ValueError) as error:
        raise Unreadable(f"can't be read: {_reason(error)}") from None
    if not stat.S_ISDIR(mode):
        yield Found(path=path, named=True)
        return
    for folder, folders, files in os.walk(path, onerror=_fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.endswith(".xml") and not name.startswith("."):
                yield Found(path=Path(folder, name), named=False)


def read(path: Path) -> tuple[bytes, Identity]:
    """The bytes of a file (one more than allowed when it is too large), and which file it is. Raises Unreadable."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a FIFO must not stop us
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise Unreadable("is not a regular file")
            size = min(status.st_size or LARGEST, LARGEST)  # not the largest for each: room for it takes time
            return file.read(size + 1), (status.st_dev, status.st_ino)
    except OSError as error:
        raise Unreadable(f"can't be read: {_reason(error)}") from None


def shown(path: Path, cwd: Path) -> str:
    """A path as messages name it: relative to the current folder when it is inside, and fit to be printed."""
    absolute, folder = os.path.normpath(cwd / path), f"{cwd}/".replace("//", "/")
    inside = (absolute[len(folder) :] or ".") if f"{absolute}/".startswith(folder) else absolute
    return printable(os.fsencode(inside).decode("utf-8", "backslashreplace"))


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror or "").lower() or str(error) if isinstance(error, OSError) else str(error)


def _fail(error: OSError) -> None:
    raise Unreadable(f"can't be searched: {_reason(error)}: {error.filename}") from None
