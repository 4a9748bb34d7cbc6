"""The elements that say what a scenario runs on: devices, their firmware and machines, and what joins them.

<device name="node">
  <firmware command="make -C firmware" image="firmware/build/node.bin"/>
  <machine flash="4MB"/>
</device>
<link name="bus" kind="serial" between="gateway node"/>
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from tpf.scenario.declare import Element, attribute
from tpf.scenario.types import ARGUMENTS, LINE, NAME, NAMES, PATH, Type, choice, integer, quote


def _command(text: str) -> tuple[str, ...]:
    words = ARGUMENTS.convert(text)
    if not words:
        raise ValueError(f"{quote(text)} is empty")
    return words


_COMMAND = replace(ARGUMENTS, convert=_command)


def _config(text: str) -> tuple[str, ...]:
    files = tuple(PATH.convert(file.strip()) for file in text.split(";") if file.strip())
    if not files:
        raise ValueError(f"{quote(text)} names no file: write them as in 'sdkconfig.defaults;sdkconfig.ci'")
    return files


CONFIG: Final = Type(
    name="paths",
    doc="paths, separated by `;`, relative to the project's folder; they can't leave the checkout",
    convert=_config,
    pattern=PATH.pattern,
)


def _offset(text: str) -> int:
    if re.fullmatch(_OFFSET, text.strip()) is None:
        raise ValueError(f"{quote(text)} is no place in the flash: write bytes from its start, as in '0x10000'")
    return int(text, 0)


_OFFSET: Final = r"\s*(0[xX][0-9a-fA-F]{1,8}|0|[1-9][0-9]{0,9})\s*"
OFFSET: Final = Type(
    name="offset", doc="bytes from the start of the flash: `0x10000`", convert=_offset, pattern=_OFFSET
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartElement:
    """A file of the flash image, and its place in it. esptool merges them; the size is the one the bootloader tells."""

    element: ClassVar[Element] = Element(name="part", example='<part offset="0x10000" file="files/app.bin"/>')
    offset: int = attribute(OFFSET, doc="where it lies in the flash")
    file: str = attribute(PATH, doc="the file")


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmwareElement:
    """What the machine boots: an ESP-IDF project, ready-made files, or files that a build command makes.

    A project is built by ESP-IDF's `idf.py`, for the scenario's target, once for all scenarios that share project,
    target and config, in a folder of its own under `.testarena/build` in the checkout. ESP-IDF needs not be activated:
    an activated one is taken, else that of `IDF_PATH`, else one in a usual folder (`/opt/esp/idf`, `~/esp/esp-idf`,
    ...). ELF, flash image, flash size and so on are those that the build tells of.

    Of ready-made files, `image` is a whole flash image, or the build folder of an ESP-IDF project, as it is or as it
    was downloaded (with its `flasher_args.json` and the files that this names); or `<part>` elements name the files of
    the image.

    A command is split as a shell would (no shell runs it), and runs in the scenario's folder, once for all scenarios
    that share it.
    """

    element: ClassVar[Element] = Element(
        name="firmware",
        children=(PartElement,),
        example='<firmware command="make -C ../firmware" image="../firmware/build/console.bin"/>',
    )
    project: str = attribute(PATH, default="", doc="the folder of an ESP-IDF project: `idf.py` builds it")
    config: tuple[str, ...] = attribute(
        CONFIG,
        default=(),
        doc="files of settings for the project, relative to its folder, the later ones win: `sdkconfig.defaults;"
        "sdkconfig.ci`; each with the file `NAME.TARGET` beside it, if there; without this: those that `idf.py build` "
        "takes, `sdkconfig.defaults`, and the project's own `sdkconfig` when it is for the target",
    )
    target: str = attribute(NAME, default="", doc="the chip that the project is built for", shown="the device's")
    image: str = attribute(PATH, default="", doc="the flash image, a build folder, or whatever else the machine boots")
    elf: str = attribute(PATH, default="", doc="the program with its symbols, where the machine boots another file")
    command: tuple[str, ...] = attribute(_COMMAND, default=(), doc="the command that builds them")

    def check(self) -> Iterator[str | tuple[str, str]]:
        if self.project:
            for name in ("command", "image", "elf"):
                if getattr(self, name):
                    yield name, f"attribute {name}: a project says itself what it makes: remove {name}, or project"
            return
        for name in ("config", "target"):
            if getattr(self, name):
                yield name, f"attribute {name}: is for an ESP-IDF project: name its folder with project=..."

    def lacks(self) -> str:
        """What it needs when there are no parts in it; "" for nothing."""
        if self.project or self.image or self.elf:
            return ""
        if self.command:
            return "<firmware command> needs image: the file that the command makes"
        return "<firmware> needs project, image or elf: an ESP-IDF project, a file, or one that command makes"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardElement:
    """A TCP port of the device that can be reached from the host, at `${name}`, which is `127.0.0.1:PORT`.

    The port on the host is a free one; `${name.port}` is its number alone. A program that is the device itself
    (`kind="command"`, `kind="linux"`) is given a free port to listen at, in its environment: `PORT_WEB` for `web`.
    """

    element: ClassVar[Element] = Element(name="forward", unique="name", example='<forward name="mqtt" guest="1883"/>')
    name: str = attribute(NAME, doc="the name for `${name}`", creates_names=True)
    guest: int | None = attribute(
        integer(1, 65535),
        default=None,
        doc="the port on the device; needed for boards, and not for programs of the host",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EfuseElement:
    """The eFuses of an ESP32: an image of them, of which each boot gets its own copy.

    Without it, the eFuses are those of a chip as it leaves the factory. `idf.py qemu` makes them: build/qemu_efuse.bin.
    """

    element: ClassVar[Element] = Element(name="efuse", example='<efuse file="files/efuse.bin"/>')
    file: str = attribute(PATH, doc="the image")


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageElement:
    """What a partition of the flash holds when the device boots; it is erased before.

    A file is written as it is; a `.csv` file becomes an NVS partition (by `esp-idf-nvs-partition-gen`), and a folder a
    file system of the partition's type (by the tools of ESP-IDF, or littlefs-python). What the device writes lives over
    `<reset>` and `<power-cut>`, and is gone with the next fresh boot.
    """

    element: ClassVar[Element] = Element(
        name="storage", unique="partition", example='<storage partition="nvs" file="files/nvs.csv"/>'
    )
    partition: str = attribute(LINE, doc="its label in the partition table")
    file: str = attribute(PATH, doc="the file, or the folder")
    format: str = attribute(
        choice("raw", "nvs", "spiffs", "fat", "fat-raw", "littlefs"),
        default="",
        doc="what the partition is to be; `fat-raw` is FAT without wear levelling",
        shown="what its type in the partition table says, `raw` for a file that is not `.csv`",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineElement:
    """What the firmware runs on. Each kind of machine has attributes of its own besides."""

    element: ClassVar[Element] = Element(
        name="machine",
        children=(ForwardElement, EfuseElement, StorageElement),
        once=("efuse",),
        example='<machine kind="qemu"><forward name="web" guest="80"/></machine>',
    )
    kind: str = attribute(NAME, default="qemu", doc="the kind of machine")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceElement:
    """One of several devices under test, with firmware and a machine of its own. Steps name theirs: `on="node"`.

    What a device doesn't say of its firmware, machine or target is that of the scenario. Devices start in the order in
    which they are written, each with a console log and guard patterns of its own: a panic of any ends the case.
    """

    element: ClassVar[Element] = Element(
        name="device",
        children=(FirmwareElement, MachineElement),
        once=("firmware", "machine"),
        unique="name",
        example='<device name="node"><machine kind="command" command="./node"/></device>',
    )
    name: str = attribute(NAME, doc="its name, for `on` and in logs and reports")
    target: str = attribute(NAME, default="", doc="its chip or board", shown="the scenario's")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkElement:
    """A cable between two devices: a serial line between their UARTs, or a network of their own, on no real network.

    In QEMU, a serial link is the board's next serial port behind the console, and a network link a network card, both
    where the board has one. A program of the host (`kind="command"`) gets an open socket, whose number is in its
    environment, `LINK_BUS` for the name `bus`: a stream of bytes for a serial line; for a network, a datagram is a
    frame of Ethernet. What is sent to a device that is switched off is lost.
    """

    element: ClassVar[Element] = Element(
        name="link", unique="name", example='<link name="bus" kind="serial" between="gateway node"/>'
    )
    name: str = attribute(NAME, doc="its name")
    kind: str = attribute(choice("serial", "network"), doc="what sort of cable")
    between: tuple[str, ...] = attribute(NAMES, doc="the names of the two devices")

    def check(self) -> Iterator[str | tuple[str, str]]:
        if len(self.between) != 2 or self.between[0] == self.between[1]:
            yield "between", "attribute between: a link joins two devices: write the names of both"
