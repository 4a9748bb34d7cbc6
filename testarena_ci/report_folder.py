"""The report folder: made whole before a run writes into it, and held by one run at a time."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tpf.errors import SettingsError
from tpf.journal import FILE_NAME as JOURNAL

_LOCK: Final = ".lock"
_ENDED: Final = ".ended"
_OURS: Final = (JOURNAL, _LOCK)
# a mounted folder; one beside which nothing may be made
_CANT_BE_MOVED: Final = (errno.EBUSY, errno.EXDEV, errno.EACCES, errno.EPERM, errno.EROFS)


@contextlib.contextmanager
def open_report_folder(path: Path) -> Iterator[Path]:
    """A fresh, empty report folder at `path`, held until the context ends; an earlier report there is replaced.

    The new folder is made beside it and renamed into place; one that can't be moved (a volume of a container) is
    emptied. Raises SettingsError when another run holds the folder, or when it has files that no run wrote.
    """
    try:
        path = path.resolve()  # through a link, the folder that it leads to is meant
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = _take(path)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        reason = getattr(error, "strerror", None) or error
        raise SettingsError(
            f"{path}: can't make the report folder: {reason}; choose another with --report-dir"
        ) from error
    try:
        yield path
    finally:
        os.close(lock)


def mark_ended(path: Path) -> None:
    """Note that the run has done all it had to do, reports and final statuses too. Without room for it: not noted."""
    with contextlib.suppress(OSError):
        (path / _ENDED).touch()


def has_ended(path: Path) -> bool:
    """Whether the run of this folder came to its end; False for one that was killed, however late."""
    return (path / _ENDED).exists()


def is_held(path: Path) -> bool:
    """Whether a run is writing into this folder now."""
    try:
        lock = os.open(path / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except OSError:  # no lock: no run of ours, or one whose report was copied here
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def _hold(path: Path) -> int:
    """Take the lock of an existing report folder, or say why it can't be replaced."""
    if not path.is_dir():
        raise SettingsError(f"{path}: is a file; choose another report folder with --report-dir")
    if Path.cwd().is_relative_to(path):
        raise SettingsError(f"{path}: is the folder that you are in, or holds it; choose another with --report-dir")
    if any(path.iterdir()) and not any((path / name).exists() for name in _OURS):
        raise SettingsError(
            f"{path}: has files that no run of ours wrote; empty it or choose another with --report-dir"
        )
    lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(lock), (path / _LOCK).stat()):  # another run has just put its folder here
            raise BlockingIOError
    except OSError:
        os.close(lock)
        raise SettingsError(
            f"{path}: another run is writing here; wait for it or choose another folder with --report-dir"
        ) from None
    return lock


def _take(path: Path) -> int:
    """An empty folder in place, and its lock."""
    held = _hold(path) if path.exists() else None
    try:
        return _put_in_place(path)
    except OSError as error:
        if held is None or error.errno not in _CANT_BE_MOVED:
            raise
        _empty(path)
        lock, held = held, None
        return lock
    finally:
        if held is not None:
            os.close(held)


def _put_in_place(path: Path) -> int:
    """Make the new folder beside the old one, locked, and swap the two. Returns the new folder's lock."""
    beside = Path(tempfile.mkdtemp(prefix=f".{path.name}.new-", dir=path.parent))
    try:
        fresh = beside / "new"
        fresh.mkdir()
        lock = os.open(fresh / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            if path.exists():
                path.rename(beside / "old")
            fresh.rename(path)
        except OSError:
            os.close(lock)
            raise
        return lock
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _empty(path: Path) -> None:
    """Remove all that earlier runs have left, but for the lock."""
    for entry in path.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != _LOCK:
            entry.unlink()
