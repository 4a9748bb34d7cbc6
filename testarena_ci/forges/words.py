"""Texts that go to a forge, and texts that come from one, made harmless and short."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any, Final
from urllib.parse import urlsplit

_ELLIPSIS: Final = "…"
_UNWANTED: Final = {"Cc": " ", "Zl": " ", "Zp": " ", "Cf": "", "Cs": "", "Co": "", "Cn": ""}
_ESCAPES: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_]")


def one_line(text: str) -> str:
    """A text as one line: no escape sequence, control or formatting character, no lone surrogate, blanks folded.

    Characters beyond U+FFFF become U+FFFD: GitHub answers 422, "description doesn't accept 4-byte Unicode".
    """
    plain = "".join(_UNWANTED.get(unicodedata.category(char), char) for char in _ESCAPES.sub("", text))
    return re.sub(r"[\U00010000-\U0010ffff]+", "\N{REPLACEMENT CHARACTER}", " ".join(plain.split()))


def fit(text: str, limit: int) -> str:
    """At most `limit` characters (not bytes), a cut marked by an ellipsis, no letter parted from its accents."""
    if len(text) <= limit:
        return text
    end = limit - len(_ELLIPSIS)
    while end > 0 and unicodedata.combining(text[end]):
        end -= 1
    return text[:end].rstrip() + _ELLIPSIS


def web_address(url: str) -> str:
    """The address if a forge takes it (http or https, no blank in it), else an empty text."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    good = parts.scheme in ("http", "https") and parts.netloc and url.isprintable() and " " not in url
    return url if good and "@" not in parts.netloc else ""


def said(body: str, token: str) -> str:
    """What the body of an answer says to people: its JSON `message` and `errors`, or its beginning; never the token."""
    return fit(one_line(without(token, _message(body))), 200)


def without(token: str, text: str) -> str:
    """A text in which the token doesn't stand."""
    return text.replace(token, "***") if token else text


def _message(body: str) -> str:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return "" if "<" in body[:200] else body  # the markup of an error page tells nothing
    if not isinstance(answer, dict):
        return ""
    errors = answer.get("errors")
    details = [_detail(error) for error in errors[:3]] if isinstance(errors, list) else []
    return "; ".join(filter(None, [str(answer.get("message") or ""), *details]))


def _detail(error: Any) -> str:
    """GitHub's errors are texts, or objects with a message, or with a field and a code."""
    if not isinstance(error, dict):
        return str(error)
    return str(error.get("message") or " ".join(str(error[name]) for name in ("field", "code") if name in error))
