"""What an ELF file tells of itself: for which processor, where its code lies, and the hashes that firmware prints."""

from __future__ import annotations

import hashlib
import os
import struct
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import Final, NamedTuple

from msgspec import Struct

XTENSA: Final = 94
RISCV: Final = 243
_EXECUTABLE: Final = 0x4
_NO_BITS: Final = 8
_LARGEST: Final = 512 << 20  # bytes
_OWN_HASH: Final = b".elf_sha256\0"
_ZEROS: Final = bytes(32)
_HEAD: Final = struct.Struct("<18xH12xI10xHHH")  # machine, section table: offset, size of an entry, count, names
_SECTION: Final = struct.Struct("<6I")
_LARGEST_ENTRY: Final = 64  # bytes; 40 in all files that there are
_PIECE: Final = 1 << 20  # bytes


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


class _Section(NamedTuple):
    """A section's header, as far as it matters here."""

    name: int  # where its name begins, in the section of names
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
    """The facts; None when it is no such file. Raises OSError.

    The file may be anybody's: of whatever size its tables tell, little of it is in memory at a time.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD.size)
        if os.fstat(file.fileno()).st_size > _LARGEST or head[:6] != b"\x7fELF\x01\x01":
            return None
        try:
            machine, table, entry_size, count, names = _HEAD.unpack(head)
            sections = _sections(file, table, entry_size, count)
            own_hash = _own_hash(file, sections, names)
        except (struct.error, ValueError):
            return None
        return ElfFacts(path=path, machine=machine, code=tuple(_code(sections)), hashes=_hashes(file, own_hash))


def _sections(file: BufferedReader, table: int, entry_size: int, count: int) -> list[_Section]:
    if count == 0:
        return []
    if not _SECTION.size <= entry_size <= _LARGEST_ENTRY:
        raise ValueError(entry_size)
    file.seek(table)
    data = file.read(count * entry_size)
    return [_Section(*_SECTION.unpack_from(data, number * entry_size)) for number in range(count)]


def _code(sections: list[_Section]) -> Iterator[tuple[int, int]]:
    for section in sections:
        if section.flags & _EXECUTABLE and section.size:
            yield section.address, section.address + section.size


def _own_hash(file: BufferedReader, sections: list[_Section], names: int) -> int | None:
    """Where firmware of one file alone has its hash."""
    fitting = (one for one in sections if one.size == len(_ZEROS) and one.kind != _NO_BITS)
    for section in fitting:
        file.seek(sections[min(names, len(sections) - 1)].offset + section.name)
        if file.read(len(_OWN_HASH)) == _OWN_HASH:
            return section.offset
    return None


def _hashes(file: BufferedReader, own_hash: int | None) -> tuple[str, ...]:
    """ESP-IDF's is that of the whole file. The other one counts the place where it stands itself as zeros."""
    file.seek(0)
    whole = hashlib.file_digest(file, "sha256").hexdigest()
    if own_hash is None:
        return (whole,)
    digest = hashlib.sha256()
    file.seek(0)
    _feed(digest, file, own_hash)
    digest.update(_ZEROS)
    file.seek(own_hash + len(_ZEROS))
    _feed(digest, file, _LARGEST)
    return whole, digest.hexdigest()


def _feed(digest: hashlib._Hash, file: BufferedReader, size: int) -> None:
    while size > 0 and (data := file.read(min(size, _PIECE))):
        digest.update(data)
        size -= len(data)
