"""What a command line asks for: `Wishes`, or QEMU's refusal."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from os import fstat
from pathlib import Path
from typing import Final

from tests.fakes.espressif_qemu.boards import MB, Board, drivers, is_on, known
from tests.fakes.espressif_qemu.words import Refused, Values, options, size

_DRIVE: Final = (
    "file",
    "if",
    "format",
    "id",
    "readonly",
    "snapshot",
    "cache",
    "index",
    "bus",
    "unit",
    "discard",
    "aio",
)
_FORWARD = re.compile(r"tcp:(?P<host>[\d.]*):(?P<port>\d+)-(?P<guest_host>[\d.]*):(?P<guest>\d+)")
_NO_DEVICE: Final = ("none", "null")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A port of the host that leads to one of the guest."""

    rule: str
    host: str
    port: int  # 0: a free one
    guest: int


@dataclass(slots=True, kw_only=True)
class Wishes:
    """All that was asked for."""

    board: Board
    flash: Path | None = None
    drives: dict[str, Path] = field(default_factory=dict)  # those with if=none, by id
    efuse: Path | None = None
    memory: int = 0  # bytes of external RAM
    cpus: int = 2
    kernel: bool = False
    watchdogs: bool = True
    octal: bool = False
    no_reboot: bool = False
    paused: bool = False
    chardevs: dict[str, Values] = field(default_factory=dict)
    serials: list[str] = field(default_factory=list)
    monitor: int | None = None  # the descriptor of QMP
    network: str = "net"
    forwards: list[Forward] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def silent(self) -> bool:
        """Nothing runs, for the known reasons."""
        return self.flash is None or self.kernel or (self.board.machine == "esp32" and self.cpus == 1)

    @property
    def console(self) -> bool:
        """Whether the first serial port is standard input and output."""
        first = self.serials[0] if self.serials else ""
        return first == "stdio" or self._backend(first) == "stdio"

    def _backend(self, serial: str) -> str:
        values = self.chardevs.get(serial.removeprefix("chardev:")) if serial.startswith("chardev:") else None
        return values.get("backend") if values else ""


def parse(program: str, words: list[str], version: tuple[int, int]) -> Wishes:
    """Raises Refused."""
    said = list(options(words))
    machine = Values("M", next((value for name, value in said if name == "M"), ""), first="type").get("type")
    board = known(program, version).get(machine)
    if not machine:
        raise Refused("No machine specified, and there is no default\nUse -machine help to list supported machines")
    if board is None:
        name = f': "{machine}"' if version >= (9, 0) else ""
        raise Refused(f"unsupported machine type{name}\nUse -machine help to list supported machines")
    wishes = Wishes(board=board)
    for name, value in sorted(said, key=lambda one: one[0] != "chardev"):  # others speak of these
        _TAKE[name](wishes, value)
    for _, value in filter(lambda one: one[0] == "global", said):  # they speak of drives that may come later
        _global(wishes, value)
    _check_serials(wishes)
    return wishes


def _drive(wishes: Wishes, text: str) -> None:
    values = Values("drive", text)
    path = Path(values.get("file"))
    values.allow(_DRIVE, "Block format 'raw' does not support the option '{}'")
    if values.get("format", "raw") != "raw":
        raise values.refused(f"Unknown driver '{values.get('format')}'")
    if not path.is_file():
        raise values.refused(f"Could not open '{path}': No such file or directory")
    bus, name = values.get("if", "ide"), values.get("id")
    if name in wishes.drives:
        raise values.refused(f"Duplicate ID '{name}' for drive")
    if bus == "mtd" and wishes.flash is None:
        _check_flash(path, values)
        wishes.flash = path
    elif bus == "none":
        wishes.drives[name] = path
    elif bus in ("mtd", "ide", "sd", "scsi", "virtio", "pflash"):
        raise values.refused(f"machine type does not support if={bus},bus=0,unit={int(bus == 'mtd')}")
    else:
        raise values.refused(f"unsupported bus type '{bus}'")


