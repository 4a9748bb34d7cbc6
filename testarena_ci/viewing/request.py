"""What a browser asks for: a request's head, refused when it is not from this machine's own pages.

GET /logs/console-answers/console.log?x=1 HTTP/1.1
Host: 127.0.0.1:8123
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl, unquote

LARGEST_HEAD: Final = 16 << 10  # bytes
_METHODS: Final = ("GET", "HEAD")
# Any port: it is another one at the near end of an SSH tunnel
_LOOPBACK: Final = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
_MOST_FIELDS: Final = 10  # of a query


class Refused(Exception):
    """A request that gets nothing but a status and a line that says why."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that may be answered."""

    method: str
    path: str  # as it was sent, percent signs and all
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case

    @property
    def parts(self) -> tuple[str, ...]:
        """The names in the path, decoded; those of the page's own addresses are no file names. Raises Refused."""
        parts = tuple(unquote(part, errors="surrogateescape") for part in self.path.removeprefix("/").split("/"))
        return checked(parts)

    def only_from_own_page(self) -> None:
        """Raises Refused when a page of another origin asks."""
        if self.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Refused(HTTPStatus.FORBIDDEN, "another site's page may not follow a run")


def checked(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Names that lead to a file in the report folder and never out of it. Raises Refused."""
    for part in parts:
        if not part or part.startswith(".") or "/" in part or "\\" in part or "\x00" in part:
            raise Refused(HTTPStatus.NOT_FOUND, "there is no such file in the report folder")
    return parts


def parse(head: bytes) -> Request:
    """The request with this head (without the empty line at its end). Raises Refused."""
    first, *rest = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[1].startswith("/") or not words[2].startswith("HTTP/1."):
        raise Refused(HTTPStatus.BAD_REQUEST, "not a request of HTTP/1.1")
    method, target, _ = words
    if method not in _METHODS:
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "only GET and HEAD are answered here")
    headers = dict(_headers(rest))
    if _LOOPBACK.fullmatch(headers.get("host", "")) is None:
        raise Refused(HTTPStatus.MISDIRECTED_REQUEST, "only requests to 127.0.0.1 or localhost are answered here")
    path, _, query = target.partition("?")
    return Request(method=method, path=path, query=_fields(query), headers=headers)


def _headers(lines: list[str]) -> Iterator[tuple[str, str]]:
    seen = set()
    for line in lines:
        name, colon, value = line.partition(":")
        key = name.lower()
        if not colon or not name or name != name.strip() or (key == "host" and key in seen):
            raise Refused(HTTPStatus.BAD_REQUEST, "a header of the request is broken")
        seen.add(key)
        yield key, value.strip()


def _fields(query: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(query, max_num_fields=_MOST_FIELDS, errors="surrogateescape"))
    except ValueError:
        raise Refused(HTTPStatus.BAD_REQUEST, "the query has too many fields") from None
