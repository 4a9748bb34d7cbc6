"""A stretch of work that a time limit or an interruption ends, and the reason why it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Scope:
    """An `asyncio.timeout` that knows its reason: what leaves it is the reason, never a bare TimeoutError.

    Scopes nest: an outer one that ends passes through the inner ones as a cancellation, and is then their reason too.
    """

    def __init__(self, seconds: float | None, expired: Callable[[], Exception], *, within: Scope | None = None) -> None:
        self._outer = within
        self._timeout = asyncio.timeout(seconds)
        self._expired = expired
        self._reason: Exception | None = None
        self._active = False

    @property
    def reason(self) -> Exception | None:
        """Why the scope, or one around it, is being ended while its work is cancelled."""
        return self._own_reason() or (self._outer.reason if self._outer is not None else None)

    def _own_reason(self) -> Exception | None:
        if self._reason is None and self._timeout.expired():
            self._reason = self._expired()
        return self._reason

    def interrupt(self, reason: Exception) -> None:
        """End the work at its next await; the first reason counts."""
        if not self._active or self._own_reason() is not None:
            return
        self._reason = reason
        self._timeout.reschedule(asyncio.get_running_loop().time())

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._active = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._active = False
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError:
            raise self._own_reason() or self._expired() from None
        if kind is None and self._reason is not None:  # the work was over before the interruption reached it
            raise self._reason
