"""The machine kind `serial` as the engine sees it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

from tpf.machines.base import BootRequest, Machine, Receiver
from tpf.machines.esptool import esptool_of
from tpf.machines.serial.library import pyserial
from tpf.machines.serial.machine import booted
from tpf.machines.serial.options import Options
from tpf.machines.serial.ports import check_there, chosen, find_ports, identity


class SerialKind:
    """Firmware on a real board."""

    name = "serial"
    Options: type[Any] = Options
    targets: tuple[str, ...] = ()  # whatever is on the desk

    def describe(self, request: BootRequest) -> str:
        options: Options = request.spec.options
        which = options.port or options.serial_number or (options.description.pattern if options.description else "")
        return f"serial {request.target} {which}".replace("  ", " ")

    def check(self, request: BootRequest) -> None:
        """What can be told before there is firmware."""
        pyserial()
        _port(request)
        if request.spec.options.write:
            esptool_of((), "to flash a board")

    def uses(self, request: BootRequest) -> tuple[str, ...]:
        """The board: one scenario at a time has it."""
        return (identity(_port(request)),)

    def boot(self, request: BootRequest, receiver: Receiver) -> AbstractAsyncContextManager[Machine]:
        return booted(request, receiver, _port(request))


def _port(request: BootRequest) -> str:
    """Raises EnvironmentLacks when there is no such port."""
    options: Options = request.spec.options
    ports = find_ports()
    port = chosen(options, ports)
    check_there(port, ports)
    return port
