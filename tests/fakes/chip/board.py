"""The chip on its board: held in reset, in its boot loader, or running what its flash holds."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tests.fakes.chip.firmware import Firmware
from tests.fakes.chip.loader import Loader

_FLASH = 4 << 20
_CHARGING = 0.15  # seconds that EN takes to rise: DTR may follow RTS by as much, over a network


class Board:
    """Thread-safe. `out` takes what the chip says, as soon as somebody has plugged it in."""

    def __init__(self) -> None:
        self.flash = bytearray(b"\xff" * _FLASH)
        self.out: Callable[[bytes], None] = lambda _: None
        self.boots = 0  # of the firmware
        self.downloads = 0  # times that the boot loader was entered
        self._lock = threading.RLock()
        self._dtr = self._rts = False
        self._rising: threading.Timer | None = None
        self._held = False
        self._mode: Loader | Firmware
        self.start_loader()

    def _say(self, data: bytes) -> None:
        self.out(data)

    def start_loader(self) -> None:
        """As with the BOOT button held."""
        with self._lock:
            self.downloads += 1
            self._mode = Loader(self.flash, self._say, self._soft_start)

    def start_firmware(self, reason: str = "0x1 (POWERON)") -> None:
        with self._lock:
            self.boots += 1
            self._mode = firmware = Firmware(self.flash, self._say, self.start_firmware, self.start_loader)
            firmware.boot(reason)

    def _soft_start(self) -> None:
        self.start_firmware("0x3 (RTC_SW_SYS_RST)")

    def take(self, data: bytes) -> None:
        """What came over the wire; in reset, the chip is deaf."""
        with self._lock:
            if not self._held:
                self._mode.take(data)

    def lines(self, *, dtr: bool, rts: bool) -> None:
        """Two transistors make EN and IO0 of these."""
        with self._lock:
            self._dtr, self._rts = dtr, rts
            if rts and not dtr:
                self._held = True
                self._stop_rising()
            elif self._held and self._rising is None:
                self._rising = threading.Timer(_CHARGING, self._risen)
                self._rising.daemon = True
                self._rising.start()

    def _stop_rising(self) -> None:
        if self._rising is not None:
            self._rising.cancel()
            self._rising = None

    def _risen(self) -> None:
        with self._lock:
            if self._rising is None:
                return
            self._rising = None
            self._held = False
            if self._dtr and not self._rts:
                self.start_loader()
            else:
                self.start_firmware()

    def unplug(self) -> None:
        with self._lock:
            self._stop_rising()
            self.out = lambda _: None
