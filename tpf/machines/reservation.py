"""Things of this host that only one scenario may use at a time (a board on the desk), over all runs on the host.

    async with reserved(["/dev/ttyUSB0"], "scenario 'boot' of process 42", tell):
        ...

A name is locked by a file of its own in the system's folder for temporary files: the kernel takes the lock away when we
die, the file stays. It tells who has the thing, and keeps a note of the last one who had it.

    {"holder": "scenario 'boot' of process 42", "note": "a1b2c3 0f343b0931126a20f133d67c2b018a3b"}
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from tpf.errors import MachineError
from tpf.processes.locks import try_lock, wait_for_lock

LIMIT: Final = 1800.0  # seconds
_LARGEST: Final = 1 << 14  # bytes of the file


@asynccontextmanager
async def reserved(
    names: Iterable[str], who: str, tell: Callable[[str], None], limit: float = LIMIT
) -> AsyncIterator[None]:
    """Have all of these for as long as the context lasts. `tell` hears whom we wait for.

    Raises MachineError when somebody else has one for longer than the limit.
    """
    async with AsyncExitStack() as locks:
        for name in sorted(set(names)):  # in the same order for all: no two wait for each other
            await locks.enter_async_context(_alone(name, who, tell, limit))
        yield


@asynccontextmanager
async def _alone(name: str, who: str, tell: Callable[[str], None], limit: float) -> AsyncIterator[None]:
    file = _open(name)
    try:
        if not try_lock(file):
            tell(f"{who} waits for {name}, which {_holder(name)} has")
            await _locked(file, name, who, limit)
        _write(name, {**_read(name), "holder": who})
        try:
            yield
        finally:
            _write(name, {**_read(name), "holder": ""})
    finally:
        os.close(file)


async def _locked(file: int, name: str, who: str, limit: float) -> None:
    try:
        await wait_for_lock(file, limit)
    except TimeoutError:
        raise MachineError(
            f"{name} is busy: {who} has waited {limit:g}s for {_holder(name)}; end that, or use another one"
        ) from None


def note_of(name: str) -> str:
    """What the last one who had it has left; "" when nobody did."""
    return str(_read(name).get("note", ""))


def leave_note(name: str, note: str) -> None:
    """For the next ones, while we have it."""
    _write(name, {**_read(name), "note": note})


def _path(name: str) -> Path:
    return Path(tempfile.gettempdir()) / f"testarena-{hashlib.sha256(name.encode()).hexdigest()[:16]}.lock"


def _open(name: str) -> int:
    """The lock file. Others than us must be able to use it, and a link that somebody put there leads nowhere."""
    path = _path(name)
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        try:
            return os.open(path, flags)
        except FileNotFoundError:  # without O_CREAT first: Linux refuses it for other users' files in /tmp
            made = os.open(path, flags | os.O_CREAT, 0o666)
            with suppress(OSError):
                os.fchmod(made, 0o666)
            return made
    except OSError as error:
        raise MachineError(f"{name} can't be reserved: {path}: {error.strerror}; remove that file") from error


def _holder(name: str) -> str:
    return str(_read(name).get("holder") or "another process")


def _read(name: str) -> dict[str, Any]:
    """What the file says; others may have written it."""
    try:
        with _path(name).open("rb") as file:
            found = json.loads(file.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(name: str, content: dict[str, Any]) -> None:
    """In place, for the lock is on this very file; who reads it half-written takes it as empty.

    A file that is gone is nobody's loss: there is no note then.
    """
    try:
        file = os.open(_path(name), os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return
    try:
        data = json.dumps(content).encode()[:_LARGEST]
        os.pwrite(file, data, 0)
        os.ftruncate(file, len(data))
    finally:
        os.close(file)
