"""The boot loader of the fake chip: takes SLIP packets, answers them, and writes the flash."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Final

CHIP_ID: Final = 5  # ESP32-C3
_MAGIC_REGISTER: Final = 0x40001000  # by which esptool 4 knows the chip
_MAGIC: Final = 0x1B31506F
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
        self.flash = flash
        self.say = say
        self.run = run
        self.stub = False  # whether esptool's own has been uploaded
        self.registers = {_SPI_W0: _FLASH_ID, _MAGIC_REGISTER: _MAGIC}
        self.offset = 0  # in the flash, of what is being written
        self.block = 0
        self.inflate = zlib.decompressobj()
        self._open = b""

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

    def _command(self, op: int, data: bytes, checksum: int) -> None:
        handler = _HANDLERS.get(op)
        if handler is None or (op >= 0xD0 and not self.stub):
            self.answer(op, status=_BAD)
        elif op in _WITH_CHECKSUM and _checksum(data[16:]) != checksum & 0xFF:
            self.answer(op, status=_WRONG_SUM)
        else:
            handler(self, op, data)

    def answer(self, op: int, data: bytes = b"", value: int = 0, status: bytes = b"\0\0") -> None:
        data += status + (b"" if self.stub else b"\0\0")
        self.say(slip(struct.pack("<BBHI", 1, op, len(data), value) + data))

    def put(self, place: int, data: bytes) -> None:
        self.flash[place : place + len(data)] = data


def _ok(loader: Loader, op: int, _: bytes) -> None:
    loader.answer(op)


def _sync(loader: Loader, op: int, _: bytes) -> None:
    for _number in range(1 if loader.stub else 8):
        loader.answer(op, value=0 if loader.stub else _SYNC_VALUE)


def _security(loader: Loader, op: int, _: bytes) -> None:
    loader.answer(op, struct.pack("<IB7sII", 0, 0, bytes(7), CHIP_ID, 0))


def _read(loader: Loader, op: int, data: bytes) -> None:
    (address,) = struct.unpack_from("<I", data)
    loader.answer(op, value=loader.registers.get(address, 0))


def _write(loader: Loader, op: int, data: bytes) -> None:
    address, value = struct.unpack_from("<II", data)
    if address not in (_SPI, _SPI_W0):  # a command to the flash is done at once
        loader.registers[address] = value
    loader.answer(op)


def _memory_end(loader: Loader, op: int, data: bytes) -> None:
    (stay,) = struct.unpack_from("<I", data)
    loader.answer(op)
    if not stay:
        loader.stub = True
        loader.say(slip(b"OHAI"))


def _flash_begin(loader: Loader, op: int, data: bytes) -> None:
    size, _, loader.block, loader.offset = struct.unpack_from("<IIII", data)
    loader.put(loader.offset, b"\xff" * size)
    loader.inflate = zlib.decompressobj()
    loader.answer(op)


def _flash_data(loader: Loader, op: int, data: bytes) -> None:
    size, number = struct.unpack_from("<II", data)
    loader.put(loader.offset + number * loader.block, data[16 : 16 + size])
    loader.answer(op)


def _compressed_data(loader: Loader, op: int, data: bytes) -> None:
    (size,) = struct.unpack_from("<I", data)
    plain = loader.inflate.decompress(data[16 : 16 + size])
    loader.put(loader.offset, plain)
    loader.offset += len(plain)
    loader.answer(op)


def _flash_end(loader: Loader, op: int, data: bytes) -> None:
    (stay,) = struct.unpack_from("<I", data)
    loader.answer(op)
    if not (stay and loader.stub):  # to the ROM, 0 is a reboot and 1 is "run user code": it is left by both
        loader.run()


def _md5(loader: Loader, op: int, data: bytes) -> None:
    place, size = struct.unpack_from("<II", data)
    found = hashlib.md5(loader.flash[place : place + size], usedforsecurity=False)
    loader.answer(op, found.digest() if loader.stub else found.hexdigest().encode())


def _erase(loader: Loader, op: int, _: bytes) -> None:
    loader.put(0, b"\xff" * len(loader.flash))
    loader.answer(op)


def _checksum(data: bytes) -> int:
    found = 0xEF
    for byte in data:
        found ^= byte
    return found


_WITH_CHECKSUM: Final = frozenset({0x03, 0x07, 0x11})
_HANDLERS: Final[dict[int, Callable[[Loader, int, bytes], None]]] = {
    0x02: _flash_begin,
    0x03: _flash_data,
    0x04: _flash_end,
    0x05: _ok,  # MEM_BEGIN
    0x06: _memory_end,
    0x07: _ok,  # MEM_DATA
    0x08: _sync,
    0x09: _write,
    0x0A: _read,
    0x0B: _ok,  # SPI_SET_PARAMS
    0x0D: _ok,  # SPI_ATTACH
    0x0F: _ok,  # CHANGE_BAUDRATE
    0x10: _flash_begin,
    0x11: _compressed_data,
    0x12: _flash_end,
    0x13: _md5,
    0x14: _security,
    0xD0: _erase,
}
