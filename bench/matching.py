"""A flood of 100 000 lines through a console, in pieces of several sizes, beside a bare search and pexpect.

"testarena" is all that happens to a device's output in a run: decoding, lines with numbers and times, guard patterns, a
log file written as the lines come, and a step that waits for the last line. "bytes.find" is one search over all bytes.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import tempfile
import time
from collections.abc import Callable

from pexpect import EOF
from pexpect.spawnbase import SpawnBase

from tpf.console import DEFAULT_GUARDS, Console, Lines, Wanted, fail_on

LINES, ROUNDS = 100_000, 3
SIZES = (80, 640, 4096, 16384, 65536)
END = "flood: the end"
FEW = 4_000  # lines for what takes quadratic time


def flood(lines: int, *, colour: bool = False) -> bytes:
    """The log of a talkative device, its last line the wanted one."""
    before, after = ("\x1b[0;32m", "\x1b[0m") if colour else ("", "")
    texts = (
        f"{before}I ({number}) flood: line {number} of the stream, 0123456789{after}\r\n" for number in range(lines)
    )
    return ("".join(texts) + END + "\r\n").encode()


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def bare_search(data: bytes, size: int) -> None:
    """The floor: what it costs to look at each byte once."""
    assert data.find(END.encode()) > 0


def testarena(wanted: Wanted, *own: str) -> Callable[[bytes, int], None]:
    """Feed a console whose guards are armed and whose log is written, while a step waits."""

    async def run(data: bytes, size: int) -> None:
        with tempfile.NamedTemporaryFile(buffering=0) as log:

            def write(lines: Lines) -> None:
                stamp = f"{lines.time:10.3f}  "
                log.write((stamp + f"\n{stamp}".join(lines.texts) + "\n").encode())

            console = Console(on_lines=write, guards=(*DEFAULT_GUARDS, *map(fail_on, own)))
            console.booted()
            waiting = asyncio.create_task(console.expect(wanted))
            await asyncio.sleep(0)
            for piece in pieces(data, size):
                console.feed(piece)
            (found,) = await waiting
            assert found.number == data.count(b"\n")

    return lambda data, size: asyncio.run(run(data, size))


class Replay(SpawnBase):
    """A pexpect session that reads pieces from memory."""

    def __init__(self, parts: list[bytes], window: int | None) -> None:
        super().__init__(timeout=60, searchwindowsize=window)
        self._parts = iter(parts)

    def read_nonblocking(self, size: int = 1, timeout: float | None = None) -> bytes:
        part = next(self._parts, None)
        if part is None:
            raise EOF("the end")
        return part


def pexpect(window: int | None) -> Callable[[bytes, int], None]:
    return lambda data, size: Replay(pieces(data, size), window).expect_exact(END.encode())


CONTENDERS: dict[str, tuple[Callable[[bytes, int], None], bytes]] = {
    "bytes.find": (bare_search, flood(LINES)),
    "testarena, contains": (testarena(Wanted(text=END)), flood(LINES)),
    "testarena, exact": (testarena(Wanted(line=END)), flood(LINES)),
    "testarena, regex": (testarena(Wanted(pattern=re.compile(r"^flood: (\w+) *end"))), flood(LINES)),
    "testarena, coloured log": (testarena(Wanted(text=END)), flood(LINES, colour=True)),
    "testarena, 2 fail-on": (testarena(Wanted(text=END), "out of memory", r"wifi: .*lost"), flood(LINES)),
    f"testarena, {FEW} lines": (testarena(Wanted(text=END)), flood(FEW)),
    f"pexpect, {FEW} lines": (pexpect(None), flood(FEW)),
    f"pexpect, {FEW} lines, window 4 KiB": (pexpect(4096), flood(FEW)),
}


def speed(work: Callable[[bytes, int], None], data: bytes, size: int) -> float:
    """Megabytes a second, the median of some rounds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work(data, size)
        times.append(time.perf_counter() - start)
    return len(data) / 1e6 / statistics.median(times)


def run() -> str:
    header = f"  {'read in pieces of':30}" + "".join(f"{size:>9}" for size in SIZES)
    lines = [f"a flood of {LINES} lines matched at its end, MB/s", header]
    for name, (work, data) in CONTENDERS.items():
        lines.append(f"  {name:30}" + "".join(f"{speed(work, data, size):9.1f}" for size in SIZES))
    return "\n".join(lines)


if __name__ == "__main__":
    print(run())
