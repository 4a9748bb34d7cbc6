"""Programs that are kept running for the next question: the first of several that is there and fit for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Protocol, TypeVar

from tpf.errors import EnvironmentLacks
from tpf.panics.talk import NoAnswer

_MOST: Final = 8


class Tool(Protocol):
    """A program that is running, or was."""

    @property
    def alive(self) -> bool: ...
    async def close(self) -> None: ...


AnyTool = TypeVar("AnyTool", bound=Tool)


class Kept:
    """The programs, by what they know; those that were asked least lately end when they get many."""

    def __init__(self) -> None:
        self._tools: dict[tuple[object, ...], Tool] = {}
        self._missing: dict[tuple[object, ...], str] = {}

    async def get(
        self,
        kind: type[AnyTool],
        key: tuple[object, ...],
        commands: Iterable[tuple[str, ...]],
        start: Callable[[tuple[str, ...]], Awaitable[AnyTool]],
    ) -> AnyTool:
        """The program that is kept, or the first of these commands that can be started and answers.

        Raises EnvironmentLacks with what became of them, at once when they were tried before.
        """
        known = self._tools.pop(key, None)
        if isinstance(known, kind) and known.alive:
            self._tools[key] = known
            return known
        if known is not None:
            await known.close()
        if key in self._missing:
            raise EnvironmentLacks(self._missing[key])
        started = await self._first(key, commands, start)
        self._tools[key] = started
        while len(self._tools) > _MOST:
            await self._tools.pop(next(iter(self._tools))).close()
        return started

    async def _first(
        self,
        key: tuple[object, ...],
        commands: Iterable[tuple[str, ...]],
        start: Callable[[tuple[str, ...]], Awaitable[AnyTool]],
    ) -> AnyTool:
        tried = []
        unfit = ""
        for command in commands:
            tried.append(command[0])
            try:
                return await start(command)
            except EnvironmentLacks:
                continue
            except NoAnswer as error:
                unfit = unfit or f"; {error}"
        lacking = f"none of {', '.join(tried)} can be used{unfit}"
        if not unfit:  # else it may have been the host that was busy
            self._missing[key] = lacking
        raise EnvironmentLacks(lacking)

    async def close(self) -> None:
        for tool in self._tools.values():
            await tool.close()
        self._tools.clear()
