"""The boot loader of the fake chip: takes SLIP packets, answers them, and writes the flash."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Final

CHIP_ID: Final = 5  # ESP32-C3
_SPI: Final = 0x60002000
_SPI_W0: Final = _SPI + 0x58
_FLASH_ID: Final = 0x164020  # 4 MB
_SYNC_VALUE: Final = 0x20120707  # not 0, which would be a stub's
_BAD: Final = b"\x01\x05"  # "received message is invalid"
_WRONG_SUM: Final = b"\x01\x07"


def slip(packet: bytes) -> bytes:
    return b"\xc0" + packet.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0"


class Loader:
    """From reset to reset. `run` is called when the host asks for the firmware to be started."""

    def __init__(self, flash: bytearray, say: Callable[[bytes], None], run: Callable[[], None]) -> None:
        self._flash = flash
        self._say = say
        self._run = run
        self._open = b""
        self._stub = False
        self._registers = {_SPI_W0: _FLASH_ID}
        self._offset = 0
        self._block = 0
        self._inflate = zlib.decompressobj()

    def take(self, data: bytes) -> None:
        """Bytes as they come; what stands between packets is noise."""
        for packet in self._packets(data):
            if len(packet) >= 8 and packet[0] == 0:
                _, op, size, checksum = struct.unpack_from("<BBHI", packet)
                self._command(op, packet[8 : 8 + size], checksum)

    def _packets(self, data: bytes) -> Iterator[bytes]:
        *whole, self._open = (self._open + data).split(b"\xc0")
        for packet in whole:
            yield packet.replace(b"\xdb\xdc", b"\xc0").replace(b"\xdb\xdd", b"\xdb")

    def _answer(self, op: int, data: bytes = b"", value: int = 0, status: bytes = b"\0\0") -> None:
        data += status + (b"" if self._stub else b"\0\0")
        self._say(slip(struct.pack("<BBHI", 1, op, len(data), value) + data))

    def _command(self, op: int, data: bytes, checksum: int) -> None:
        handler = _HANDLERS.get(op)
        if handler is None or (op >= 0xD0 and not self._stub):
            self._answer(op, status=_BAD)
        elif op in _WITH_CHECKSUM and _checksum(data[16:]) != checksum & 0xFF:
            self._answer(op, status=_WRONG_SUM)
        else:
            handler(self, op, data)

    def _ok(self, op: int, data: bytes) -> None:
        del data
        self._answer(op)

    def _sync(self, op: int, data: bytes) -> None:
        del data
        for _ in range(1 if self._stub else 8):
            self._answer(op, value=0 if self._stub else _SYNC_VALUE)

    def _security(self, op: int, data: bytes) -> None:
        del data
        self._answer(op, struct.pack("<IB7sII", 0, 0, bytes(7), CHIP_ID, 0))

    def _read(self, op: int, data: bytes) -> None:
        (address,) = struct.unpack_from("<I", data)
        self._answer(op, value=self._registers.get(address, 0))

    def _write(self, op: int, data: bytes) -> None:
        address, value = struct.unpack_from("<II", data)
        if address not in (_SPI, _SPI_W0):  # a command to the flash is done at once
            self._registers[address] = value
        self._answer(op)

    def _memory_end(self, op: int, data: bytes) -> None:
        (stay,) = struct.unpack_from("<I", data)
        self._answer(op)
        if not stay:
            self._stub = True
            self._say(slip(b"OHAI"))

    def _flash_begin(self, op: int, data: bytes) -> None:
        size, _, self._block, self._offset = struct.unpack_from("<IIII", data)
        self._flash[self._offset : self._offset + size] = b"\xff" * size
        self._inflate = zlib.decompressobj()
        self._answer(op)

    def _flash_data(self, op: int, data: bytes) -> None:
        size, number = struct.unpack_from("<II", data)
        self._put(self._offset + number * self._block, data[16 : 16 + size])
        self._answer(op)

    def _compressed_data(self, op: int, data: bytes) -> None:
        (size,) = struct.unpack_from("<I", data)
        plain = self._inflate.decompress(data[16 : 16 + size])
        self._put(self._offset, plain)
        self._offset += len(plain)
        self._answer(op)

    def _put(self, place: int, data: bytes) -> None:
        self._flash[place : place + len(data)] = data

    def _flash_end(self, op: int, data: bytes) -> None:
        (stay,) = struct.unpack_from("<I", data)
        self._answer(op)
        if not (stay and self._stub):  # to the ROM, 0 is a reboot and 1 is "run user code": it is left by both
            self._run()

    def _md5(self, op: int, data: bytes) -> None:
        place, size = struct.unpack_from("<II", data)
        found = hashlib.md5(self._flash[place : place + size], usedforsecurity=False)
        self._answer(op, found.digest() if self._stub else found.hexdigest().encode())

    def _erase(self, op: int, data: bytes) -> None:
        del data
        self._flash[:] = b"\xff" * len(self._flash)
        self._answer(op)


def _checksum(data: bytes) -> int:
    found = 0xEF
    for byte in data:
        found ^= byte
    return found


_WITH_CHECKSUM: Final = frozenset({0x03, 0x07, 0x11})
_HANDLERS: Final[dict[int, Callable[[Loader, int, bytes], None]]] = {
    0x02: Loader._flash_begin,
    0x03: Loader._flash_data,
    0x04: Loader._flash_end,
    0x05: Loader._ok,  # MEM_BEGIN
    0x06: Loader._memory_end,
    0x07: Loader._ok,  # MEM_DATA
    0x08: Loader._sync,
    0x09: Loader._write,
    0x0A: Loader._read,
    0x0B: Loader._ok,  # SPI_SET_PARAMS
    0x0D: Loader._ok,  # SPI_ATTACH
    0x0F: Loader._ok,  # CHANGE_BAUDRATE
    0x10: Loader._flash_begin,
    0x11: Loader._compressed_data,
    0x12: Loader._flash_end,
    0x13: Loader._md5,
    0x14: Loader._security,
    0xD0: Loader._erase,
}
