"""Files that are whole or absent, whenever we are killed, and our folder in a checkout, which git does not see."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

OURS: Final = ".testarena"


def write_atomically(path: Path, data: bytes, *, durable: bool = True, parents: bool = False) -> None:
    """Put a file in place whole: written beside it, then renamed over it.

    `durable` waits until the disk has it, `parents` makes the folders above it that are missing.
    """
    if parents:
        path.parent.mkdir(parents=True, exist_ok=True)
    fd, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        part.chmod(0o644)
        part.replace(path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(path)  # the system doesn't say it of a full disk
        raise


def write_new(path: Path, data: bytes, *, executable: bool = False) -> None:
    """Put a new file in place whole. Raises FileExistsError, and never replaces anything: a rename would."""
    fd, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
        part.chmod(0o755 if executable else 0o644)
        path.hardlink_to(part)
    finally:
        part.unlink(missing_ok=True)


def keep_out_of_git(folder: Path) -> None:
    """Let git not see our folder when this is it, or is in it: nobody commits what is kept there by accident."""
    ours = next((one for one in (folder, *folder.parents) if one.name == OURS), None)
    if ours is not None and not (ours / ".gitignore").exists():
        write_atomically(ours / ".gitignore", b"*\n", durable=False)
