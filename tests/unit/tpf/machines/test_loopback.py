"""Free ports for programs that are the device."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.machines import DEADLINE, Ear, request
from tpf.errors import UsageError
from tpf.machines import KINDS
from tpf.machines.base import HasPorts
from tpf.machines.loopback import HOST, Ports, check_names
from tpf.process import Processes
from tpf.scenario.model import Forward

SERVER = """
import os, socket
with socket.create_server(("127.0.0.1", int(os.environ["PORT_WEB_UI"]))) as server:
    print("listening", flush=True)
    server.accept()[0].sendall(b"hello")
"""


def test_all_ports_of_all_reservations_differ() -> None:
    with ExitStack() as stack:
        every = [stack.enter_context(Ports.reserve(("web", "mqtt"))) for _ in range(200)]
        numbers = [number for ports in every for _, number in ports.numbers]
        assert len(set(numbers)) == 400


def test_nobody_listens_at_a_reserved_port() -> None:
    with Ports.reserve(("web",)) as ports, socket.create_server((HOST, ports.numbers[0][1])):
        assert ports.addresses == {"web": f"{HOST}:{ports.numbers[0][1]}"}


def test_a_program_learns_its_port_and_can_be_reached(environment: dict[str, str], tmp_path: Path) -> None:
    async def main() -> bytes:
        ear = Ear()
        async with Processes(environment) as processes:
            asked = request(
                processes,
                kind="command",
                checkout=tmp_path,
                command=(sys.executable, "-c", SERVER),
                forwards=(Forward(name="web.ui"),),
            )
            async with KINDS["command"].boot(asked, ear) as machine:
                assert isinstance(machine, HasPorts)
                host, _, port = (await machine.forwarded())["web.ui"].rpartition(":")
                await ear.until(b"listening")
                async with asyncio.timeout(DEADLINE):
                    reader, writer = await asyncio.open_connection(host, int(port))
                    said = await reader.read()
                writer.close()
                return said

    assert asyncio.run(main()) == b"hello"


def test_names_that_a_program_could_not_tell_apart() -> None:
    check_names(("web", "mqtt"))
    with pytest.raises(UsageError, match=r"'web-ui' and 'web\.ui' are both PORT_WEB_UI to the program: rename one"):
        check_names(("web.ui", "web-ui"))
