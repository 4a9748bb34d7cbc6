"""Runs a host command for a step: its output as lines for the log, its standard output as a text, its end."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from tpf.console.excerpt import excerpt
from tpf.console.lines import Splitter
from tpf.console.text import Decoder, without_colours
from tpf.process import Child, Outcome, Processes, Request
from tpf.processes.channel import Channel

_KEPT_LINES: Final = 60
_KEPT_BYTES: Final = 1 << 20  # of standard output
_LINGER: Final = 1.0  # seconds that output is waited for after the command's end


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a command ended, and what it wrote."""

    outcome: Outcome
    stdout: str  # the last megabyte of it
    story: str  # the last lines of both outputs, for messages

    @property
    def last_words(self) -> str:
        """The last line that isn't blank, of either output."""
        said = (line.partition(" | ")[2].strip() for line in reversed(self.story.splitlines()))
        return next(filter(None, said), "")


class _Lines:
    """One stream of output as lines."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._decoder = Decoder()
        self._splitter = Splitter()
        self._on_line = on_line

    def take(self, data: bytes) -> None:
        self._push(self._decoder.feed(data))

    def finish(self) -> None:
        self._push(self._decoder.finish())
        if self._splitter.is_open:
            self._push("\n")

    def _push(self, text: str) -> None:
        for line in self._splitter.push(self._splitter.cut(text)):
            self._on_line(line)


class _Output:
    """Both streams of a command: to the log as they come, and what is kept of them."""

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self.kept = bytearray()
        self._on_line = on_line
        self._tail: deque[str] = deque(maxlen=_KEPT_LINES)
        self._count = 0
        self.streams = (_Lines(self._line), _Lines(self._line))

    def stdout(self, data: bytes) -> None:
        self.kept += data
        del self.kept[:-_KEPT_BYTES]
        self.streams[0].take(data)

    def stderr(self, data: bytes) -> None:
        self.streams[1].take(data)

    def _line(self, line: str) -> None:
        self._count += 1
        self._tail.append(without_colours(line))
        self._on_line(line)

    def finish(self) -> str:
        """End open lines; the last lines as messages show them."""
        for stream in self.streams:
            stream.finish()
        lines = list(self._tail)
        return f"output:\n{excerpt(lines, self._count - len(lines) + 1)}" if lines else "it wrote nothing"


async def run_command(
    processes: Processes, request: Request, *, timeout: float, on_line: Callable[[str], None]
) -> Result:
    """Run a command to its end, or to its time limit. Raises what `Processes.start` raises."""
    output = _Output(on_line)
    out, out_sink = os.pipe()
    err, err_sink = os.pipe()
    stdout, stderr = Channel(source=out, on_data=output.stdout), Channel(source=err, on_data=output.stderr)
    async with stdout, stderr:
        try:
            child = processes.start(replace(request, stdout=out_sink, stderr=err_sink))
        finally:
            os.close(out_sink)
            os.close(err_sink)
        async with child:
            timed_out = await _over_time(child, timeout)
            await _drained(stdout, stderr)
            await child.stop()  # those that it left behind, who keep its output open
            await _drained(stdout, stderr)
    outcome = replace(child.outcome, timed_out=timed_out)
    return Result(outcome=outcome, story=output.finish(), stdout=output.kept.decode("utf-8", "backslashreplace"))


async def _over_time(child: Child, timeout: float) -> bool:
    """Wait for the command; True when it had to be stopped."""
    try:
        async with asyncio.timeout(timeout):
            await child.wait()
    except TimeoutError:
        await child.stop()
        return True
    return False


async def _drained(*channels: Channel) -> None:
    await asyncio.gather(*(channel.drained(_LINGER) for channel in channels))
