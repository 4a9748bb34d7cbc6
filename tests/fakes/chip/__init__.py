"""A fake board with an ESP32-C3: its boot loader as esptool sees it, a firmware with a console, and two sorts of ports.

    Board           the chip behind an adapter: EN and IO0 follow RTS and DTR as on nearly all boards
    ├── Loader      the ROM's serial protocol (SLIP), and that of esptool's stub once it has been uploaded
    └── Firmware    what the flash holds, when it is firmware at all: a console like the demo's
    pty_port        the board on a pseudo-terminal, which has no RTS and DTR
    network_port    the board on rfc2217://127.0.0.1:PORT, which has them

What it keeps of the real thing: packets, checksums, erased flash, compressed blocks, MD5, the stub's greeting, the
levels that lead into the boot loader. What it doesn't: speed, other chips, encryption, eFuses (all zero).
https://docs.espressif.com/projects/esptool/en/latest/esp32c3/advanced-topics/serial-protocol.html
"""

from tests.fakes.chip.board import Board
from tests.fakes.chip.firmware import image
from tests.fakes.chip.ports import Plugged, network_port, pty_port

__all__ = ["Board", "Plugged", "image", "network_port", "pty_port"]
