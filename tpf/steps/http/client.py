"""Sends a request to a device until it answers, within a limit. Importing this costs `httpx`: only who asks does.

Nothing of this host's settings takes part: no proxy from the environment, no .netrc, no cookies, no caches. It is for
devices under test; forges are spoken to elsewhere.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import Iterator
from typing import Final

import httpx

import tpf
from tpf.errors import DeviceFailure, StepError
from tpf.result import FailureKind
from tpf.steps.http.exchange import LARGEST, Answer, Ask

_FIRST_PAUSE: Final = 0.05  # seconds between two attempts; each pause is twice the one before
_LONGEST_PAUSE: Final = 1.0
_REDIRECTS: Final = 5
_HOPELESS: Final = (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL, UnicodeError)


async def ask(asked: Ask) -> Answer:
    """The device's answer. Raises DeviceFailure when none comes in time, StepError for what can't be sent."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + asked.within
    pause, attempts, last = _FIRST_PAUSE, 0, ""
    async with _client(asked) as client:
        while (left := deadline - loop.time()) > 0:
            attempts += 1
            try:
                async with asyncio.timeout(left if asked.attempt is None else min(left, asked.attempt)):
                    return await _attempt(client, asked)
            except TimeoutError:
                last = last if asked.attempt is None and last else "no answer"
            except _HOPELESS as error:
                raise StepError(f"{asked} can't be sent: {error}") from error
            except httpx.TooManyRedirects:
                message = f"{asked} was redirected more than {_REDIRECTS} times"
                raise DeviceFailure(FailureKind.MISMATCH, message) from None
            except httpx.RequestError as error:
                last = _reason(error, asked)
            await asyncio.sleep(max(0, min(pause, (deadline - loop.time()) / 2)))
            pause = min(2 * pause, _LONGEST_PAUSE)
    tries = f"{attempts} attempts, the last one: " if attempts > 1 else ""
    raise DeviceFailure(FailureKind.TIMEOUT, f"{asked} was not answered within {asked.within:g}s ({tries}{last})")


def _client(asked: Ask) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        headers={
            "User-Agent": f"testarena/{tpf.__version__}",
            "Accept-Encoding": "identity",
            "Connection": "close",  # small devices have few sockets
        },
        verify=asked.verify and asked.url.lower().startswith("https:"),
        trust_env=False,
        timeout=asked.within,
        follow_redirects=asked.redirects,
        max_redirects=_REDIRECTS,
    )


async def _attempt(client: httpx.AsyncClient, asked: Ask) -> Answer:
    request = client.build_request(asked.method, asked.url, headers=list(asked.headers), content=asked.body)
    response = await client.send(request, stream=True)
    try:
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > LARGEST:
                break
    finally:
        await response.aclose()
    plain = _unpacked(bytes(body), response.headers.get("Content-Encoding", ""))
    return Answer(
        status=response.status_code,
        reason=response.reason_phrase,
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw),
        body=plain[:LARGEST],
        cut=len(plain) > LARGEST,
    )


def _unpacked(body: bytes, encoding: str) -> bytes:
    """The body without a compression that nobody has asked for, as far as it is taken in."""
    if encoding.lower() not in ("gzip", "deflate"):
        return body
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32).decompress(body, LARGEST + 1)
    except zlib.error:
        return body


def _reason(error: httpx.RequestError, asked: Ask) -> str:
    """Why there is no answer, in plain words; raises where asking again is of no use."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            message = f'{asked}: the device\'s certificate is not trusted: {cause.verify_message}; say verify="false"'
            raise DeviceFailure(FailureKind.MISMATCH, message) from error
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            return "connection reset"
    words = str(error)
    return "connection closed without an answer" if not words or words.startswith("Server disconnected") else words


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from."""
    waiting, seen = [error], {id(error)}
    while waiting:
        cause = waiting.pop(0)
        yield cause
        group = cause.exceptions if isinstance(cause, BaseExceptionGroup) else ()
        for inner in (cause.__cause__, cause.__context__, *group):
            if inner is not None and id(inner) not in seen:
                seen.add(id(inner))
                waiting.append(inner)
