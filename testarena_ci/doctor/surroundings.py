"""What this host is: processor cores, memory, room on disks, and the serial ports with those who may use them."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from testarena_ci.doctor.asking import EXTRA
from testarena_ci.doctor.checks import Check, Section, State, lacking, there
from tpf.errors import EnvironmentLacks
from tpf.machines.serial.ports import Port, find_ports, no_permission

MB: Final = 1 << 20
_ENOUGH_DISK: Final = 2048  # MB: build folders of ESP-IDF projects take 100 to 500 each
_ENOUGH_TEMPORARY: Final = 200  # MB: for copies of flash images
_ENOUGH_MEMORY: Final = 1024  # MB: for a build with two compilers at once, or for eight emulators
_MEMORY: Final = re.compile(r"^MemAvailable:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Sizes in MB; None where they can't be known."""

    cores: int
    memory: int | None
    disk: int | None  # room in the folder that a run is started in
    temporary: int | None  # room for temporary files
    ports: tuple[Port, ...] = ()
    refused: tuple[str, ...] = ()  # devices of ports that we may not use
    no_ports: str = ""  # why ports can't be listed


def look(cwd: Path) -> Surroundings:
    """Those of this host."""
    try:
        ports, problem = find_ports(), ""
    except EnvironmentLacks as error:
        ports, problem = (), str(error)
    return Surroundings(
        cores=os.cpu_count() or 1,
        memory=_available(Path("/proc/meminfo")),
        disk=_room(cwd),
        temporary=_room(Path(tempfile.gettempdir())),
        ports=ports,
        refused=tuple(port.device for port in ports if not os.access(port.device, os.R_OK | os.W_OK)),
        no_ports=problem,
    )


def machine(host: Surroundings) -> Section:
    """What a run takes of the host."""
    checks = (
        there("processor cores", str(host.cores)),
        _amount("memory", host.memory, _ENOUGH_MEMORY, "run fewer side by side: --jobs 1"),
        _amount(
            "room in this folder", host.disk, _ENOUGH_DISK, "for build folders: remove old ones in .testarena/build"
        ),
        _amount("room for temporary files", host.temporary, _ENOUGH_TEMPORARY, "set TMPDIR to a folder with more room"),
    )
    return Section(name="machine", title="this machine", checks=checks)


def boards(host: Surroundings, *, needed: bool) -> Section:
    """The serial ports that real boards could be at."""
    title = "to run it on a real board" + ("" if needed else " (optional)")
    return Section(name="boards", title=title, verb="be run on a real board", checks=tuple(_ports(host, needed=needed)))


def _ports(host: Surroundings, *, needed: bool) -> Iterator[Check]:
    if host.no_ports:
        yield lacking("pyserial", "not found; for talking to real boards", EXTRA, needed=needed)
        return
    yield there("pyserial", "with testarena")
    usable = any(port.device not in host.refused for port in host.ports)
    for port in host.ports:
        if port.device in host.refused:
            detail, _, way = no_permission(port.device).partition(": ")
            yield lacking(port.device, f"{detail}: {port}", way, needed=needed and not usable)
        elif "USB" in port.hardware:
            yield there(port.device, str(port))
        else:
            yield Check(
                name=port.device, state=State.NOTE, detail=f"{port}: no USB port; boards seldom are at such a one"
            )
    if not host.ports:
        yield lacking("serial ports", "none", "plug the board in; a container needs --device", needed=needed)


def _amount(name: str, found: int | None, enough: int, way: str) -> Check:
    if found is None:
        return Check(name=name, state=State.NOTE, detail="can't be known")
    if found >= enough:
        return there(name, f"{found} MB free")
    return Check(name=name, state=State.LOW, detail=f"{found} MB free; {enough} MB are well", ways=(way,))


def _available(file: Path) -> int | None:
    try:
        found = _MEMORY.search(file.read_text(encoding="ascii", errors="replace"))
    except OSError:
        return None
    return int(found[1]) >> 10 if found is not None else None


def _room(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free // MB
    except OSError:
        return None
