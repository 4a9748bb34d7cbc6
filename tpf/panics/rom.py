"""A chip whose boot ROM finds nothing to boot says so on the console, again and again, and that is all that comes.

ESP-ROM:esp32c3-api1-20210207
rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)
invalid header: 0xffffffff                      (esp32: then `ets_main.c 371`, and a reset by a watchdog)
invalid header: 0xffffffff
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

_COMPLAINT: Final = re.compile(r"(invalid header: 0x[0-9a-f]{8}|flash read err, [0-9a-f]{1,8}|csum err:0x\S{1,20})\s*")
_LAST: Final = 12  # lines: of the esp32, a whole boot comes after each complaint
_ERASED: Final = "0xffffffff"


def complaint(lines: Sequence[str]) -> str:
    """What the ROM complains of at the end of these lines; "" when something else ran."""
    found = [match[1] for line in lines[-_LAST:] if (match := _COMPLAINT.fullmatch(line))]
    if not found:
        return ""
    erased = "the flash is erased there; " if _ERASED in found[-1] else ""
    return f"the chip's ROM finds no bootloader in the flash ({found[-1]}): {erased}is it a whole image, of this chip?"
