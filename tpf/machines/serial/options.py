"""What `<machine kind="serial">` can say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from tpf.machines.serial.resets import RESETS
from tpf.scenario.declare import Element, attribute
from tpf.scenario.types import ARGUMENTS, FLAG, LINE, PATTERN, choice, integer

_BAUD: Final = integer(50, 4_000_000)
BEFORE: Final = ("default-reset", "usb-reset", "no-reset", "no-reset-no-sync")
AFTER: Final = ("no-reset", "hard-reset", "soft-reset", "watchdog-reset")
_WHICH: Final = ("port", "serial-number", "description")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """A real board. `port`, `serial-number` or `description` says which, where several are plugged in.

    Its UART, or its USB port, is the console.

    esptool writes the firmware before the boot; what the board holds already is not written again in the same run. Only
    one scenario at a time has a board, of all runs on this host: the others wait. It can be reset, but not switched
    off. Nothing is forwarded: a board has a network of its own.
    """

    element: ClassVar[Element] = Element(
        name="machine", example='<machine kind="serial" serial-number="1a86c0de01" baud="115200"/>'
    )

    port: str = attribute(
        LINE,
        doc="the serial port: `/dev/ttyUSB0`, `/dev/serial/by-id/...`, or a URL of pyserial's: "
        "`rfc2217://host:4000`, `socket://host:4000`",
        default="",
    )
    serial_number: str = attribute(LINE, doc="the port whose USB adapter or chip has this serial number", default="")
    description: re.Pattern[str] | None = attribute(
        PATTERN,
        doc="a regular expression for the port's description or hardware id: `CP2102N`, `USB JTAG`; "
        "`testarena doctor` lists the ports",
        default=None,
    )
    baud: int = attribute(_BAUD, doc="speed of the console, in bits a second", default=115200)
    write: bool | None = attribute(
        FLAG,
        doc="`false` runs what the board holds; default: the firmware is written when the scenario has one",
        default=None,
    )
    erase: bool = attribute(FLAG, doc="`true` erases the whole flash before it is written, at each boot", default=False)
    flash_baud: int = attribute(_BAUD, doc="speed at which the flash is written", default=460800)
    before: str = attribute(
        choice(*BEFORE), doc="how esptool gets the chip into its boot loader", default="default-reset"
    )
    after: str | None = attribute(
        choice(*AFTER),
        doc="what esptool does when the flash is written; default: `no-reset`, for the reset that follows is ours, "
        'with `reset="none"` `hard-reset`',
        default=None,
    )
    reset: str = attribute(
        choice(*RESETS),
        doc="how the board is reset: `classic` by an adapter whose RTS pulls EN (nearly all boards), `usb` for a chip "
        "that is its own USB port, `none` for one that can't be: it is taken as it runs",
        default="classic",
    )
    args: tuple[str, ...] = attribute(
        ARGUMENTS, doc="more arguments for esptool, before its command; its own help lists them", default=()
    )

    def check(self) -> Iterator[str | tuple[str, str]]:
        said = (self.port, self.serial_number, self.description)
        names = [name for name, value in zip(_WHICH, said, strict=True) if value]
        if self.port.startswith("socket://") and self.reset != "none":
            yield (
                "port",
                'attribute port: socket:// has no lines to reset a board by: say reset="none", or take rfc2217://',
            )
        if len(names) > 1:
            yield names[1], f"attribute {names[1]}: {names[0]} says already which board: leave one out"
