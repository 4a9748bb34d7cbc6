"""index.html taken apart, so that a golden file shows what a reader sees and not what a compressor made."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode
from typing import Any

_BLOCK = re.compile(r'<script type="application/x-zlib-base64" id="([^"]*)">([^<]*)</script>')


def blocks(page: str) -> dict[str, str]:
    """The data in a page: block id to text."""
    return {name: zlib.decompress(b64decode(data)).decode(errors="replace") for name, data in _BLOCK.findall(page)}


def results(page: str) -> dict[str, Any]:
    """What the page's script draws from."""
    made: dict[str, Any] = json.loads(blocks(page)["results"])
    return made


def inlined(page: str, tag: str) -> str:
    """The one style sheet or script of the page."""
    (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    return str(text)


def bare(page: str) -> str:
    """The page without style, script and data; blank lines gone."""
    text = _BLOCK.sub(lambda match: f"<script data {match[1]}>", page)
    for tag in ("style", "script"):
        text = text.replace(inlined(page, tag), "...")
    text = re.sub(r"sha256-[A-Za-z0-9+/=]+", "sha256-...", text)
    return "\n".join(line for line in text.split("\n") if line.strip()) + "\n"
