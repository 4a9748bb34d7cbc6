"""The live page: the report's look, a script that draws what the feed tells, and a policy that lets only these act."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from testarena_ci.reports import html

_STYLES: Final = ((html.__name__, ("base.css", "overview.css", "console.css")), (__package__, ("live.css",)))
_SHARED: Final = ((html.__name__, ("dom.js", "ansi.js")),)
_OWN: Final = ((__package__, ("live.js",)),)  # in a scope of its own: names that it shares with the others are its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page and the content security policy that it is served with."""

    body: bytes
    policy: str


@cache  # made of the program's own files
def live_page() -> Page:
    """The page; what it shows comes by its feed."""
    style = _joined(_STYLES)
    script = f'"use strict";\n(() => {{\n{_joined(_SHARED)}\n(() => {{\n{_joined(_OWN)}}})();\n}})();\n'
    signs = html.template().environment.get_template("parts.html.j2").module.symbols()  # type: ignore[attr-defined]
    frame = files(__package__).joinpath("live.html").read_text(encoding="utf-8")
    body = frame.replace("/* style */", style).replace("/* script */", script).replace("<!-- signs -->", signs)
    return Page(body=body.encode(), policy=_policy(style, script))


def _joined(rooms: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    return "".join(files(room).joinpath(name).read_text(encoding="utf-8") for room, names in rooms for name in names)


def _policy(style: str, script: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_source(style)}",
            f"script-src {_source(script)}",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
