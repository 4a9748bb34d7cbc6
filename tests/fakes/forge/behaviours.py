"""What a write can meet in place of a good answer."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Mapping
from typing import Protocol

_LOGIN = b"<!DOCTYPE html><html><title>Sign in</title><form method=post><input name=password></form></html>"


class Wire(Protocol):
    """What a behaviour has in its hands: one connection with one request read."""

    connection: socket.socket

    def answer(self, code: int, body: bytes, headers: Mapping[str, str]) -> None: ...

    def stopped(self, seconds: float | None) -> bool:
        """Wait for the end of the forge; True when it has come."""


Behaviour = Callable[[Wire], None]


def ok(_: Wire) -> None:
    """The server knows this one by itself: it takes the status as if nothing were scripted."""
    raise AssertionError("the server answers by itself")


def status(code: int, message: str = "", **headers: str) -> Behaviour:
    """A code with a JSON body, as forges send it: ``status(429, retry_after="2")``."""
    body = json.dumps({"message": message or f"made up {code}", "documentation_url": "https://docs.example"}).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda wire: wire.answer(code, body, {"Content-Type": "application/json", **named})


def page(code: int = 200) -> Behaviour:
    """A web page: a login, a proxy."""
    return lambda wire: wire.answer(code, _LOGIN, {"Content-Type": "text/html"})


def redirect(to: str, code: int = 302) -> Behaviour:
    return lambda wire: wire.answer(code, b"", {"Location": to})


def reset(wire: Wire) -> None:
    """The connection is torn down without a word."""
    wire.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.connection.close()


def silence(wire: Wire) -> None:
    """Nothing, for as long as the forge lives."""
    wire.stopped(None)


def drip(wire: Wire) -> None:
    """A good answer, one byte every tenth of a second: no time-out of a socket ever strikes."""
    for byte in b"HTTP/1.1 201 Created\r\nX-Padding: " + b"." * 100_000:
        if wire.stopped(0.1):
            return
        try:
            wire.connection.send(bytes([byte]))
        except OSError:
            return


def parse(text: str) -> Behaviour:
    """``403``, ``429:2`` (with Retry-After), ``html``, ``redirect:URL``, ``reset``, ``silence``, ``drip``, ``ok``"""
    name, _, argument = text.partition(":")
    plain: dict[str, Behaviour] = {"ok": ok, "html": page(), "reset": reset, "silence": silence, "drip": drip}
    if name in plain:
        return plain[name]
    if name == "redirect":
        return redirect(argument)
    return status(int(name), **({"Retry_After": argument} if argument else {}))
