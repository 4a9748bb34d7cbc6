"""QEMU's virtual clock made audible: it ticks into a pipe, and stands still at each tick until it may go on.

QEMU knows no "go on for 10 ms". But it delays network packets by its virtual clock, for which it needs neither a guest
nor a network card: one packet goes round for ever, through the filters of a hub whose ports are joined to each other.

    ┌─▶ early   filter-buffer: lets it through once a tick
    │   told    filter-dump into a pipe: writes what time it is, to the microsecond
    │   gate    filter-dump into a pipe that is full: blocks until we have taken a record out
    │   late    filter-buffer: lets it through a microsecond later
    └── hub ◀───┘

The write into the gate holds up the thread that runs the guest, between two of its instructions, at that time exactly.
`late` gives an idle guest's clock something near to jump to: a `stop` that has been sent by then takes hold there.
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections import deque
from typing import Final

from tpf.errors import MachineError

TICK: Final = 0.02  # seconds, unless the scenario says otherwise
AFTER: Final = 1  # microseconds that `late` comes behind `early`
_HUB: Final = 20010  # a number that nobody else will choose
_STUCK: Final = 20.0  # seconds; a tick takes some ms, also of a device that computes on a busy host
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")  # a pipe holds so many pages: a record that fills one is a token
_HEADER: Final = 24  # bytes before the first record (https://www.tcpdump.org/manpages/pcap-savefile.5.html)
_RECORD: Final = struct.Struct("=IIIIx")  # seconds, microseconds, two lengths; one byte of the packet
_RECORD_HEAD: Final = 16
_PACKET: Final = (b"\xff" * 6 + b"\x02tick\x00" + b"\x88\xb5").ljust(_PAGE - _RECORD_HEAD, b"\0")  # 88b5: experiments
_PREFIX: Final = "testarena-"  # of all names of ours


def name(part: str) -> str:
    """What QEMU knows a part by."""
    return _PREFIX + part


def ticks_argv(microseconds: int, *, told: int, gate: int, seed: int) -> tuple[str, ...]:
    """The arguments that make it tick; the rest are descriptors. Nothing runs before QMP's `cont`.

    A restart that the guest asks for stops the machine: otherwise it would happen a little sooner or later each time.
    """
    port = name("port")
    where = f"netdev={port},queue=tx"
    return (
        *("-S", "-action", "reboot=shutdown,shutdown=pause"),
        *("-netdev", f"hubport,id={port},hubid={_HUB}", "-netdev", f"hubport,id={port}2,hubid={_HUB},netdev={port}"),
        *("-netdev", f"hubport,id={port}3,hubid={_HUB}"),  # leads nowhere: ends the question who could take a packet
        *("-chardev", f"socket,id={name('seed')},fd={seed}"),
        *("-object", f"filter-redirector,id={name('seeder')},{where},indev={name('seed')}"),
        *("-object", f"filter-buffer,id={name('early')},{where},interval={microseconds}"),
        *("-object", f"filter-dump,id={name('told')},{where},file=/dev/fd/{told},maxlen=1"),
        *("-object", f"filter-dump,id={name('gate')},{where},file=/dev/fd/{gate}"),
        *("-object", f"filter-buffer,id={name('late')},{where},interval={microseconds + AFTER}"),
    )


class Ticks:
    """Our ends of the pipes. QEMU's are `descriptors`, to be given away once it has them."""

    def __init__(self, microseconds: int, *, patience: float = _STUCK) -> None:
        """`patience` is how many seconds on the host a tick may take."""
        self.microseconds: Final = microseconds  # from tick to tick
        self._patience = patience
        self.ended = False  # the emulator is gone
        self.free = False  # at the next ticks it goes on by itself
        self._times: deque[int] = deque()
        self._rest = b""
        self._skip = _HEADER
        self._origin: int | None = None
        self._news: asyncio.Future[None] | None = None
        self._told, told = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._gate, self._gate_in = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        ours, self._seed = socket.socketpair()
        with ours:
            ours.sendall(struct.pack(">I", len(_PACKET)) + _PACKET)
        self.descriptors = (told, self._gate_in, self._seed.fileno())
        self.argv = ticks_argv(microseconds, told=told, gate=self._gate_in, seed=self._seed.fileno())
        asyncio.get_running_loop().add_reader(self._told, self.collect)

    def give_away(self) -> None:
        """QEMU has its ends."""
        os.close(self.descriptors[0])
        self._seed.close()

    def shut_gate(self) -> None:
        """Fill the gate up; to be done once QEMU answers, and before it runs."""
        try:
            os.read(self._gate, _HEADER)
            while True:
                os.write(self._gate_in, b"\0" * _PAGE)
        except BlockingIOError:
            pass
        finally:
            os.close(self._gate_in)

    def grant(self) -> None:
        """Time may go on until the next tick."""
        try:
            left = _PAGE
            while left and (taken := os.read(self._gate, left)):
                left -= len(taken)
        except BlockingIOError:
            raise MachineError("QEMU's clock has lost count of its ticks") from None

    def collect(self) -> None:
        """Read what has been told."""
        try:
            data = os.read(self._told, 1 << 16)
        except BlockingIOError:
            return
        if not data:
            self.ended = True
            asyncio.get_running_loop().remove_reader(self._told)
        cut, self._skip = min(self._skip, len(data)), max(0, self._skip - len(data))
        data = self._rest + data[cut:]
        whole = len(data) // _RECORD.size * _RECORD.size
        self._rest = data[whole:]
        for seconds, microseconds, _, _ in _RECORD.iter_unpack(data[:whole]):
            self._origin = seconds if self._origin is None else self._origin  # the first tick comes within a second
            self._times.append((seconds - self._origin) * 1_000_000 + microseconds)
            if self.free:
                self.grant()
        if self._times or self.ended:
            self.wake()

    def wake(self) -> None:
        """Whoever waits for a tick has another reason to look up."""
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    def last(self) -> int | None:
        """The time of the newest tick that nobody has heard of, in microseconds."""
        self.collect()
        time = self._times[-1] if self._times else None
        self._times.clear()
        return time

    async def next(self) -> int | None:
        """The time of the next tick; None when woken by something else. Raises MachineError when none comes."""
        if not self._times and not self.ended:
            self._news = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(self._patience):
                    await self._news
            except TimeoutError:
                reason = (
                    f"it took longer than {self._patience:g}s for {self.microseconds / 1000:g}ms of the device's time"
                )
                raise MachineError(f"QEMU is stuck, or this host is much too busy: {reason}") from None
        return self._times.popleft() if self._times else None

    async def over(self, within: float) -> bool:
        """Whether the emulator is gone, or goes that soon."""
        try:
            async with asyncio.timeout(within):
                while not self.ended:
                    self._news = asyncio.get_running_loop().create_future()
                    await self._news
        except TimeoutError:
            return False
        return True

    def close(self) -> None:
        """Nothing holds QEMU up any more."""
        if not self.ended:
            asyncio.get_running_loop().remove_reader(self._told)
        self.ended = True
        os.close(self._told)
        os.close(self._gate)
        self.wake()
