"""A program that is kept running to answer questions: asked on its standard input, one at a time, with a deadline."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, Self

from tpf.errors import StepError
from tpf.process import NOWHERE, Child, Patience, Processes, Request
from tpf.processes.channel import Channel

_LONGEST: Final = 4 << 20  # bytes of an answer


class NoAnswer(StepError):
    """The program ended, said too much, or took too long."""


class Talk:
    """Start it with `begin`; whoever asks waits for the one before. After NoAnswer it is of no use any more."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._stack = AsyncExitStack()
        self._child: Child | None = None
        self._channel: Channel | None = None
        self._said = bytearray()
        self._heard = asyncio.Event()
        self._turn = asyncio.Lock()
        self._sound = True  # no answer was left half taken

    async def begin(
        self, processes: Processes, argv: tuple[str, ...], environment: tuple[tuple[str, str], ...] = ()
    ) -> Self:
        """Start the program. Raises EnvironmentLacks when it can't be."""
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        try:
            self._channel = await self._stack.enter_async_context(
                Channel(source=ours_in, sink=ours_out, on_data=self._take)
            )
            request = Request(
                argv=argv,
                cwd=Path("/"),
                environment=environment,
                stdin=theirs_in,
                stdout=theirs_out,
                stderr=NOWHERE,
                patience=Patience(terminate=0),
                sweep=False,
            )
            self._channel.ended.add_done_callback(lambda _: self._heard.set())
            self._child = await self._stack.enter_async_context(processes.start(request))
        except BaseException:
            await self._stack.aclose()
            raise
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        return self

    @property
    def alive(self) -> bool:
        return self._sound and self._child is not None and self._child.running

    async def ask(self, question: str, whole: Callable[[bytes], bool], timeout: float) -> str:
        """Send a question; the answer, when `whole` says that it is there. Raises NoAnswer."""
        async with self._turn:
            if self._channel is None or not self._sound:
                raise NoAnswer(f"{self.name} has ended")
            self._sound = False
            self._said.clear()
            try:
                async with asyncio.timeout(timeout):
                    await self._channel.send(question.encode())
                    await self._whole(whole)
            except TimeoutError:
                raise NoAnswer(f"{self.name} gave no answer within {timeout:g}s") from None
            except OSError as error:
                raise NoAnswer(f"{self.name} has ended: {error.strerror}") from error
            self._sound = True
            return self._said.decode("utf-8", "replace")

    async def _whole(self, whole: Callable[[bytes], bool]) -> None:
        while not whole(bytes(self._said)):
            if len(self._said) > _LONGEST:
                raise NoAnswer(f"{self.name} said more than {_LONGEST >> 20} MiB")
            if self._channel is None or self._channel.ended.done():
                raise NoAnswer(f"{self.name} ended in the midst of its answer")
            self._heard.clear()
            await self._heard.wait()

    def _take(self, data: bytes) -> None:
        self._said += data
        self._heard.set()

    async def close(self) -> None:
        self._channel = None
        await self._stack.aclose()
