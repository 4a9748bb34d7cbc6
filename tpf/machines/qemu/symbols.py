"""Which functions were linked into firmware: looked up in the string table of its ELF file's symbol table.

ELF header (32 bits): 32 e_shoff, 46 e_shentsize, 48 e_shnum; section header: 4 sh_type (2: symbols), 16 sh_offset,
20 sh_size, 24 sh_link (of symbols: the number of the section that holds their names)
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

_SYMBOLS: Final = 2
_MOST_SECTIONS: Final = 4096
_SECTION: Final = struct.Struct("<10I")


def linked(elf: Path, names: Iterable[str]) -> frozenset[str]:
    """Those of the names that firmware's symbols have; none when the file can't be read as a 32-bit ELF file."""
    try:
        with elf.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            start, end = _names(data)
            return frozenset(name for name in names if data.find(b"\0" + name.encode() + b"\0", start, end) >= 0)
    except (OSError, ValueError, struct.error):  # ValueError: an empty file
        return frozenset()


def _names(data: mmap.mmap) -> tuple[int, int]:
    """Where the names of the symbols lie; an empty range when there are none."""
    if data[:6] != b"\x7fELF\x01\x01":
        return 0, 0
    (offset,) = struct.unpack_from("<I", data, 32)
    size, count = struct.unpack_from("<HH", data, 46)
    sections = [_SECTION.unpack_from(data, offset + size * number) for number in range(min(count, _MOST_SECTIONS))]
    for section in sections:
        if section[1] == _SYMBOLS and section[6] < len(sections):
            strings = sections[section[6]]
            return strings[4], strings[4] + strings[5]
    return 0, 0
