"""The cables between the devices of a scenario: socket pairs whose ends the machines inherit, one pair a link.

A serial line is a stream of bytes, a network a datagram for each frame of Ethernet. Both ends stay open here as long as
the devices' boot lasts, so a device that restarts finds its cable where it was, and none sees an end of it.
"""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from tpf.scenario.model import Link

_TYPES: Final = {"serial": socket.SOCK_STREAM, "network": socket.SOCK_DGRAM}
_ROOM: Final = 1 << 16  # bytes: no datagram is longer


@dataclass(slots=True, kw_only=True, eq=False)
class LinkEnd:
    """A device's end of a cable to another device, for its machine to inherit."""

    name: str  # the link's
    kind: str  # "serial" or "network"
    number: int  # from 0, unlike that of any other end in the scenario
    socket: socket.socket
    used: bool = False  # a machine has had it already

    @property
    def descriptor(self) -> int:
        return self.socket.fileno()

    def plug_in(self) -> None:
        """For the device's start: what came while it was off is lost.

        At its first start nothing is: else it would be by chance whether the first words of a device that starts before
        it arrive.
        """
        if not self.used:
            self.used = True
            return
        self.socket.setblocking(False)
        with suppress(BlockingIOError):
            while self.socket.recv(_ROOM):
                pass
        self.socket.setblocking(True)  # whatever the machine that had it before made of it


class Cables:
    """All cables of one boot; `close` takes them away."""

    def __init__(self, links: Iterable[Link]) -> None:
        self._ends: dict[str, list[LinkEnd]] = {}  # by device
        numbers = itertools.count()
        for link in links:
            pair = socket.socketpair(socket.AF_UNIX, _TYPES[link.kind])
            for device, end in zip(link.between, pair, strict=True):
                made = LinkEnd(name=link.name, kind=link.kind, number=next(numbers), socket=end)
                self._ends.setdefault(device, []).append(made)

    def of(self, device: str) -> tuple[LinkEnd, ...]:
        """The device's ends, in the order of the links."""
        return tuple(self._ends.get(device, ()))

    def close(self) -> None:
        for end in itertools.chain.from_iterable(self._ends.values()):
            end.socket.close()
        self._ends.clear()
