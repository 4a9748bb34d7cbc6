"""What each forge asks of a request: its OpenAPI description, and the limits that stand in none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

DESCRIPTIONS: Final = Path(__file__).parents[2] / "data" / "openapi"
_API: Final = re.compile(r"(?P<root>(?:/[a-z0-9-]+)*?(?:/api/v1|/api/v3)|)(?P<path>/(?:repos|version|user)\b.*)")
_SHA: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came, with names of headers in lower case."""

    method: str
    target: str  # path and query
    headers: Mapping[str, str]
    body: bytes = b""
    time: float = 0.0  # monotonic seconds
    _found: re.Match[str] | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_found", _API.fullmatch(urlsplit(self.target).path))

    @property
    def api(self) -> str:
        """``gitea`` or ``github``."""
        return "gitea" if self._found and self._found["root"].endswith("/api/v1") else "github"

    @property
    def path(self) -> str:
        """The path below the API's root."""
        return self._found["path"] if self._found else self.target

    @property
    def data(self) -> dict[str, Any]:
        """The body's JSON object; empty when it is something else."""
        try:
            data = json.loads(self.body)
        except ValueError:
            return {}
        return data if isinstance(data, dict) else {}


def violations(request: Request) -> tuple[str, ...]:
    """Everything that is wrong with a request, in words."""
    return (*_against_description(request), *(_status_limits(request) if request.method == "POST" else ()))


def answer_violations(request: Request, code: int, body: bytes) -> tuple[str, ...]:
    """What is wrong with an answer: a fake that answers as no forge does would prove nothing."""
    response = MockResponse(data=body, status_code=code)
    return tuple(map(_words, _description(request.api).iter_response_errors(_mock(request), response)))


def _against_description(request: Request) -> Iterator[str]:
    for error in _description(request.api).iter_request_errors(_mock(request)):
        yield f"{request.method} {request.target}: {_words(error)}"


def _status_limits(request: Request) -> Iterator[str]:
    """https://docs.github.com/rest/commits/statuses, and what its server says beyond that."""
    data = request.data
    if not _SHA.fullmatch(request.path.rpartition("/")[2]):
        yield f"{request.target}: no whole hash of a commit"
    if not request.headers.get("user-agent", "").startswith("testarena/"):
        yield "the user agent is not testarena's"
    if request.headers.get("content-type", "").split(";")[0] != "application/json":
        yield "the content type is not application/json"
    for name, limit in (("description", 140), ("context", 255)):
        text = str(data.get(name, ""))
        if len(text) > limit:
            yield f"{name} has {len(text)} characters, at most {limit}"
        if any(ord(char) > 0xFFFF for char in text):
            yield f"{name} doesn't accept 4-byte Unicode"
        if not text.isprintable():
            yield f"{name} has control characters: {text!r}"
    if not str(data.get("target_url", "https:")).startswith(("http:", "https:")):
        yield "target_url must use http(s) scheme"


def _mock(request: Request) -> MockRequest:
    prefix = "/api/v1" if request.api == "gitea" else ""
    return MockRequest(
        "http://forge",
        request.method.lower(),
        prefix + request.path,
        data=request.body or None,
        content_type=request.headers.get("content-type", "application/json"),
    )


def _words(error: Exception) -> str:
    details = [detail.message for detail in getattr(error.__cause__, "schema_errors", ())]
    return "; ".join(details) or str(error) or type(error).__name__


@cache
def _description(api: str) -> OpenAPI:
    return OpenAPI.from_dict(json.loads((DESCRIPTIONS / f"{api}.json").read_text(encoding="utf-8")))