def _check_flash(path: Path, values: Values) -> None:
    if path.stat().st_size not in (2 * MB, 4 * MB, 8 * MB, 16 * MB):
        unused = f"{values.where}: machine type does not support if=mtd,bus=0,unit=0"
        raise Refused("Drive size error: only 2, 4, 8, and 16MB images are supported", unused)


def _global(wishes: Wishes, text: str) -> None:
    values = Values("global", text)
    driver, name, value = values.get("driver"), values.get("property"), values.get("value")
    if not driver and (short := re.fullmatch(r"(?P<driver>[^=]+)\.(?P<name>[^.=]+)=(?P<value>.*)", text)):
        driver, name, value = short["driver"], short["name"], short["value"]
    else:
        values.allow(("driver", "property", "value"))
    properties = drivers(wishes.board).get(driver)
    if properties is None:
        wishes.warnings.append(f"warning: global {driver}.{name} has invalid class name")
    elif name not in properties:
        raise Refused(f"can't apply global {driver}.{name}={value}: Property '{driver}.{name}' not found")
    elif properties[name] and value not in properties[name]:
        raise Refused(f"can't apply global {driver}.{name}={value}: Parameter '{name}' expects 'on' or 'off'")
    else:
        _set(wishes, driver, name, value)


def _set(wishes: Wishes, driver: str, name: str, value: str) -> None:
    if name == "wdt_disable":
        wishes.watchdogs = not is_on(value)
    elif name == "is_octal":
        wishes.octal = is_on(value)
    elif name == "drive":
        path = wishes.drives.get(value)
        if path is None:
            raise Refused(
                f"can't apply global {driver}.drive={value}: Property '{driver}.drive' can't find value '{value}'"
            )
        if path.stat().st_size != wishes.board.fuses:
            has, wants = path.stat().st_size, wishes.board.fuses
            raise Refused(f"(this fake:) {driver}: {path} has {has} bytes, and the eFuses of this chip {wants}")
        wishes.efuse = path


def _memory(wishes: Wishes, text: str) -> None:
    asked = size("m", Values("m", text, first="size").get("size"))
    if wishes.board.psram and asked:
        wishes.memory = next((one for one in wishes.board.psram if asked <= one), wishes.board.psram[-1])
        if asked > wishes.memory:
            wishes.warnings.append(f"RAM size larger than {wishes.memory // MB} MB not supported")


def _cpus(wishes: Wishes, text: str) -> None:
    count = Values("smp", text, first="cpus").get("cpus")
    if not count.isdecimal():
        raise Refused("Parameter 'smp.cpus' expects integer")
    wishes.cpus = int(count)


def _nic(wishes: Wishes, text: str) -> None:
    values = Values("nic", text, first="type")
    kind, model = values.get("type"), values.get("model", "open_eth")
    if kind not in ("user", "none", "socket"):
        raise values.refused(f"Parameter 'type' does not accept value '{kind}'")
    values.allow(("type", "id", "model", "hostfwd", "fd", "mac", "restrict"))
    if model != "open_eth":
        nic = f"requested NIC (anonymous, model {model})"
        wishes.warnings.append(f"warning: {nic} was not created (not supported by this machine?)")
    wishes.network = values.get("id", "#net012")
    wishes.forwards.extend(_forward(values, rule) for rule in values.all("hostfwd"))


def _forward(values: Values, rule: str) -> Forward:
    found = _FORWARD.fullmatch(rule)
    if found is None:
        raise values.refused(f"Invalid host forwarding rule '{rule}' (Bad host port separator)")
    return Forward(rule=rule, host=found["host"], port=int(found["port"]), guest=int(found["guest"]))


def _chardev(wishes: Wishes, text: str) -> None:
    values = Values("chardev", text, first="backend")
    kind, name = values.get("backend"), values.get("id")
    if kind not in ("stdio", "socket", "null"):
        raise values.refused(f"'{kind}' is not a valid char driver name")
    if not name:
        raise values.refused("chardev: no id specified")
    if name in wishes.chardevs:
        raise values.refused(f"Duplicate ID '{name}' for chardev")
    if kind == "stdio" and any(one.get("backend") == "stdio" for one in wishes.chardevs.values()):
        raise values.refused("cannot use stdio by multiple character devices")
    values.allow(("backend", "id", *(("signal",) if kind == "stdio" else ("fd",) if kind == "socket" else ())))
    if kind == "socket" and not _is_socket(values.get("fd")):
        raise values.refused(f"File descriptor '{values.get('fd')}' is not a socket")
    wishes.chardevs[name] = values


