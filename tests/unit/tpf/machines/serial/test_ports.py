from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tpf.errors import EnvironmentLacks
from tpf.machines.serial.options import Options
from tpf.machines.serial.ports import Port, check_there, chosen, identity, no_permission

CP2102 = Port("/dev/ttyUSB0", "CP2102N USB to UART Bridge", "0001", "USB VID:PID=10C4:EA60 SER=0001")
OTHER = Port("/dev/ttyUSB1", "CP2102N USB to UART Bridge", "0002", "USB VID:PID=10C4:EA60 SER=0002")
JTAG = Port("/dev/ttyACM0", "USB JTAG/serial debug unit", "7C:DF:A1:00:00:01", "USB VID:PID=303A:1001")
PORTS = (JTAG, CP2102, OTHER, Port("/dev/ttyS0"))


@pytest.mark.parametrize(
    "wish, device",
    [
        ({"port": "/dev/serial/by-id/x"}, "/dev/serial/by-id/x"),
        ({"port": "rfc2217://bench:4000"}, "rfc2217://bench:4000"),
        ({"serial_number": "0002"}, "/dev/ttyUSB1"),
        ({"serial_number": "7c:df:a1:00:00:01"}, "/dev/ttyACM0"),
        ({"description": re.compile("JTAG")}, "/dev/ttyACM0"),
        ({"description": re.compile("303A:1001")}, "/dev/ttyACM0"),
    ],
)
def test_a_board_is_found(wish: dict[str, Any], device: str) -> None:
    assert chosen(Options(**wish), PORTS) == device


def test_the_only_board_needs_no_name() -> None:
    assert chosen(Options(), (JTAG, Port("/dev/ttyS0"))) == "/dev/ttyACM0"


@pytest.mark.parametrize(
    "wish, ports, words",
    [
        (
            {"serial_number": "0003"},
            PORTS,
            'no serial port has the serial number "0003"; there are: /dev/ttyACM0 (USB JTAG/serial debug unit, ',
        ),
        ({"serial_number": "0003"}, (), "there is none at all: is the board plugged in?"),
        (
            {"description": re.compile("CP2102N")},
            PORTS,
            '2 serial ports have a description that matches "CP2102N": /dev/ttyUSB0 (',
        ),
        ({}, PORTS, "3 serial ports have a board on USB: /dev/ttyACM0 ("),
        ({}, (Port("/dev/ttyS0"),), "no serial port has a board on USB; there are: /dev/ttyS0"),
    ],
)
def test_none_or_several_are_told(wish: dict[str, Any], ports: tuple[Port, ...], words: str) -> None:
    with pytest.raises(EnvironmentLacks) as raised:
        chosen(Options(**wish), ports)
    assert words in str(raised.value)


def test_a_port_that_is_not_there_or_not_ours_is_told(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentLacks, match=r"no serial port .*ttyUSB7; there are: /dev/ttyUSB0 \("):
        check_there(str(tmp_path / "ttyUSB7"), [CP2102])
    check_there("socket://bench:4000", [])
    assert "sudo usermod -aG" in no_permission(str(tmp_path))
    assert "-aG dialout " in no_permission("/dev/is-not-there")


def test_all_names_of_a_port_are_one(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").touch()
    (tmp_path / "by-id").symlink_to("ttyUSB0")
    assert identity(str(tmp_path / "by-id")) == identity(str(tmp_path / "ttyUSB0"))
    assert identity("rfc2217://bench:4000") == "rfc2217://bench:4000"
