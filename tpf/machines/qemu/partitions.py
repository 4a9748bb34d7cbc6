"""The partition table in a flash image: 32 bytes an entry, up to 0xC00 bytes, at 0x8000 unless configured otherwise.

0   2  0xAA 0x50                  | the last entry may be: 0xEB 0xEB, fourteen times 0xFF,
2   1  type (1: data)             | the MD5 of all entries before
3   1  subtype (2: NVS, ...)
4   4  offset, 8   4  size        bytes, little-endian
12 16  label                      filled up with zeros
28  4  flags                      bit 0: encrypted

https://docs.espressif.com/projects/esp-idf/en/stable/esp32/api-guides/partition-tables.html
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

PLACE: Final = 0x8000
LENGTH: Final = 0xC00
SEARCHED: Final = range(PLACE, 0x20000, 0x1000)  # where a table may lie when nobody says it
_ENTRY: Final = struct.Struct("<2sBBII16sI")
_MAGIC, _MD5, _END = b"\xaa\x50", b"\xeb\xeb", b"\xff" * 32
_DATA: Final = 1
_SUBTYPES: Final = {0x01: "phy", 0x02: "nvs", 0x81: "fat", 0x82: "spiffs", 0x83: "littlefs"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """An entry of the table."""

    label: str
    type: int
    subtype: int
    offset: int
    size: int

    @property
    def holds(self) -> str:
        """What data it is for: ``nvs``, ``spiffs``, ...; "" when that can't be told."""
        return _SUBTYPES.get(self.subtype, "") if self.type == _DATA else ""

    def __str__(self) -> str:
        return f"{self.label} ({self.size >> 10} KB at {self.offset:#x})"


def partitions(table: bytes) -> tuple[Partition, ...]:
    """Those of a table. Raises ValueError when it is none, or damaged."""
    found = []
    for place in range(0, min(len(table), LENGTH) - _ENTRY.size + 1, _ENTRY.size):
        entry = table[place : place + _ENTRY.size]
        if entry[:2] == _MAGIC:
            found.append(_partition(entry))
            continue
        if entry[:2] == _MD5 and entry[16:] != hashlib.md5(table[:place], usedforsecurity=False).digest():
            raise ValueError("the partition table is damaged: its MD5 is not that of its entries")
        if entry[:2] != _MD5 and entry != _END:
            raise ValueError("there is no partition table")
        break
    if not found:
        raise ValueError("there is no partition table")
    return tuple(found)


def find_table(flash: bytes) -> tuple[Partition, ...]:
    """The first table in the beginning of a flash. Raises ValueError when there is none."""
    return next(_tables(flash), None) or partitions(flash[PLACE : PLACE + LENGTH])


def _tables(flash: bytes) -> Iterator[tuple[Partition, ...]]:
    for place in SEARCHED:
        try:
            yield partitions(flash[place : place + LENGTH])
        except ValueError:
            continue


def _partition(entry: bytes) -> Partition:
    _, type_, subtype, offset, size, label, _ = _ENTRY.unpack(entry)
    name = label.split(b"\0", 1)[0].decode("utf-8", "backslashreplace")
    return Partition(label=name, type=type_, subtype=subtype, offset=offset, size=size)
