"""Addresses in the page: of files beside it, of sources on the forge, of web pages, and of nothing that acts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import quote

Words = tuple[tuple[str, str], ...]  # text in pieces, each with its address or ""

# `main/commands.c:41`, and of `main/commands.c:41:5` all but the column; dom.js has the same.
_PLACE = re.compile(
    r"(?<![\w/.:+-])((?:[\w.+-]+/)*[\w.+-]+\.(?:c|cc|cpp|cxx|h|hh|hpp|S|s|ino|rs|py|xml)):(\d{1,7})(?!\w)", re.ASCII
)


def file_link(path: str) -> str:
    """The address of a file in the report folder; "" for a path that leaves it or is none."""
    parts = PurePosixPath(path).parts
    if not parts or parts[0] == "/" or ".." in parts or "\\" in path or "\x00" in path:
        return ""
    return "./" + "/".join(quote(part, errors="replace") for part in parts)  # "./": `javascript:x` is a file name here


def web_link(text: str) -> str:
    """The text if it is the address of a web page, else ""."""
    return text if re.fullmatch(r"https?://[\w.:\[\]-]+(/[!-~]*)?", text, re.ASCII) else ""


def source_link(base: str, path: str, line: str) -> str:
    """The address of a line of a source below `base`; "" without a base, and for a path that leaves the checkout."""
    parts = PurePosixPath(path).parts
    if not base or not parts or parts[0] == "/" or ".." in parts:
        return ""
    return web_link(f"{base}{'/'.join(quote(part, errors='replace') for part in parts)}#L{line}")


def with_places(text: str, base: str) -> Words:
    """The text with places in sources as links."""
    return tuple(_with_places(text, base)) if base else ((text, ""),)


def _with_places(text: str, base: str) -> Iterator[tuple[str, str]]:
    end = 0
    for match in _PLACE.finditer(text):
        if link := source_link(base, match[1], match[2]):
            yield from ((before, "") for before in (text[end : match.start()],) if before)
            yield match[0], link
            end = match.end()
    if text[end:]:
        yield text[end:], ""
