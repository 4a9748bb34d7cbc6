"""Addresses in the page: of files beside it and of web pages, and of nothing that acts."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import quote


def file_link(path: str) -> str:
    """The address of a file in the report folder; "" for a path that leaves it or is none."""
    parts = PurePosixPath(path).parts
    if not parts or parts[0] == "/" or ".." in parts or "\\" in path or "\x00" in path:
        return ""
    return "./" + "/".join(quote(part, errors="replace") for part in parts)  # "./": `javascript:x` is a file name here


def web_link(text: str) -> str:
    """The text if it is the address of a web page, else ""."""
    return text if re.fullmatch(r"https?://[\w.:\[\]-]+(/[!-~]*)?", text, re.ASCII) else ""
