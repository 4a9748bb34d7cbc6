"""Locks on files and folders, between processes: gone with whoever holds them."""

from __future__ import annotations

import asyncio
import fcntl
from typing import Final

_POLL: Final = 0.02  # seconds


def try_lock(descriptor: int) -> bool:
    """Take the lock on an open file or folder, if nobody else has it. It is held until the descriptor is closed."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


async def wait_for_lock(descriptor: int, limit: float) -> None:
    """Take the lock, waiting for it. Raises TimeoutError after so many seconds."""
    async with asyncio.timeout(limit):
        while not try_lock(descriptor):  # noqa: ASYNC110  another process holds it: there is no event to wait for
            await asyncio.sleep(_POLL)
