"""The emulator's command line, as a pure function of the plan.

The console is QEMU's standard input and output, as pipes: no port, no socket file, and by far the cheapest for an
emulator that writes it a byte at a time (see `tpf.processes.channel`). QMP is a socket that it inherits.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tpf.machines.cables import LinkEnd
from tpf.machines.qemu.boards import Board
from tpf.machines.qemu.options import Options
from tpf.machines.qemu.plan import Plan

_KIB = 1 << 10
_MIB = 1 << 20


def qemu_argv(plan: Plan, *, qmp: int, ticks: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The whole command line; `qmp` is the descriptor of the control socket, `ticks` what makes the clock tick."""
    board, options = plan.board, plan.options
    return (
        board.emulator,
        *_board(board),
        *_image(plan),
        *_efuse(plan),
        *_globals(plan),
        *_network(board, plan.forwards, linked=any(link.kind == "network" for link in plan.links)),
        *_clock(board, options),
        *ticks,
        *("-display", "none", "-monitor", "none", "-parallel", "none"),
        *("-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"),
        *_links(board, plan.links),
        *("-chardev", f"socket,id=qmp,fd={qmp}", "-mon", "chardev=qmp,mode=control"),
        *options.args,
    )


def _board(board: Board) -> Iterator[str]:
    yield from ("-M", board.machine)
    if board.cpu:
        yield from ("-cpu", board.cpu)
    if board.memory is not None:
        yield from ("-m", _size(board.memory))
    yield from board.arguments


def _image(plan: Plan) -> tuple[str, ...]:
    if plan.board.load == "flash":
        return ("-drive", f"file={_quoted(plan.image)},if=mtd,format=raw")
    return (f"-{plan.board.load}", str(plan.image))


def _efuse(plan: Plan) -> tuple[str, ...]:
    if plan.efuse is None:
        return ()
    return (
        *("-drive", f"file={_quoted(plan.efuse.copy)},if=none,format=raw,id=efuse"),
        *_global(plan.board.efuse, "drive", "efuse"),
    )


def _globals(plan: Plan) -> Iterator[str]:
    if plan.board.watchdog and not plan.options.watchdogs:
        yield from _global(plan.board.watchdog, "wdt_disable", "true")
    if plan.octal_psram:
        yield from _global("ssi_psram", "is_octal", "true")


def _global(driver: str, name: str, value: str) -> tuple[str, str]:
    return ("-global", f"driver={driver},property={name},value={value}")


def _network(board: Board, forwards: tuple[int, ...], *, linked: bool) -> tuple[str, ...]:
    """Port 0 has the host choose a free one, which QMP tells. Without forwards, firmware reaches no network."""
    if not forwards:
        return () if linked else ("-nic", "none")
    ports = "".join(f",hostfwd=tcp:127.0.0.1:0-:{guest}" for guest in forwards)
    if board.net_device:
        return ("-netdev", f"user,id=net{ports}", "-device", f"{board.net_device},netdev=net")
    return ("-nic", f"user,id=net{f',model={board.nic}' if board.nic else ''}{ports}")


def _links(board: Board, links: tuple[LinkEnd, ...]) -> Iterator[str]:
    """Each serial link is the next serial port, each network link one more card, whose address is no other's."""
    for number, link in enumerate(links):
        if link.kind == "serial":
            yield from ("-chardev", f"socket,id=link{number},fd={link.descriptor}", "-serial", f"chardev:link{number}")
            continue
        socket = f"socket,id=link{number},fd={link.descriptor}"
        address = f"mac={_address(link.number)}"
        if board.net_device:
            yield from ("-netdev", socket, "-device", f"{board.net_device},netdev=link{number},{address}")
        else:
            yield from ("-nic", f"{socket}{f',model={board.nic}' if board.nic else ''},{address}")


def _address(number: int) -> str:
    """A MAC address of local administration: QEMU would give all boards the same one."""
    return f"52:54:00:7a:{number >> 8 & 255:02x}:{number & 255:02x}"


def _clock(board: Board, options: Options) -> tuple[str, ...]:
    if options.clock == "wall":
        return ()
    shift = board.shift if options.shift is None else options.shift
    return ("-icount", f"shift={shift},align=off,sleep=off")


def _quoted(path: Path) -> str:
    """For an option that is a list with commas."""
    return str(path).replace(",", ",,")


def _size(count: int) -> str:
    for unit, letter in ((_MIB, "M"), (_KIB, "K")):
        if count % unit == 0:
            return f"{count // unit}{letter}"
    return f"{count}B"
