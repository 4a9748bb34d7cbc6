from __future__ import annotations

import asyncio
import hashlib
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from testarena_ci.viewing.feed import Feed
from testarena_ci.viewing.page import live_page
from testarena_ci.viewing.server import Server

ASK = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
SOON = 20.0  # seconds, as a last resort


@asynccontextmanager
async def served(folder: Path, *, patience: float = SOON, most: int = 10) -> AsyncIterator[int]:
    """The port of a server of that folder."""
    server = Server(folder, Feed(folder), patience=patience, most=most)
    async with await server.serve(0) as listening:
        yield listening.sockets[0].getsockname()[1]
        await server.close()


async def said_to(port: int, data: bytes) -> bytes:
    """All that is answered, until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    async with asyncio.timeout(SOON):
        answer = await reader.read()
    writer.close()
    return answer


def test_who_does_not_ask_is_hung_up_on(tmp_path: Path) -> None:
    async def scene() -> None:
        async with served(tmp_path, patience=0.1) as port:
            assert await said_to(port, b"") == b""
            assert await said_to(port, b"GET / HT") == b""

    asyncio.run(scene())


def test_who_does_not_take_what_he_asked_for_is_hung_up_on(tmp_path: Path) -> None:
    (tmp_path / "large.log").write_bytes(b"x" * (64 << 20))

    async def scene() -> None:
        async with served(tmp_path, patience=0.3, most=1) as port:
            slow, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
            writer.write(ASK % b"/large.log")
            await slow.read(10)
            answer = b""
            async with asyncio.timeout(SOON):
                while not answer:  # there is room for one only: until the slow one has gone
                    try:
                        answer = await said_to(port, ASK % b"/")
                    except ConnectionError:
                        await asyncio.sleep(0.05)
            assert answer.startswith(b"HTTP/1.1 302 ")
            writer.close()

    asyncio.run(scene())


def test_head_has_no_body(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"text")

    async def scene() -> None:
        async with served(tmp_path) as port:
            for path in (b"/", b"/live", b"/live/events", b"/a.log", b"/absent"):
                answer = await said_to(port, (ASK % path).replace(b"GET", b"HEAD"))
                assert answer.partition(b"\r\n\r\n")[2] == b"", path
            assert (await said_to(port, ASK % b"/a.log")).endswith(b"\r\n\r\ntext")

    asyncio.run(scene())


def test_the_live_page_lets_only_its_own_style_and_script_act() -> None:
    page = live_page()
    text = page.body.decode()
    for tag in ("style", "script"):
        (inner,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert f"'sha256-{b64encode(hashlib.sha256(inner.encode()).digest()).decode()}'" in page.policy
    assert not re.search(r"\son\w+=|javascript:|unsafe", text + page.policy)
