"""Files that are whole or absent, whenever we are killed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Put a file in place whole: written beside it, then renamed over it. `durable` waits until the disk has it."""
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
