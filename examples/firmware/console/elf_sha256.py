#!/usr/bin/env python3
"""Computes the hash that the firmware prints in a panic, and writes it into a freshly linked ELF file.

    elf_sha256.py console.elf           prints the hash, made from the file alone
    elf_sha256.py --write console.elf   stores it in section .elf_sha256

It is the SHA-256 of the whole file with the 32 bytes of section .elf_sha256 taken as zeros:
a file can't hold its own hash.
"""

from __future__ import annotations

import hashlib
import struct
import sys
from pathlib import Path

SECTION = ".elf_sha256"
SIZE = 32


def section_offset(elf: bytes, name: str) -> int:
    """File offset of a section of a little-endian ELF32 file."""
    if elf[:6] != b"\x7fELF\x01\x01":
        raise ValueError("not a little-endian 32-bit ELF file")
    (table,) = struct.unpack_from("<I", elf, 32)
    entry_size, count, names_index = struct.unpack_from("<HHH", elf, 46)
    headers = [struct.unpack_from("<IIIIII", elf, table + index * entry_size) for index in range(count)]
    names = headers[names_index][4]
    for header in headers:
        start = names + header[0]
        if elf[start : elf.index(b"\0", start)] == name.encode():
            if header[5] != SIZE:
                raise ValueError(f"section {name} has {header[5]} bytes instead of {SIZE}")
            return header[4]
    raise ValueError(f"no section {name}")


def elf_hash(elf: bytes) -> bytes:
    offset = section_offset(elf, SECTION)
    return hashlib.sha256(elf[:offset] + bytes(SIZE) + elf[offset + SIZE :]).digest()


def main(args: list[str]) -> int:
    write = args[:1] == ["--write"]
    paths = args[1:] if write else args
    if len(paths) != 1:
        print("usage: elf_sha256.py [--write] ELF", file=sys.stderr)
        return 2
    path = Path(paths[0])
    try:
        elf = path.read_bytes()
        digest = elf_hash(elf)
        if write:
            offset = section_offset(elf, SECTION)
            path.write_bytes(elf[:offset] + digest + elf[offset + SIZE :])
        else:
            print(digest.hex())
    except (OSError, ValueError, struct.error) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
