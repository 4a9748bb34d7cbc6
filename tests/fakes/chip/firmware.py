"""The firmware of the fake chip: a console like the demo's. What it is called stands in the flash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

APP: Final = 0x10000  # where the application stands in the flash
_MARK: Final = b"FAKE-APP:"
_PROMPT: Final = b"demo> "


def image(name: str, *, padding: int = 5000) -> bytes:
    """An application for the flash, with something behind it that compresses badly."""
    noise = bytes((7 * number * number + number // 3) % 251 for number in range(padding))
    return _MARK + name.encode() + b"\0" + noise


class Firmware:
    """From reset to reset."""

    def __init__(
        self,
        flash: bytearray,
        say: Callable[[bytes], None],
        restart: Callable[[str], None],
        download: Callable[[], None],
    ) -> None:
        self._flash = flash
        self._say = say
        self._restart = restart
        self._download = download
        self._open = b""

    def boot(self, reason: str) -> None:
        self._say(f"ESP-ROM:esp32c3-api1-20210207\r\nrst:{reason},boot:0xc (SPI_FAST_FLASH_BOOT)\r\n".encode())
        name = self._name()
        if not name:
            self._say(b"invalid header: 0xffffffff\r\n")
            return
        self._say(b"app: " + name + b"\r\n" + _PROMPT)

    def _name(self) -> bytes:
        """A whole image stands at the flash's start."""
        for place in (APP, 0):
            found = bytes(self._flash[place : place + 200])
            if found.startswith(_MARK):
                return found[len(_MARK) :].split(b"\0")[0]
        return b""

    def take(self, data: bytes) -> None:
        if not self._name():
            return
        *whole, self._open = (self._open + data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")).split(b"\n")
        for line in whole:
            self._say(line + b"\r\n")
            self._run(line.decode(errors="replace"))

    def _run(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        match word:
            case "ping":
                self._say(b"pong\r\n")
            case "heap":
                self._say(b"free: 290000 bytes\r\n")
            case "echo":
                self._say(rest.encode() + b"\r\n")
            case "flood":
                self._say(b"".join(b"line %d of a flood\r\n" % number for number in range(int(rest))))
            case "crash":
                self._say(b"abort() was called at PC 0x420058f3 on core 0\r\nRebooting...\r\n")
                self._restart("0xc (RTC_SW_CPU_RST)")
                return
            case "download":  # as with RTC_CNTL_FORCE_DOWNLOAD_BOOT
                self._say(b"waiting for download\r\n")
                self._download()
                return
            case _:
                self._say(b"Unknown command: " + word.encode() + b"\r\n")
        self._say(_PROMPT)
