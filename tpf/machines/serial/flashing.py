"""How esptool is asked to write a board's flash, and what its complaints mean. Pure.

4.x  python -m esptool --chip esp32c3 --port /dev/ttyUSB0 --baud 460800 --before default_reset --after no_reset \
         write_flash --flash_size keep 0x0 bootloader.bin 0x8000 partition-table.bin 0x10000 app.bin
5.x  the same words with hyphens
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tpf.machines.base import Firmware, FlashFile
from tpf.machines.serial.options import Options

_PROGRESS: Final = re.compile(r"^Writing at 0x(?!.*\b100(?:\.0)? ?%)")
# What it says, and what to do then; the first that is found counts.
_PORT_HINT: Final = (
    "is it the right port? hold the board's BOOT button while flashing begins; check the cable (some have no data "
    'wires) and the power; a chip that is its own USB port wants before="usb-reset" reset="usb"'
)
_ADVICE: Final = (
    (r"Wrong boot mode detected", "hold the board's BOOT button while flashing begins; RTS or DTR may not be wired"),
    (r"This chip is .{1,60} not ESP", "set the scenario's target to the chip that is on the board"),
    (r"Permission denied|Errno 13\b", "add the user to the port's group (dialout), then log in again"),
    (r"exclusively lock|Resource temporarily unavailable|multiple access on port", "end the program that has the port"),
    (
        r"returned no data|Input/output error|No such device|Errno (?:5|6|19)\b",
        "check cable, plug and power: it is gone",
    ),
    (r"No serial data received|Timed out waiting for packet|Failed to connect", _PORT_HINT),
    (r"doesn't fit|exceeds flash size|will not fit in", "the firmware is too large for the board's flash"),
    (r"MD5 of file does not match|Invalid head of packet|Packet content transfer", "try a lower flash-baud"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is to be written, where to."""

    port: str
    chip: str  # "" for whatever is there
    files: tuple[FlashFile, ...]
    options: Options


def files_of(firmware: Firmware) -> tuple[FlashFile, ...]:
    """What belongs into the flash; empty when there is nothing."""
    if firmware.build is not None and firmware.build.files:
        return firmware.build.files
    return (FlashFile(offset=0, path=firmware.image),) if firmware.image is not None else ()


def argv(major: int, python: str, job: Job) -> tuple[str, ...]:
    """The command line for an esptool of this major version."""
    options = job.options
    after = options.after or ("no-reset" if options.reset != "none" else "hard-reset")
    spelt = _hyphens if major >= 5 else _underscores
    places = (word for file in job.files for word in (f"{file.offset:#x}", str(file.path)))
    erase = ("--erase-all",) if options.erase else ()
    return (
        *(python, "-m", "esptool"),
        *("--chip", job.chip or "auto", "--port", job.port, "--baud", str(options.flash_baud)),
        *("--before", spelt(options.before), "--after", spelt(after)),
        *options.args,
        spelt("write-flash"),
        *erase,
        *(spelt("--flash-size"), "keep"),
        *places,
    )


def _hyphens(word: str) -> str:
    return word


def _underscores(word: str) -> str:
    dashes = len(word) - len(word.lstrip("-"))
    return word[:dashes] + word[dashes:].replace("-", "_")


def digest(job: Job) -> str:
    """The same for the same contents at the same places on the same chip. Raises OSError."""
    summed = hashlib.sha256(repr((job.chip, [file.offset for file in job.files])).encode())
    for file in job.files:
        summed.update(_sum(file.path))
    return summed.hexdigest()


def _sum(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def worth_telling(lines: Iterable[str]) -> list[str]:
    """Without bars that go on and on."""
    return [line.rstrip() for line in lines if line.strip() and not _PROGRESS.match(line.strip())]


def complaint(output: str) -> str:
    """Why it gave up, in its own words and in one line; its last ones when it doesn't say."""
    _, found, why = output.rpartition("A fatal error occurred:")
    lines = [line.strip() for line in (why if found else output).splitlines() if line.strip()]
    return " ".join(lines[:3] if found else lines[-3:]) or "nothing"


def advice(output: str) -> str:
    """What to do about a complaint, as the end of a sentence; "" when that isn't known."""
    found = next((words for pattern, words in _ADVICE if re.search(pattern, output)), "")
    return f"; {found}" if found else ""
