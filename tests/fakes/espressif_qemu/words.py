"""How QEMU takes a command line apart: options with values, values that are lists with commas, sizes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

_FLAGS: Final = frozenset({"no-reboot", "S", "nographic", "no-shutdown", "semihosting"})
_VALUED: Final = frozenset(
    (
        *("M", "m", "cpu", "smp", "drive", "global", "nic", "netdev", "device", "display", "monitor", "parallel"),
        *("chardev", "serial", "mon", "icount", "action", "kernel", "bios", "object", "d", "D", "name"),
    )
)
_SAME: Final = {"machine": "M"}
_SIZE = re.compile(r"(?P<number>\d+)(?P<unit>[KMGTkmgtB]?)")
_UNITS: Final = {"": 20, "B": 0, "K": 10, "M": 20, "G": 30, "T": 40}


class Refused(Exception):
    """The command line is wrong; the text is what QEMU says after its name."""


def options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Each option with its value. Raises Refused."""
    left = iter(words)
    for word in left:
        name = word.removeprefix("-").removeprefix("-")
        name = _SAME.get(name, name)
        if not word.startswith("-"):
            raise Refused(f"{word}: Could not open '{word}': No such file or directory")
        if name in _FLAGS:
            yield name, ""
        elif name in _VALUED:
            value = next(left, None)
            if value is None:
                raise Refused(f"{word}: requires an argument")
            yield name, value
        else:
            raise Refused(f"{word}: invalid option")


class Values:
    """A value that is a list: ``user,id=net,hostfwd=...``; commas within are doubled."""

    def __init__(self, option: str, text: str, *, first: str = "") -> None:
        self.where: Final = f"-{option} {text}"
        self._pairs: list[tuple[str, str]] = []
        for number, part in enumerate(re.split(r"(?<!,),(?!,)", text)):
            name, equals, value = part.replace(",,", ",").partition("=")
            if not equals:
                name, value = (first, name) if number == 0 and first else (name, "on")
            self._pairs.append((name, value))

    def get(self, name: str, default: str = "") -> str:
        """QEMU takes the last."""
        return next((value for key, value in reversed(self._pairs) if key == name), default)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self._pairs if key == name]

    def allow(self, names: Collection[str], text: str = "Invalid parameter '{}'") -> None:
        """Raise Refused for any other."""
        for name, _ in self._pairs:
            if name not in names:
                raise self.refused(text.format(name))

    def refused(self, why: str) -> Refused:
        return Refused(f"{self.where}: {why}")


def size(option: str, text: str) -> int:
    """Bytes; MB when there is no unit."""
    found = _SIZE.fullmatch(text)
    if found is None:
        raise Refused(f"-{option} {text}: Parameter 'size' expects a non-negative number below 2^64")
    return int(found["number"]) << _UNITS[found["unit"].upper()]
