"""Addresses in the page: of files beside it, of sources on the forge, of web pages, and of nothing that acts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from posixpath import normpath
from urllib.parse import quote

from msgspec import Struct

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


class Sources(Struct, frozen=True, kw_only=True):
    """Where the forge shows the checkout's files, "" where that is unknown, and in which folder of it the run was."""

    base: str = ""
    folder: str = ""

    def link(self, path: str, line: str) -> str:
        """The address of a line of a source; "" for a path that leaves the checkout."""
        within = normpath(f"{self.folder}/{path}" if self.folder else path)
        if not self.base or path.startswith("/") or within.startswith(("/", "../")):
            return ""
        return web_link(f"{self.base}{quote(within, errors='replace')}#L{line}")


def with_places(text: str, sources: Sources) -> Words:
    """The text with places in sources as links."""
    return tuple(_with_places(text, sources)) if sources.base else ((text, ""),)


def _with_places(text: str, sources: Sources) -> Iterator[tuple[str, str]]:
    end = 0
    for match in _PLACE.finditer(text):
        if link := sources.link(match[1], match[2]):
            yield from ((before, "") for before in (text[end : match.start()],) if before)
            yield match[0], link
            end = match.end()
    if text[end:]:
        yield text[end:], ""
