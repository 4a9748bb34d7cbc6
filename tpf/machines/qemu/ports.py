"""Which ports of the host QEMU chose, read from its monitor's answer to `info usernet`.

Hub -1 (net):
  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ
  TCP[HOST_FORWARD]  12       127.0.0.1 41234       10.0.2.15    80     0     0
"""

from __future__ import annotations

import re

from tpf.scenario.model import Forward

_FORWARD = re.compile(r"TCP\[HOST_FORWARD\]\s+\d+\s+(?P<host>\S+)\s+(?P<port>\d+)\s+\S+\s+(?P<guest>\d+)\s")


def addresses(forwards: tuple[Forward, ...], answer: str) -> dict[str, str]:
    """`host:port` of each forward by its name. Raises ValueError for one that isn't there."""
    free: dict[int, list[str]] = {}
    for match in _FORWARD.finditer(answer):
        free.setdefault(int(match["guest"]), []).append(f"{match['host']}:{match['port']}")
    found = {}
    for forward in forwards:
        if forward.guest is None or not free.get(forward.guest):
            raise ValueError(f"QEMU forwards no port to the guest's port {forward.guest} ({forward.name})")
        found[forward.name] = free[forward.guest].pop()
    return found
