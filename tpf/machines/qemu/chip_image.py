"""What the head of a program image for an ESP32 tells: for which chip and how large a flash it was made.

byte 0     0xE9                 12, 13  number of the chip: 0 esp32, 5 esp32c3, 9 esp32s3, ...
byte 1     number of segments   15, 16  lowest revision of the chip, major * 100 + minor
byte 2     SPI mode
byte 3     flash size << 4 | frequency; size 0 is 1MB, 1 is 2MB, 2 is 4MB, ...
byte 32    0x32 0x54 0xCD 0xAB in an application, whose description begins there

https://docs.espressif.com/projects/esptool/en/latest/esp32/advanced-topics/firmware-image-format.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_MAGIC: Final = 0xE9
_APPLICATION: Final = b"\x32\x54\xcd\xab"
_LARGEST: Final = 7  # 128MB
_CHIPS: Final[Mapping[int, str]] = {  # 0 is the esp32, or whoever did not say
    2: "esp32s2",
    5: "esp32c3",
    9: "esp32s3",
    12: "esp32c2",
    13: "esp32c6",
    16: "esp32h2",
    18: "esp32p4",
    20: "esp32c61",
    23: "esp32c5",
}
HEAD: Final = 36  # bytes that tell all of it


def declared_flash(head: bytes) -> int | None:
    """Bytes of the flash that a program image was made for; firmware refuses to run on a smaller one.

    None when this is no such image.
    """
    if len(head) < 4 or head[0] != _MAGIC or head[3] >> 4 > _LARGEST:
        return None
    return (1 << 20) << (head[3] >> 4)


def chip_of(head: bytes) -> str:
    """The chip that a program image was made for; "" when that can't be told."""
    if len(head) < HEAD or declared_flash(head) is None:
        return ""
    return _CHIPS.get(int.from_bytes(head[12:14], "little"), "")


def revision_of(head: bytes) -> int:
    """The lowest revision of the chip that it runs on."""
    return int.from_bytes(head[15:17], "little") if len(head) >= HEAD and declared_flash(head) is not None else 0


def is_application(head: bytes) -> bool:
    """Whether it is an application, and no bootloader."""
    return declared_flash(head) is not None and head[32:36] == _APPLICATION
