"""A device's web server that answers with whatever bytes a test has in store, and keeps what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

CLOSE = b""  # instead of an answer: the connection is closed
HANG = b"\0hang"  # instead of an answer: there is none


@dataclass(slots=True)
class FakeWeb:
    """`answers` in order, the last one again and again."""

    answers: Sequence[bytes]
    address: str = ""
    asked: list[bytes] = field(default_factory=list)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[FakeWeb]:
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        self.address = f"{host}:{port}"
        try:
            yield self
        finally:
            server.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            self.asked.append(await _request(reader))
            answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
            if answer == HANG:
                await reader.read()
            writer.write(answer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.split(b":")[1]))
    return head


def page(body: bytes | str, status: str = "200 OK", **fields: str) -> bytes:
    """An answer; `content_type` is Content-Type."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(data)}", *lines, "", "")).encode() + data
