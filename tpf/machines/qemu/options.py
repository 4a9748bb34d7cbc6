"""What `<machine kind="qemu">` can say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from tpf.machines.qemu.boards import LOADS
from tpf.machines.qemu.ticks import TICK
from tpf.scenario.declare import Element, attribute
from tpf.scenario.types import ARGUMENTS, DURATION, FLAG, LINE, SIZE, Type, choice, integer, quote

_REVISION: Final = r"[0-9]\.[0-9]{1,2}"


def _revision(text: str) -> int:
    if re.fullmatch(_REVISION, text) is None:
        raise ValueError(f"{quote(text)} is no chip revision: write it as in '3.1'")
    major, _, minor = text.partition(".")
    return int(major) * 100 + int(minor)


REVISION: Final = Type(name="revision", doc="a chip's revision: `3.1`", convert=_revision, pattern=_REVISION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """QEMU. The scenario's `target` stands for a board; attributes override it, so any board can be had."""

    element: ClassVar[Element] = Element(
        name="machine", children=("forward", "efuse", "storage"), example='<machine flash="4MB"/>'
    )

    emulator: str | None = attribute(
        LINE, doc="the emulator: a program on PATH, or a path; default: the target's", default=None
    )
    board: str | None = attribute(LINE, doc="QEMU's name of the board (`-M`); default: the target's", default=None)
    cpu: str | None = attribute(LINE, doc="QEMU's name of the processor (`-cpu`); default: the board's", default=None)
    memory: int | None = attribute(SIZE, doc="memory (`-m`); default: the board's", default=None)
    load: str | None = attribute(
        choice(*LOADS),
        doc="what the firmware is to the board: `kernel` (an ELF file), `bios`, or `flash` (a flash image, of which "
        "each boot gets its own copy); default: the target's",
        default=None,
    )
    flash: int | None = attribute(
        SIZE,
        doc="size of the flash: a smaller image is filled up with 0xFF; default: the build's, or the image's own",
        default=None,
    )
    psram: int | None = attribute(
        SIZE, doc="size of the external RAM of an ESP32; default: the build's, or the board's", default=None
    )
    revision: int | None = attribute(
        REVISION,
        doc="revision of the chip, in the eFuses that each boot gets",
        default=None,
        shown="the lowest that the build runs on, at least 3.0 of the esp32, 0.3 of others",
    )
    watchdogs: bool = attribute(
        FLAG,
        doc="`true` leaves the timer-group watchdogs of an ESP32 on; on a busy host they bite without a reason",
        default=False,
    )
    clock: str = attribute(
        choice("wall", "virtual"),
        doc="`virtual`: the device's time goes on only while a step waits for the device, jumps over what the device "
        "sleeps, and is the same in each run; time limits of steps are in it. `wall` is real time",
        default="wall",
    )
    shift: int | None = attribute(
        integer(0, 10),
        doc="with the virtual clock, an instruction takes 2^shift nanoseconds; default: the target's",
        default=None,
    )
    tick: float = attribute(
        DURATION,
        doc="with the virtual clock, how finely the device's time is cut: waits end at a tick, and a UART that takes a "
        "character at a time gets one a tick; a tick costs the host 0.1 ms",
        default=TICK,
        shown="20ms",
    )
    keep: str = attribute(
        choice("nothing", "failed"),
        doc="`failed`: what the flash held at the end goes into the report (as artifact `flash.bin.gz`) when a case "
        "failed; `nothing` throws it away",
        default="nothing",
    )
    args: tuple[str, ...] = attribute(ARGUMENTS, doc="more arguments for the emulator, after all others", default=())
