"""A panic as a stopped target: answers a debugger's remote protocol with the registers and the stack that were printed.

    $m3fc93a80,4#..  →  +$30000000#83

As Espressif's esp-idf-panic-decoder does it; but here all of a run's panics are answered within this process, and the
debugger goes on knowing the symbols. https://sourceware.org/gdb/current/onlinedocs/gdb.html/Remote-Protocol.html
"""

from __future__ import annotations

import asyncio
import re
import struct
from contextlib import suppress
from typing import Final

from tpf.panics.model import CoreState

_PACKET: Final = re.compile(rb"\$([^#$]*)#[0-9a-fA-F]{2}")
_MEMORY: Final = re.compile(r"m([0-9a-fA-F]{1,16}),([0-9a-fA-F]{1,8})\Z")
_MOST_MEMORY: Final = 1 << 16  # bytes a question
_LONGEST: Final = 1 << 16  # bytes of a packet

# The order in which a debugger for RV32 wants them; x0, which nobody prints, is 0.
_RISCV: Final = (
    *("X0", "RA", "SP", "GP", "TP", "T0", "T1", "T2", "S0/FP", "S1", "A0", "A1", "A2", "A3", "A4", "A5"),
    *("A6", "A7", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11", "T3", "T4", "T5", "T6", "MEPC"),
)
_FIXED: Final = {"?": "T05", "qfThreadInfo": "m1", "qsThreadInfo": "l", "qC": "QC1", "D": "OK", "k": "OK"}


def answer(core: CoreState, command: str) -> str:
    """What the target says to a command; empty for those that it doesn't know."""
    if command in _FIXED:
        return _FIXED[command]
    if command.startswith(("Hg", "Hc", "vKill", "D;")):
        return "OK"
    if command == "g":
        return struct.pack("<33I", *(core.registers.get(name, 0) & 0xFFFFFFFF for name in _RISCV)).hex()
    found = _MEMORY.match(command)
    return _memory(core, int(found[1], 16), int(found[2], 16)) if found else ""


def _memory(core: CoreState, start: int, size: int) -> str:
    """What isn't on the stack reads as zeros: the debugger has the program's own memory from the ELF."""
    end = start + min(size, _MOST_MEMORY)
    first = start & ~3
    words = (core.stack.get(address & 0xFFFFFFFF, 0) for address in range(first, end, 4))
    data = b"".join(struct.pack("<I", word) for word in words)
    return data[start - first : end - first].hex()


class Target:
    """Serves one debugger after the other; `core` is what they see."""

    def __init__(self) -> None:
        self.core = CoreState()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A connection, until the debugger ends it."""
        unread = b""
        with suppress(OSError):
            while (data := await reader.read(4096)) and len(unread) < _LONGEST:
                unread += data
                while (packet := _PACKET.search(unread)) is not None:
                    unread = unread[packet.end() :]
                    reply = answer(self.core, packet[1].decode("latin-1")).encode()
                    writer.write(b"+$%s#%02x" % (reply, sum(reply) & 0xFF))
                await writer.drain()
        writer.close()
