"""The serial ports of this host, and which of them a scenario means."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tpf.console.quoting import quote
from tpf.errors import EnvironmentLacks
from tpf.machines.serial.library import pyserial
from tpf.machines.serial.options import Options


class Port(NamedTuple):
    """A serial port, as the system describes it; texts are "" where it doesn't."""

    device: str  # /dev/ttyUSB0
    description: str = ""
    serial_number: str = ""
    hardware: str = ""  # USB VID:PID=10C4:EA60 SER=... LOCATION=...

    def __str__(self) -> str:
        words = [
            word for word in (self.description, self.serial_number and f"serial number {self.serial_number}") if word
        ]
        return f"{self.device} ({', '.join(words)})" if words else self.device


def find_ports() -> tuple[Port, ...]:
    """Those of this host that have hardware behind them, in order. Raises EnvironmentLacks without pyserial."""
    pyserial()
    from serial.tools import list_ports  # lazy: belongs to an extra

    found = (
        Port(
            device=port.device,
            description="" if port.description in (None, "n/a") else port.description,
            serial_number=port.serial_number or "",
            hardware="" if port.hwid in (None, "n/a") else port.hwid,
        )
        for port in list_ports.comports()
    )
    return tuple(sorted(found))


def chosen(options: Options, ports: Sequence[Port]) -> str:
    """The port that the options mean: a path or URL. Pure. Raises EnvironmentLacks that lists those that are there."""
    if options.port:
        return options.port
    fit = [port for port in ports if _fits(options, port)]
    if len(fit) == 1:
        return fit[0].device
    if not fit:
        raise EnvironmentLacks(f"no serial port {_wish(options)}; {_there(ports)}")
    raise EnvironmentLacks(
        f"{len(fit)} serial ports {_wish(options).replace('has', 'have')}: {_listed(fit)}; "
        "say which with port, serial-number or description"
    )


def _fits(options: Options, port: Port) -> bool:
    if options.serial_number:
        return port.serial_number.lower() == options.serial_number.lower()
    if options.description is not None:
        return any(options.description.search(text) for text in (port.description, port.hardware))
    return port.hardware.startswith("USB")  # what is soldered in is no board under test


def _wish(options: Options) -> str:
    if options.serial_number:
        return f"has the serial number {quote(options.serial_number)}"
    if options.description is not None:
        return f"has a description that matches {quote(options.description.pattern)}"
    return "has a board on USB"


def check_there(port: str, ports: Iterable[Port]) -> None:
    """Raise EnvironmentLacks when there is no such device, or we may not use it. URLs are left to their opening."""
    if is_url(port):
        return
    if not Path(port).exists():
        raise EnvironmentLacks(f"no serial port {port}; {_there(tuple(ports))}")
    if not os.access(port, os.R_OK | os.W_OK):
        raise EnvironmentLacks(no_permission(port))


def no_permission(port: str) -> str:
    """What to tell who may not open a port, with the group that may."""
    try:
        group = Path(port).group()
    except (OSError, KeyError):
        group = "dialout"
    group = "dialout" if group == "root" else group
    return (
        f"no permission to use the serial port {port}: add the user to its group: sudo usermod -aG {group} $USER, "
        "then log in again (a container: run it with --device and --group-add)"
    )


def is_url(port: str) -> bool:
    return "://" in port


def identity(port: str) -> str:
    """The same for all names of one port."""
    return port if is_url(port) else str(Path(port).resolve())


def _there(ports: Sequence[Port]) -> str:
    return f"there are: {_listed(ports)}" if ports else "there is none at all: is the board plugged in?"


def _listed(ports: Iterable[Port]) -> str:
    return ", ".join(map(str, ports))
