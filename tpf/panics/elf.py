"""What an ELF file tells of itself: for which processor, where its code lies, and the hashes that firmware prints."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import Final

from msgspec import Struct

XTENSA: Final = 94
RISCV: Final = 243
_EXECUTABLE: Final = 0x4
_NO_BITS: Final = 8
_LARGEST: Final = 512 << 20  # bytes
_OWN_HASH: Final = b".elf_sha256"
_OWN_HASH_BYTES: Final = 32


class ElfFacts(Struct, frozen=True, kw_only=True):
    """An ELF file for 32 bits, lower byte first: all that ESP chips have."""

    path: Path
    machine: int
    code: tuple[tuple[int, int], ...]  # first address and the one behind the last
    hashes: tuple[str, ...]  # SHA-256, in hexadecimal, of the file as it is, and as it was before its hash went into it

    def has_code_at(self, address: int) -> bool:
        return any(first <= address < end for first, end in self.code)

    def is_told_by(self, sha256: str) -> bool:
        """Whether a firmware that prints this (the beginning of a hash) was made from this file."""
        return any(known.startswith(sha256.lower()) for known in self.hashes)


class _Section(Struct, frozen=True):
    name: bytes
    kind: int
    flags: int
    address: int
    offset: int
    size: int


def is_elf(path: Path) -> bool:
    """Whether a file begins as an ELF file does."""
    try:
        with path.open("rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


def read_elf(path: Path) -> ElfFacts | None:
    """The facts; None when it is no such file. Raises OSError."""
    if path.stat().st_size > _LARGEST:
        return None
    data = path.read_bytes()
    if data[:6] != b"\x7fELF\x01\x01":
        return None
    try:
        (machine,) = struct.unpack_from("<H", data, 18)
        sections = _sections(data)
    except (struct.error, ValueError):
        return None
    code = tuple(
        (section.address, section.address + section.size)
        for section in sections
        if section.flags & _EXECUTABLE and section.size
    )
    return ElfFacts(path=path, machine=machine, code=code, hashes=_hashes(data, sections))


def _sections(data: bytes) -> list[_Section]:
    (table,) = struct.unpack_from("<I", data, 32)
    entry_size, count, names_index = struct.unpack_from("<HHH", data, 46)
    headers = [struct.unpack_from("<IIIIII", data, table + index * entry_size) for index in range(count)]
    if not headers:
        return []
    names = headers[min(names_index, count - 1)][4]
    return [_section(data, names, header) for header in headers]


def _section(data: bytes, names: int, header: tuple[int, ...]) -> _Section:
    start = names + header[0]
    name = data[start : data.index(b"\0", start)] if start < len(data) else b""
    return _Section(name, header[1], header[2], header[3], header[4], header[5])


def _hashes(data: bytes, sections: list[_Section]) -> tuple[str, ...]:
    """ESP-IDF's is that of the whole file. Firmware of one file alone has it in a section, which counts as zeros."""
    whole = hashlib.sha256(data).hexdigest()
    own = next((one for one in sections if one.name == _OWN_HASH and one.size == _OWN_HASH_BYTES), None)
    if own is None or own.kind == _NO_BITS:
        return (whole,)
    digest = hashlib.sha256(memoryview(data)[: own.offset])
    digest.update(bytes(_OWN_HASH_BYTES))
    digest.update(memoryview(data)[own.offset + _OWN_HASH_BYTES :])
    return whole, digest.hexdigest()
