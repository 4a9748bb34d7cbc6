"""The flash file of a running device: its partitions, its application, and the boot counter in its NVS."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.fakes.espressif_qemu.program import TABLE, Program, read

_ENTRY: Final = struct.Struct("<2sBBII16sI")
_COUNTER: Final = struct.Struct("<8sI")
_MARK: Final = b"FAKE-NVS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """An entry of the partition table."""

    label: str
    type: int
    subtype: int
    offset: int
    size: int


class Flash:
    """Reads and writes the file at each access, as QEMU does: what is there when it is killed stays."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def size(self) -> int:
        return self._path.stat().st_size

    def bytes(self, offset: int, count: int) -> bytes:
        with self._path.open("rb") as file:
            file.seek(offset)
            return file.read(count)

    def partitions(self) -> list[Partition]:
        table, found = self.bytes(TABLE, 0xC00), []
        for entry in _ENTRY.iter_unpack(table):
            if entry[0] != b"\xaa\x50":
                break
            label = entry[5].rstrip(b"\0").decode(errors="replace")
            found.append(Partition(label=label, type=entry[1], subtype=entry[2], offset=entry[3], size=entry[4]))
        return found

    def application(self) -> tuple[int, tuple[int, Program]] | None:
        """Its place, its chip's number and the program."""
        for partition in self.partitions():
            if partition.type == 0 and (found := read(self.bytes(partition.offset, partition.size))) is not None:
                return partition.offset, found
        return None

    def count_boot(self) -> int:
        """Add one to the counter at the end of the nvs partition, and tell it; 0 when there is no such partition."""
        place = self._counter()
        if place is None:
            return 0
        mark, count = _COUNTER.unpack(self.bytes(place, _COUNTER.size))
        return self.set_boots(count + 1 if mark == _MARK else 1)

    def set_boots(self, count: int) -> int:
        """Write the counter, where there is one; returns what it was given."""
        place = self._counter()
        if place is not None:
            with self._path.open("r+b") as file:
                file.seek(place)
                file.write(_COUNTER.pack(_MARK, count))
        return count

    def _counter(self) -> int | None:
        nvs = next((one for one in self.partitions() if (one.type, one.subtype) == (1, 2)), None)
        return None if nvs is None else nvs.offset + nvs.size - _COUNTER.size

    def text_in(self, label: str) -> str:
        """What a partition begins with."""
        found = next((one for one in self.partitions() if one.label == label), None)
        if found is None:
            return f"no partition {label}"
        data = self.bytes(found.offset, min(found.size, 256))
        return data.split(b"\xff", 1)[0].split(b"\0", 1)[0].decode(errors="replace") or "(empty)"
