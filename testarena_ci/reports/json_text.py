"""JSON of results, fast, whatever characters the texts in it have."""

from __future__ import annotations

import json
from typing import Any

import msgspec


def encoded(document: Any) -> bytes:
    """One line of JSON in UTF-8; a number that is none (a device printed `nan`) is null.

    A text with half a character in it (a file name that is no UTF-8) has no UTF-8: then all is written in ASCII.
    """
    try:
        return msgspec.json.encode(document)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(document), separators=(",", ":")).encode("ascii")
