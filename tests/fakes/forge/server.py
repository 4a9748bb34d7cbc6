"""The server: listens, hands each request to what is scripted for it or to the books, and remembers everything."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.fakes.forge.behaviours import Behaviour, ok
from tests.fakes.forge.books import Books, Status
from tests.fakes.forge.rules import Request, answer_violations, violations

ROOTS: Final = {"github": "", "ghe": "/api/v3", "gitea": "/api/v1", "forgejo": "/api/v1", "subpath": "/code/api/v1"}
_JSON: Final = {"Content-Type": "application/json; charset=utf-8"}


class FakeForge:
    """A forge that listens while its context lasts. `token` is the only one that it knows; empty: any will do."""

    def __init__(self, *, port: int = 0, token: str = "", record: Path | None = None, version: str = "1.26.0") -> None:
        self.version = version  # what a Gitea says it is; empty: it doesn't tell
        self.books = Books(token=token, record=record)
        self.requests: list[Request] = []
        self.always: Behaviour = ok
        self.stop = threading.Event()
        self._script: deque[Behaviour] = deque()
        self._server = _Server(port, self)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def statuses(self) -> list[Status]:
        """Those that were taken, the oldest first."""
        return self.books.statuses

    @property
    def violations(self) -> list[str]:
        """All that was wrong with requests, in words."""
        return self.books.violations

    @property
    def writes(self) -> list[Request]:
        return [request for request in self.requests if request.method == "POST"]

    def api(self, kind: str) -> str:
        """The API's root: of github, ghe (GitHub Enterprise), gitea, forgejo, subpath (a Gitea below a path)."""
        return self.url + ROOTS[kind]

    def script(self, *behaviours: Behaviour) -> None:
        """What the next writes meet, one after the other; then `always`."""
        self._script.extend(behaviours)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), name="fake-forge", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop.set()
        self._server.shutdown()
        self._server.server_close()

    def behaviour_for(self, request: Request) -> Behaviour:
        """Take note of a request; what it is to meet."""
        self.requests.append(request)
        if request.method != "POST":
            return ok
        return self._script.popleft() if self._script else self.always

    def reply(self, request: Request, wrong: tuple[str, ...]) -> tuple[int, bytes]:
        """The answer of a forge in good health, which is checked against the forge's own description."""
        read = request.method == "GET"
        code, data = self.books.read(request, self.version) if read else self.books.write(request, wrong)
        body = json.dumps(data).encode()
        for text in answer_violations(request, code, body) if code < 300 else ():
            self.books.complain(f"the fake's own answer is wrong: {text}")
        return code, body


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, forge: FakeForge) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.forge = forge

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is killed hangs up in the middle of its request; nothing else may go wrong here."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError):
            self.forge.books.complain(f"the fake forge itself broke: {error!r}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    connection: socket.socket

    def do_POST(self) -> None:
        self._handle()

    def do_GET(self) -> None:
        self._handle()

    def _handle(self) -> None:
        forge = self.server.forge
        request = Request(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
            time=time.monotonic(),
        )
        wrong = violations(request)
        for text in wrong:
            forge.books.complain(text)
        behaviour = forge.behaviour_for(request)
        if behaviour is ok:
            self.answer(*forge.reply(request, wrong), _JSON)
        else:
            self.close_connection = True
            behaviour(self)

    def answer(self, code: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def stopped(self, seconds: float | None) -> bool:
        return self.server.forge.stop.wait(seconds)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is http.server's
        """Nothing: requests are remembered, not printed."""
