"""Cables between devices: what is sent at one end comes at the other, and what QEMU is told of them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.machines import request
from tpf.machines.cables import Cables
from tpf.machines.qemu.argv import qemu_argv
from tpf.machines.qemu.kind import QemuKind
from tpf.machines.qemu.plan import plan_for
from tpf.result import Source
from tpf.scenario.model import Forward, Link

HERE = Source(file="it.xml", line=3)
LINKS = (
    Link(name="bus", kind="serial", between=("a", "b"), source=HERE),
    Link(name="lan", kind="network", between=("b", "a"), source=HERE),
)


@pytest.fixture
def cables() -> Iterator[Cables]:
    made = Cables(LINKS)
    yield made
    made.close()


def test_each_device_has_its_ends_in_the_order_of_the_links(cables: Cables) -> None:
    assert [(end.name, end.kind, end.number) for end in cables.of("a")] == [("bus", "serial", 0), ("lan", "network", 3)]
    assert [(end.name, end.number) for end in cables.of("b")] == [("bus", 1), ("lan", 2)]
    assert cables.of("c") == ()


def test_frames_stay_apart_and_bytes_do_not(cables: Cables) -> None:
    (bus, lan), (other_bus, other_lan) = cables.of("a"), cables.of("b")
    for end in (bus, lan):
        end.socket.send(b"one")
        end.socket.send(b"two")
    assert other_bus.socket.recv(100) == b"onetwo"
    assert [other_lan.socket.recv(100), other_lan.socket.recv(100)] == [b"one", b"two"]


def test_what_came_before_a_restart_is_lost_but_not_what_came_before_the_first_start(cables: Cables) -> None:
    (bus, _), (other, _) = cables.of("a"), cables.of("b")
    bus.socket.send(b"early")
    other.plug_in()
    assert other.socket.recv(100) == b"early"
    bus.socket.send(b"lost" * 10_000)
    other.plug_in()
    bus.socket.send(b"late")
    assert other.socket.recv(100) == b"late"


def test_closed_cables_are_gone(cables: Cables) -> None:
    (end, _) = cables.of("a")
    cables.close()
    assert end.socket.fileno() == -1
    assert cables.of("a") == ()


def test_a_scenario_without_links_has_no_sockets() -> None:
    assert Cables(()).of("a") == ()


def argv(target: str, *ends: tuple[str, int], forwards: tuple[Forward, ...] = ()) -> str:
    links = tuple(Link(name=f"l{at}", kind=kind, between=("a", "b"), source=HERE) for at, (kind, _) in enumerate(ends))
    cables = Cables(links)
    try:
        made = plan_for(request(target=target, image=Path("/fw"), forwards=forwards, links=cables.of("a")))
        words = " ".join(qemu_argv(made, qmp=7))
        for at, end in enumerate(cables.of("a")):
            words = words.replace(f"fd={end.descriptor}", f"fd=#{at}")
        return words
    finally:
        cables.close()


def test_serial_links_are_the_ports_behind_the_console() -> None:
    words = argv("esp32", ("serial", 1), ("serial", 2))
    assert (
        "-serial chardev:console -chardev socket,id=link0,fd=#0 -serial chardev:link0 "
        "-chardev socket,id=link1,fd=#1 -serial chardev:link1" in words
    )
    assert "-nic none" in words


def test_network_links_are_cards_of_their_own() -> None:
    assert "-nic socket,id=link0,fd=#0,model=open_eth,mac=52:54:00:7a:00:00" in argv("esp32c3", ("network", 1))
    words = argv("riscv32-virt", ("network", 1), forwards=(Forward(name="web", guest=80),))
    assert "-netdev socket,id=link0,fd=#0 -device virtio-net-device,netdev=link0,mac=52:54:00:7a:00:00" in words
    assert "-netdev user,id=net,hostfwd" in words
    assert "-nic none" not in words


@pytest.mark.parametrize(
    "target, options, forwards, kinds, message",
    [
        ("esp32", {}, 0, ("serial", "serial", "network"), ""),
        (
            "esp32c3",
            {},
            0,
            ("serial", "serial"),
            "the board esp32c3 has 2 serial ports, and the console is at the first",
        ),
        (
            "xtensa-lx60",
            {},
            0,
            ("serial",),
            "the board lx60-nommu has one serial port, and the console is at the first",
        ),
        ("esp32", {}, 0, ("network", "network"), "the board esp32 has one network card: no room for 2 network links"),
        ("esp32", {}, 1, ("network",), "the board esp32 has one network card (the forwarded ports need one, too)"),
        ("riscv32-virt", {}, 1, ("network",), ""),
        ("", {"emulator": "qemu-system-riscv32", "board": "sifive_e"}, 0, ("serial", "network"), ""),
        ("riscv32-virt", {"board": "sifive_e"}, 0, ("serial",), ""),
        ("unknown", {}, 0, ("serial",), ""),
        ("riscv32-virt", {"clock": "virtual"}, 0, ("network",), "the board virt is on virtual time"),
        ("riscv32-virt", {"clock": "virtual"}, 0, (), ""),
    ],
)
def test_what_a_board_has_room_for(
    target: str, options: dict[str, Any], forwards: int, kinds: tuple[str, ...], message: str
) -> None:
    ports = tuple(Forward(name=f"p{at}", guest=80 + at) for at in range(forwards))
    machine = request(target=target, forwards=ports, **options).spec
    if not message:
        QemuKind().check_links(target, machine, kinds)
        return
    with pytest.raises(ValueError, match=r"^the board") as raised:
        QemuKind().check_links(target, machine, kinds)
    assert str(raised.value).startswith(message)


def test_a_cable_wakes_nobody_who_does_not_wait(cables: Cables) -> None:
    (end, _) = cables.of("a")
    end.plug_in()
    end.plug_in()
    assert end.socket.getblocking()
    with pytest.raises(BlockingIOError):
        end.socket.recv(1, socket.MSG_DONTWAIT)