def _is_socket(fd: str) -> bool:
    try:
        return stat.S_ISSOCK(fstat(int(fd)).st_mode)
    except (OSError, ValueError):
        return False


def _mon(wishes: Wishes, text: str) -> None:
    values = Values("mon", text, first="chardev")
    values.allow(("chardev", "mode", "pretty"))
    chardev = wishes.chardevs.get(values.get("chardev"))
    if chardev is None:
        raise values.refused(f'chardev "{values.get("chardev")}" not found')
    if values.get("mode") != "control" or chardev.get("backend") != "socket":
        raise values.refused("(this fake:) the only monitor is one with mode=control on a socket")
    wishes.monitor = int(chardev.get("fd"))


def _check_serials(wishes: Wishes) -> None:
    for serial in wishes.serials:
        name = serial.removeprefix("chardev:")
        if (name != serial and name not in wishes.chardevs) or (
            name == serial and serial not in ("stdio", *_NO_DEVICE)
        ):
            raise Refused(f"-serial {serial}: could not connect serial device to character backend '{serial}'")


def _icount(wishes: Wishes, text: str) -> None:
    values = Values("icount", text, first="shift")
    values.allow(("shift", "align", "sleep"))
    if values.get("shift", "auto") != "auto" and not values.get("shift").isdecimal():
        raise values.refused("icount: Invalid shift value")


def _only(option: str, *choices: str) -> Callable[[Wishes, str], None]:
    def take(wishes: Wishes, text: str) -> None:
        if text not in choices:
            raise Refused(f"-{option} {text}: Parameter 'type' does not accept value '{text}'")

    return take


def _device(wishes: Wishes, text: str) -> None:
    values = Values("device", text, first="driver")
    if values.get("driver") == "open_eth":
        raise values.refused("Parameter 'driver' expects a pluggable device type")
    raise values.refused(f"'{values.get('driver')}' is not a valid device model name")


def _not_here(option: str) -> Callable[[Wishes, str], None]:
    def take(wishes: Wishes, text: str) -> None:
        raise Refused(f"-{option} {text}: (this fake:) is not played")

    return take


def _field(name: str, value: object) -> Callable[[Wishes, str], None]:
    def take(wishes: Wishes, text: str) -> None:
        setattr(wishes, name, value)

    return take


def _cpu(wishes: Wishes, text: str) -> None:
    if text not in (wishes.board.machine, "esp-rv32"):
        raise Refused(f"unable to find CPU model '{text}'")


def _nothing(wishes: Wishes, text: str) -> None:
    """What makes no difference here, or is done elsewhere."""


_TAKE: Final[Mapping[str, Callable[[Wishes, str], None]]] = {
    "M": _nothing,
    "m": _memory,
    "cpu": _cpu,
    "smp": _cpus,
    "drive": _drive,
    "global": _nothing,  # after all others
    "nic": _nic,
    "netdev": _not_here("netdev"),
    "device": _device,
    "display": _only("display", "none", "sdl", "gtk"),
    "monitor": _only("monitor", "none"),
    "parallel": _only("parallel", "none"),
    "chardev": _chardev,
    "serial": lambda wishes, text: wishes.serials.append(text),
    "mon": _mon,
    "icount": _icount,
    "action": _not_here("action"),
    "kernel": _field("kernel", True),
    "bios": _nothing,
    "object": _not_here("object"),
    "d": _nothing,
    "D": _nothing,
    "name": _nothing,
    "no-reboot": _field("no_reboot", True),
    "no-shutdown": _nothing,
    "S": _field("paused", True),
    "nographic": lambda wishes, text: wishes.serials.append("stdio"),
    "semihosting": _nothing,
}
