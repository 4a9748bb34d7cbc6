"""Whoever works with the device: a person at a terminal, key by key, or lines that come through a pipe."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Protocol

from testarena_ci.recording.keyboard import Keyboard, Typed
from testarena_ci.recording.tape import Tape

QUIET: Final = 0.4  # seconds without output behind something that looks like a prompt
LONG_QUIET: Final = 2.0  # behind anything else
LONGEST_WAIT: Final = 60.0  # seconds for one answer, then the next line is sent all the same
_PROMPTS: Final = (">", "#", "$", "%", ":", "?", "]")
_GULP: Final = 1 << 16


class Wire(Protocol):
    """A device that is being recorded."""

    tape: Tape
    news: asyncio.Event  # is set when the device has said something

    def clock(self) -> float: ...
    def show(self, text: str) -> None: ...
    async def send(self, data: bytes) -> None: ...


Person = Callable[[Wire], Awaitable[None]]


async def typing(wire: Wire, *, fd: int, echo: bool) -> None:
    """Keys from a terminal in raw mode, until Ctrl-], Ctrl-D in an empty line, or the terminal's end."""
    keyboard = Keyboard()
    while not keyboard.quit and (data := await _read(fd)):
        for typed in keyboard.type(data):
            _take(wire.tape, typed, wire.clock())
            if echo:
                wire.show("\b \b" * len(typed.data) if typed.data.startswith(b"\x7f") else _shown(typed.data))
            await wire.send(typed.data)


def _take(tape: Tape, typed: Typed, now: float) -> None:
    if typed.keys:
        tape.press(typed.data, now)
    elif typed.line is None:
        tape.begin()
    else:
        tape.send(typed.line, now, edited=typed.edited)


def _shown(data: bytes) -> str:
    return "" if data < b" " and data not in (b"\n", b"\t") else data.decode("utf-8", "replace")


async def lines(wire: Wire, *, fd: int, echo: bool) -> None:
    """Lines, each sent when the device has answered the one before it, until their end."""
    left = b""
    await _settled(wire)
    while data := await _read(fd):
        *whole, left = (left + data).split(b"\n")
        for line in whole:
            await _send_line(wire, line, echo=echo)
    if left:
        await _send_line(wire, left, echo=echo)


async def _send_line(wire: Wire, line: bytes, *, echo: bool) -> None:
    text = line.rstrip(b"\r").decode("utf-8", "replace")
    if echo:
        wire.show(text + "\n")
    wire.tape.send(text, wire.clock())
    await wire.send(text.encode() + b"\n")
    await _settled(wire)


async def _settled(wire: Wire) -> None:
    """Wait until the device has said what it has to say: there is no other sign of it than that it falls silent."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_WAIT):
            while await _says_more(wire):
                pass


async def _says_more(wire: Wire) -> bool:
    wire.news.clear()
    waits = wire.tape.open_line.rstrip().endswith(_PROMPTS)
    try:
        async with asyncio.timeout(QUIET if waits else LONG_QUIET):
            await wire.news.wait()
    except TimeoutError:
        return False
    return True


async def _read(fd: int) -> bytes:
    """Wait for bytes; b"" is the end. A regular file, or /dev/null, has nothing to wait for."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    with suppress(PermissionError):
        loop.add_reader(fd, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(fd)
    try:
        return os.read(fd, _GULP)
    except OSError:  # the terminal is gone
        return b""
