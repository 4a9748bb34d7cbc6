"""How boards are reset through the modem lines of their serial port: as sequences of levels, the same as esptool's.

On nearly all boards, two transistors make of the adapter's lines the chip's: RTS alone pulls EN down (the chip is held
in reset), DTR alone pulls IO0 down (a chip that leaves its reset then stays in its boot loader), and both together do
nothing. So the firmware starts when RTS is released with DTR inactive. The chips' own USB port understands the same
levels by itself.
https://docs.espressif.com/projects/esptool/en/latest/esp32/advanced-topics/boot-mode-selection.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Pulse(NamedTuple):
    """A reset: DTR is inactive all the time."""

    hold: float  # seconds that RTS is active
    rest: float  # seconds after that before the port can be relied on


RESETS: Final[Mapping[str, Pulse | None]] = {
    "classic": Pulse(hold=0.1, rest=0.0),
    "usb": Pulse(hold=0.2, rest=0.2),
    "none": None,
}
