"""The program that the fake plays, and the flash images that hold it: app images as ESP-IDF makes them.

{"name": "demo", "prompt": "esp32> ", "boot": ["Hello"],
 "commands": {"ping": ["pong {arguments}"], "crash": [{"panic": "store"}], "crash hard": [{"panic": "abort"}]}}

For the stand-in `idf.py` (tests/fakes/idf): NAME.bin is `app_image(Program(...), target)`, bootloader/bootloader.bin is
`bootloader_image(target, flash)`, and partition_table/partition-table.bin is `partition_table()`.

What an answer, and `boot`, is made of:

"text"                       a line, with {arguments}, {count} (of boots, from NVS), {revision}, {target} in it
{"panic": "store"}           see `panics.py`; the device prints it and restarts. {"panic": "store", "pc": "0x42005a4c",
                             "backtrace": ["0x42005a4c:0x3fc91e10"]} for addresses of a real ELF; "said": its first line
{"restart": true}            esp_restart()
{"forget": true}             the count of boots in NVS begins anew
{"hang": true}               says nothing more, until the interrupt watchdog bites, when watchdogs are on
{"wait": 0.5}                seconds
{"partition": "storage"}     the text that a partition begins with
{"raw": "text"}              without an end of line
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from tests.fakes.espressif_qemu.boards import BOARDS, MB

Action = str | Mapping[str, Any]
APP: Final = 0x10000
TABLE: Final = 0x8000
NVS: Final = (0x9000, 0x6000)
_HEAD: Final = struct.Struct("<BBBBIB3sHBHH4sB")
_SEGMENT: Final = struct.Struct("<II")
_ENTRY: Final = struct.Struct("<2sBBII16sI")
_DESCRIPTION: Final = struct.Struct("<II8s32s32s16s16s32s32s80s")
_DESCRIPTION_MAGIC: Final = 0xABCD5432
_FLASH_SIZES: Final = {1 * MB: 0, 2 * MB: 1, 4 * MB: 2, 8 * MB: 3, 16 * MB: 4, 32 * MB: 5}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnityTest:
    """A test of Unity's menu."""

    name: str
    tags: str = ""  # [math][fail]
    result: str = "PASS"  # or FAIL: why, IGNORE: why; a kind of panic in place of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What a firmware does."""

    name: str
    version: str = "1"
    idf: str = "v5.3.1"
    elf_sha256: str = "63c1edd7e5b5c0cf1e1c5e6d3a0f7d0f9c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f"
    boot: Sequence[Action] = ()  # after app_main() was called
    prompt: str = ""  # of a console; "" for none
    commands: Mapping[str, Sequence[Action]] = field(default_factory=dict)
    tests: Sequence[UnityTest] = ()  # a menu in place of a console
    port: int = 80  # where it has a web server, when there are pages
    pages: Mapping[str, str] = field(default_factory=dict)
    psram: str = ""  # "quad" or "octal": it needs external RAM of this kind, and aborts without
    least_revision: int = 0  # major * 100 + minor: the bootloader refuses an older chip
    colours: bool = False  # in its log, as before ESP-IDF 5.4


def read(image: bytes) -> tuple[int, Program] | None:
    """The chip's number and the program of an app image; None when it is none."""
    if len(image) < _HEAD.size or image[0] != 0xE9:
        return None
    chip = _HEAD.unpack_from(image)[7]
    _, length = _SEGMENT.unpack_from(image, _HEAD.size)
    begin = _HEAD.size + _SEGMENT.size
    try:
        said = json.loads(image[begin + _DESCRIPTION.size : begin + length].rstrip(b"\0"))
    except ValueError:
        return None
    return chip, Program(**{**said, "tests": [UnityTest(**one) for one in said["tests"]]})


def app_image(program: Program, target: str) -> bytes:
    """NAME.bin: one segment with the application's description, then the program."""
    described = _DESCRIPTION.pack(
        *(_DESCRIPTION_MAGIC, 0, b"", program.version.encode(), program.name.encode()),
        *(b"12:00:00", b"Jan  1 2026", program.idf.encode(), bytes.fromhex(program.elf_sha256), b""),
    )
    return _image(target, described + json.dumps(asdict(program)).encode(), 2 * MB, program.least_revision)


def bootloader_image(target: str, flash: int = 4 * MB) -> bytes:
    """bootloader.bin, made for a flash of this size."""
    return _image(target, b"ESP-IDF 2nd stage bootloader (of the fake)", flash, 0)


def partition_table(*more: tuple[str, int, int, int, int], app: int = APP) -> bytes:
    """partition-table.bin: nvs, phy_init, factory, and more: label, type, subtype, offset, size."""
    entries = (
        *(("nvs", 1, 2, *NVS), ("phy_init", 1, 1, 0xF000, 0x1000), ("factory", 0, 0, app, MB)),
        *more,
    )
    table = b"".join(
        _ENTRY.pack(b"\xaa\x50", kind, sub, at, size, label.encode(), 0) for label, kind, sub, at, size in entries
    )
    checksum = hashlib.md5(table, usedforsecurity=False).digest()
    return (table + b"\xeb\xeb" + b"\xff" * 14 + checksum).ljust(0xC00, b"\xff")


def flash_image(program: Program, target: str, size: int = 4 * MB, *, table: bytes | None = None) -> bytes:
    """A whole flash, as `merge_bin` makes it."""
    flash = bytearray(b"\xff" * size)
    parts = (
        (BOARDS[target].bootloader, bootloader_image(target, size)),
        (TABLE, table or partition_table()),
        (APP, app_image(program, target)),
    )
    for place, part in parts:
        flash[place : place + len(part)] = part
    return bytes(flash)


def _image(target: str, data: bytes, flash: int, least_revision: int) -> bytes:
    """https://docs.espressif.com/projects/esptool/en/latest/esp32/advanced-topics/firmware-image-format.html"""
    data += b"\0" * (-len(data) % 4)
    size = _FLASH_SIZES[flash] << 4
    head = _HEAD.pack(
        *(0xE9, 1, 2, size, 0x40080404, 0xEE, b"\0" * 3, BOARDS[target].chip_id),
        *(0, least_revision, 65535, b"\0" * 4, 0),
    )
    checksum = 0xEF
    for byte in data:
        checksum ^= byte
    whole = head + _SEGMENT.pack(0x3F400020, len(data)) + data
    return whole + b"\0" * (15 - len(whole) % 16) + bytes([checksum])
