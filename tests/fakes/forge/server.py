"""The server: takes statuses as GitHub and Gitea do, and remembers everything."""

from __future__ import annotations

import itertools
import json
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.fakes.forge.behaviours import Behaviour, ok
from tests.fakes.forge.rules import Request, answer_violations, violations

ROOTS: Final = {"github": "", "ghe": "/api/v3", "gitea": "/api/v1", "forgejo": "/api/v1", "subpath": "/code/api/v1"}
MOST_STATUSES: Final = 1000  # a commit and context, on GitHub
_POST: Final = re.compile(r"/repos/([^/]+)/([^/]+)/statuses/([^/]+)")
_LIST: Final = re.compile(r"/repos/([^/]+)/([^/]+)/(?:commits/([^/]+)/statuses|statuses/([^/]+))")
_JSON: Final = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A status that was taken."""

    api: str
    id: int
    repository: str
    sha: str
    state: str
    context: str
    description: str
    target_url: str
    time: float  # monotonic seconds

    def as_json(self) -> dict[str, Any]:
        """As its forge shows it."""
        moment, creator = "2026-01-01T00:00:00Z", None
        shared = {
            "id": self.id,
            "url": f"http://forge/repos/{self.repository}/statuses/{self.sha}",
            "context": self.context,
            "description": self.description,
            "target_url": self.target_url,
            "created_at": moment,
            "updated_at": moment,
            "creator": creator,
        }
        own = (
            {"status": self.state}
            if self.api == "gitea"
            else {"state": self.state, "avatar_url": None, "node_id": "S_1"}
        )
        return shared | own


class FakeForge:
    """A forge that listens while its context lasts. `token` is the only one that it knows; empty: any will do."""

    def __init__(self, *, port: int = 0, token: str = "", record: Path | None = None, version: str = "1.26.0") -> None:
        self.version = version  # what a Gitea says it is; empty: it doesn't tell
        self.requests: list[Request] = []
        self.statuses: list[Status] = []
        self.violations: list[str] = []
        self.always: Behaviour = ok
        self.stop = threading.Event()
        self._script: deque[Behaviour] = deque()
        self._token = token
        self._record = record
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._server = _Server(port, self)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def api(self, kind: str) -> str:
        """The API's root: of github, ghe (GitHub Enterprise), gitea, forgejo, subpath (a Gitea below a path)."""
        return self.url + ROOTS[kind]

    def script(self, *behaviours: Behaviour) -> None:
        """What the next writes meet, one after the other; then `always`."""
        self._script.extend(behaviours)

    @property
    def writes(self) -> list[Request]:
        return [request for request in self.requests if request.method == "POST"]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), name="fake-forge", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop.set()
        self._server.shutdown()
        self._server.server_close()

    def received(self, request: Request) -> tuple[Behaviour, tuple[str, ...]]:
        """Take note of a request; what it is to meet, and what is wrong with it."""
        wrong = violations(request)
        with self._lock:
            self.requests.append(request)
            behaviour = self._script.popleft() if self._script and request.method == "POST" else None
            if behaviour is None:
                behaviour = self.always if request.method == "POST" else ok
        for text in wrong:
            self.complain(text)
        return behaviour, wrong

    def complain(self, text: str) -> None:
        with self._lock:
            self.violations.append(text)
            self._write({"violation": text})

    def reply(self, request: Request, wrong: tuple[str, ...]) -> tuple[int, Any]:
        """The answer of a forge in good health."""
        if request.method == "GET":
            return self._read(request)
        if not self._knows(request.headers.get("authorization", "")):
            return 401, {"message": "Bad credentials"}
        found = _POST.fullmatch(request.path)
        if not found:
            return 404, {"message": "Not Found"}
        if wrong:
            return 422, {
                "message": "Validation Failed",
                "errors": [{"resource": "Status", "message": text} for text in wrong],
            }
        return self._take(request, f"{found[1]}/{found[2]}", found[3])

    def _knows(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        return scheme.lower() in ("token", "bearer") and bool(token) and token == (self._token or token)

    def _take(self, request: Request, repository: str, sha: str) -> tuple[int, Any]:
        data = request.data
        context = data.get("context", "default")
        with self._lock:
            same = [s for s in self.statuses if (s.sha, s.context.casefold()) == (sha, context.casefold())]
            if request.api == "github" and len(same) >= MOST_STATUSES:
                message = "This SHA and context has reached the maximum number of statuses."
                return 422, {"message": "Validation Failed", "errors": [message]}
            status = Status(
                api=request.api,
                id=next(self._ids),
                repository=repository,
                sha=sha,
                state=data["state"],
                context=context,
                description=data.get("description", ""),
                target_url=data.get("target_url", ""),
                time=request.time,
            )
            self.statuses.append(status)
            self._write(asdict(status))
        return 201, status.as_json()

    def _read(self, request: Request) -> tuple[int, Any]:
        if request.path == "/version" and request.api == "gitea" and self.version:
            return 200, {"version": self.version}
        found = _LIST.fullmatch(request.path)
        if not found:
            return 404, {"message": "Not Found"}
        sha = found[3] or found[4]
        newest_first = [s for s in reversed(self.statuses) if (s.repository, s.sha) == (f"{found[1]}/{found[2]}", sha)]
        return 200, [status.as_json() for status in newest_first]

    def _write(self, entry: dict[str, Any]) -> None:
        if self._record is not None:
            with self._record.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, forge: FakeForge) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.forge = forge

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client may hang up; nothing else may go wrong here."""
        self.forge.complain("the fake forge itself broke, or a client hung up in the middle of its request")


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
        behaviour, wrong = forge.received(request)
        if behaviour is not ok:
            self.close_connection = True
            behaviour(self)
            return
        code, data = forge.reply(request, wrong)
        body = json.dumps(data).encode()
        if code < 300:
            for text in answer_violations(request, code, body):
                forge.complain(f"the fake's own answer is wrong: {text}")
        self.answer(code, body, _JSON)

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
