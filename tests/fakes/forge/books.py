"""What a forge in good health answers, and what it writes down."""

from __future__ import annotations

import itertools
import json
import re
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from tests.fakes.forge.rules import Request

MOST_STATUSES: Final = 1000  # a commit and context, on GitHub
_POST: Final = re.compile(r"/repos/([^/]+)/([^/]+)/statuses/([^/]+)")
_LIST: Final = re.compile(r"/repos/([^/]+)/([^/]+)/(?:commits/([^/]+)/statuses|statuses/([^/]+))")


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
        own = {"state": self.state, "avatar_url": None, "node_id": "S_1"}
        return shared | ({"status": self.state} if self.api == "gitea" else own)


class Books:
    """The statuses of all repositories, and all that was wrong; `record` gets each as a line of JSON."""

    def __init__(self, *, token: str, record: Path | None) -> None:
        self.statuses: list[Status] = []
        self.violations: list[str] = []
        self._token = token
        self._record = record
        self._lock = threading.Lock()
        self._ids = itertools.count(1)

    def complain(self, text: str) -> None:
        with self._lock:
            self.violations.append(text)
            self._write({"violation": text})

    def write(self, request: Request, wrong: tuple[str, ...]) -> tuple[int, Any]:
        """The answer to a POST: its code and JSON."""
        if not self._knows(request.headers.get("authorization", "")):
            return 401, {"message": "Bad credentials"}
        found = _POST.fullmatch(request.path)
        if not found:
            return 404, {"message": "Not Found"}
        if wrong:
            errors = [{"resource": "Status", "message": text} for text in wrong]
            return 422, {"message": "Validation Failed", "errors": errors}
        return self._take(request, f"{found[1]}/{found[2]}", found[3])

    def read(self, request: Request, version: str) -> tuple[int, Any]:
        """The answer to a GET; lists have the newest status first."""
        if request.path == "/version" and request.api == "gitea" and version:
            return 200, {"version": version}
        found = _LIST.fullmatch(request.path)
        if not found:
            return 404, {"message": "Not Found"}
        place = (f"{found[1]}/{found[2]}", found[3] or found[4])
        return 200, [status.as_json() for status in reversed(self.statuses) if (status.repository, status.sha) == place]

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

    def _write(self, entry: dict[str, Any]) -> None:
        if self._record is not None:
            with self._record.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")
