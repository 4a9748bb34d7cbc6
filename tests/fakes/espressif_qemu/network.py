"""Forwarded ports: listening on the host, answered by the guest's web server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, Protocol

from tests.fakes.espressif_qemu.arguments import Forward
from tests.fakes.espressif_qemu.words import Refused

_PATIENCE: Final = 10.0  # seconds for a request


class Site(Protocol):
    """What is behind the ports."""

    def page(self, port: int, path: str) -> tuple[int, str] | None: ...


class Network:
    """Listens from the start; a connection that nobody in the guest wants is taken, and closed, as slirp does."""

    def __init__(self, name: str, forwards: list[Forward]) -> None:
        self._name = name
        self._listening = [(forward, _listener(forward)) for forward in forwards]
        self._servers: list[asyncio.Server] = []

    async def serve(self, site: Site) -> None:
        for forward, listener in self._listening:
            self._servers.append(await asyncio.start_server(_answerer(site, forward.guest), sock=listener))

    @property
    def usernet(self) -> str:
        """The monitor's `info usernet`."""
        lines = [
            f"Hub -1 ({self._name}):",
            "  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ",
        ]
        for forward, listener in reversed(self._listening):
            host, port = listener.getsockname()
            row = f"{listener.fileno():>3} {host:>15} {port:>5} {'10.0.2.15':>15} {forward.guest:>5}"
            lines.append(f"  TCP[HOST_FORWARD] {row}     0     0")
        return "".join(f"{line}\r\n" for line in lines) if self._listening else ""


def _listener(forward: Forward) -> socket.socket:
    try:
        return socket.create_server((forward.host, forward.port))
    except OSError:
        raise Refused(f"Could not set up host forwarding rule '{forward.rule}'") from None


def _answerer(site: Site, port: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                if site.page(port, "/") is not None:
                    head = await reader.readuntil(b"\r\n\r\n")
                    page = site.page(port, head.split(b" ", 2)[1].decode())
                    writer.write(_response(page))
                    await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, IndexError):
            pass
        finally:
            writer.close()

    return answer


def _response(page: tuple[int, str] | None) -> bytes:
    status, text = page or (500, "")
    body = text.encode()
    kind = "application/json" if text.startswith("{") else "text/html"
    head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {kind}\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
