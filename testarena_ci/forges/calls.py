"""One call by a client library, made safe: every answer is seen as it came, and every exception becomes a value."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import ConnectionPool
from urllib3.response import BaseHTTPResponse

from testarena_ci.context import CIContext
from testarena_ci.forges.answers import Answer, Trouble, judge, no_answer, not_a_status
from testarena_ci.forges.base import NotPosted
from testarena_ci.forges.words import fit, one_line, without
from tpf import __version__

CALL_TIMEOUT: Final = 10  # seconds for the connection, and for each wait for more of the answer
USER_AGENT: Final = f"testarena/{__version__}"
_WANTED: Final = {"POST": 201, "GET": 200}
_MOST_BODY: Final = 64 * 1024  # bytes of an error's body that are read

T = TypeVar("T")


class Unwanted(Exception):
    """The forge gave another answer than the one that a call is made for."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


class NotAStatus(Exception):
    """The answer has the right status code and says something else than it should."""


class OnlyWanted(urllib3.Retry):
    """Hands every answer that isn't the wanted one to us before a client library can misread it.

    The libraries follow redirects (which turns a POST into a GET), swap 401 and 403, drop the bodies of errors and take
    a 200 for a 201. Both let one pass a Retry, and urllib3 asks that about each answer, whole and before all else. It
    never retries: `Courier` does.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"total": 0, **options})

    def is_retry(self, method: str, status_code: int, has_retry_after: bool = False) -> bool:
        return status_code != _WANTED.get(method)

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        if response is not None:
            raise Unwanted(_answer(response))
        return super().increment(method, url, response, error, _pool, _stacktrace)


class BoundedAdapter(HTTPAdapter):
    """Sees each answer through OnlyWanted, and never waits without a limit."""

    def __init__(self) -> None:
        super().__init__(max_retries=OnlyWanted())

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        options["timeout"] = options.get("timeout") or CALL_TIMEOUT
        return super().send(request, *args, **options)


def attempt(context: CIContext, call: Callable[[], T]) -> T | Trouble:
    """What the call returns, or what came in the way."""
    try:
        return call()
    except Unwanted as unwanted:
        return judge(unwanted.answer, context)
    except NotAStatus as error:
        return not_a_status(context, str(error))
    except json.JSONDecodeError:
        return not_a_status(context, "something that is not JSON")
    except requests.RequestException as error:
        return _unreachable(context, error)
    except Exception as error:  # noqa: BLE001  the libraries raise whatever they trip over: AssertionError, KeyError, ...
        what = without(context.token, one_line(f"{type(error).__name__}: {error}"))
        return Trouble(outcome=NotPosted(reason=f"{context.api_url}: {fit(what, 200)}", retry_later=True))


def status_id(value: object) -> int:
    """The number that the forge gave the status. Raises NotAStatus when there is none."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise NotAStatus("201 without an id")


def _answer(response: BaseHTTPResponse) -> Answer:
    """The answer with the beginning of its body; closes the connection."""
    try:
        body = response.read(_MOST_BODY, decode_content=True)
    except (urllib3.exceptions.HTTPError, OSError):
        body = b""  # the status code alone says most
    finally:
        response.close()
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(status=response.status, headers=headers, body=body.decode("utf-8", "replace"))


def _unreachable(context: CIContext, error: requests.RequestException) -> Trouble:
    causes = tuple(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        advice = "set REQUESTS_CA_BUNDLE to the authority that signed it"
        reason = f"{context.api_url}: its certificate can't be verified: {advice}"
        return Trouble(outcome=NotPosted(reason=reason, retry_later=True))
    if isinstance(error, requests.Timeout):
        return no_answer(context, f"no answer within {CALL_TIMEOUT} s")
    words = (cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror)
    return no_answer(context, without(context.token, next(words, "the connection broke").lower()))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it, however requests and urllib3 wrap it: in arguments, as `reason`, or as cause."""
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = (*current.args, getattr(current, "reason", None), current.__cause__, current.__context__)
        waiting.extend(item for item in inner if isinstance(item, BaseException))
