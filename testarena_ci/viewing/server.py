"""The server: HTTP/1.1 with one answer a connection, on loopback; every wait for a browser has a deadline."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final

from testarena_ci.viewing.feed import Feed, Mark, Phase
from testarena_ci.viewing.files import REPORT, headers_for, opened, secured
from testarena_ci.viewing.page import live_page
from testarena_ci.viewing.request import LARGEST_HEAD, Refused, Request, checked, parse
from testarena_ci.viewing.tail import ConsolePiece, console_piece

MOST_BROWSERS: Final = 256  # connections at once
PATIENCE: Final = 20.0  # seconds for a browser to ask, or to take what it is sent
_PULSE: Final = 15.0  # seconds between two signs of life in a stream
_PIECE: Final = 64 << 10  # bytes of a file that are sent at once
_PLAIN: Final = "text/plain; charset=utf-8"
_NOTHING: Final = "default-src 'none'; frame-ancestors 'none'"


class Server:
    """Answers browsers about one report folder."""

    def __init__(self, folder: Path, feed: Feed, *, patience: float = PATIENCE, most: int = MOST_BROWSERS) -> None:
        self._folder = folder
        self._feed = feed
        self._patience = patience
        self._most = most
        self._browsers: set[asyncio.Task[None]] = set()

    async def serve(self, port: int) -> asyncio.Server:
        """Begin to listen on 127.0.0.1; with 0, on a free port. Raises OSError."""
        return await asyncio.start_server(self._greet, "127.0.0.1", port, limit=LARGEST_HEAD)

    async def close(self) -> None:
        """End all connections."""
        browsers = tuple(self._browsers)
        for browser in browsers:
            browser.cancel()
        await asyncio.gather(*browsers, return_exceptions=True)

    def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._browsers) >= self._most:
            writer.transport.abort()
            return
        browser = asyncio.create_task(self._connection(reader, writer).answer())
        self._browsers.add(browser)
        browser.add_done_callback(self._browsers.discard)

    def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> _Connection:
        return _Connection(self._folder, self._feed, reader, writer, self._patience)


class _Connection:
    """One browser's one question."""

    def __init__(
        self,
        folder: Path,
        feed: Feed,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        patience: float,
    ) -> None:
        self._patience = patience
        self._folder = folder
        self._feed = feed
        self._reader = reader
        self._writer = writer

    async def answer(self) -> None:
        """Answer it, whatever it is, and hang up."""
        try:
            await self._answer()
            self._writer.close()
            async with asyncio.timeout(self._patience):
                await self._writer.wait_closed()
        except (OSError, EOFError, TimeoutError):
            pass  # it went away, or is too slow
        finally:
            self._writer.transport.abort()

    async def _answer(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                head = await self._reader.readuntil(b"\r\n\r\n")
            request = parse(head.removesuffix(b"\r\n\r\n"))
        except asyncio.LimitOverrunError:
            await self._refuse(Refused(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the request's head is too long"))
        except Refused as refused:
            await self._refuse(refused)
        else:
            await self._answer_to(request)

    async def _answer_to(self, request: Request) -> None:
        try:
            match request.path:
                case "/":
                    await self._lead(request)
                case "/live":
                    page = live_page()
                    await self._send(request, page.body, secured("text/html; charset=utf-8", page.policy))
                case "/live/events":
                    request.only_from_own_page()
                    await self._stream(request)
                case "/live/console":
                    request.only_from_own_page()
                    await self._console(request)
                case _:
                    await self._file(request)
        except Refused as refused:
            await self._refuse(refused, request)

    async def _refuse(self, refused: Refused, request: Request | None = None) -> None:
        headers = secured(_PLAIN, _NOTHING)
        if refused.status is HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = "GET, HEAD"
        await self._send(request, f"{refused}\n".encode(), headers, refused.status)

    async def _lead(self, request: Request) -> None:
        """To the report of a run that has ended, else to the live page."""
        place = f"/{REPORT}" if self._feed.phase is Phase.ENDED else "/live"
        await self._send(request, b"", {**secured(_PLAIN, _NOTHING), "Location": place}, HTTPStatus.FOUND)

    async def _file(self, request: Request) -> None:
        parts = request.parts
        with opened(self._folder, parts) as file:
            left = os.fstat(file).st_size
            await self._begin(HTTPStatus.OK, {**headers_for(parts), "Content-Length": str(left)})
            while left > 0 and request.method == "GET" and (piece := os.read(file, min(left, _PIECE))):
                left -= len(piece)
                await self._pass_on(piece)

    async def _console(self, request: Request) -> None:
        """Lines of a log as JSON; of another run's, none: the page is about to be told of the new one."""
        since = request.query.get("since", "0")
        number = int(since) if since.isascii() and since.isdigit() and len(since) < 16 else 0
        log = request.query.get("log", "")
        try:
            piece = console_piece(self._folder, checked(tuple(log.split("/"))), number)
        except Refused:
            if not self._feed.board.has_log(log):
                raise
            piece = ConsolePiece(first=0, next=0, lines=())  # a new run has removed it, and is about to be heard of
        said = {"run": self._feed.name, "first": piece.first, "next": piece.next, "lines": piece.lines}
        await self._send(request, json.dumps(said).encode(), secured("application/json", _NOTHING))

    async def _stream(self, request: Request) -> None:
        """Server-sent events, from what the browser has seen on; a slow one gets fewer, with the same news."""
        headers = secured("text/event-stream", _NOTHING)
        await self._begin(HTTPStatus.OK, headers)
        if request.method == "HEAD":
            return
        seen = Mark.read(request.headers.get("last-event-id", ""))
        gone = asyncio.create_task(self._reader.read(1))
        try:
            while not gone.done():
                changed = self._feed.changed
                if seen == self._feed.mark:
                    await _first_of(gone, changed)
                if seen == self._feed.mark:
                    await self._pass_on(b": still here\n\n")
                    continue
                news, seen = self._feed.update(seen), self._feed.mark
                await self._pass_on(f"id: {seen}\ndata: {json.dumps(news)}\n\n".encode())
        finally:
            gone.cancel()

    async def _send(
        self, request: Request | None, body: bytes, headers: Mapping[str, str], status: HTTPStatus = HTTPStatus.OK
    ) -> None:
        await self._begin(status, {**headers, "Content-Length": str(len(body))})
        if request is None or request.method == "GET":
            await self._pass_on(body)

    async def _begin(self, status: HTTPStatus, headers: Mapping[str, str]) -> None:
        lines = (f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in headers.items()))
        await self._pass_on("\r\n".join((*lines, "Connection: close", "\r\n")).encode("latin-1"))

    async def _pass_on(self, data: bytes) -> None:
        """Send, and wait until there is room for more. Raises TimeoutError, OSError."""
        self._writer.write(data)
        async with asyncio.timeout(self._patience):
            await self._writer.drain()


async def _first_of(gone: asyncio.Task[bytes], changed: asyncio.Event) -> None:
    """Wait until the browser has gone, there is news, or it is time for a sign of life."""
    news = asyncio.create_task(changed.wait())
    try:
        await asyncio.wait((gone, news), timeout=_PULSE, return_when=asyncio.FIRST_COMPLETED)
    finally:
        news.cancel()
