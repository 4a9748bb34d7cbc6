"""What the head of a program image for an ESP32 tells: for how large a flash it was made.

byte 0    0xE9
byte 1    number of segments
byte 2    SPI mode
byte 3    flash size << 4 | frequency; size 0 is 1MB, 1 is 2MB, 2 is 4MB, ...

https://docs.espressif.com/projects/esptool/en/latest/esp32/advanced-topics/firmware-image-format.html
"""

from __future__ import annotations

from typing import Final

_MAGIC: Final = 0xE9
_LARGEST: Final = 7  # 128MB


def declared_flash(head: bytes) -> int | None:
    """Bytes of the flash that a program image was made for; firmware refuses to run on a smaller one.

    None when this is no such image.
    """
    if len(head) < 4 or head[0] != _MAGIC or head[3] >> 4 > _LARGEST:
        return None
    return (1 << 20) << (head[3] >> 4)
