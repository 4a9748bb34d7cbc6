"""Files of the report folder: opened without ever leaving it, and served so that nothing in them acts."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import Final

from testarena_ci.viewing.request import Refused

REPORT: Final = "index.html"

_TEXTS: Final = frozenset((".log", ".txt", ".json", ".jsonl", ".xml", ".md", ".csv", ".yml", ".yaml"))
_IMAGES: Final = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"}
_ALWAYS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# The report's own policy, in its head, is stricter; this holds for an index.html that isn't ours, too
_REPORT_POLICY: Final = (
    "default-src 'self' data: blob: 'unsafe-inline'; connect-src 'self' data: blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
_FILE_POLICY: Final = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def headers_for(parts: Sequence[str]) -> dict[str, str]:
    """The headers of a file by its name: the report is a page, texts and images are shown, the rest is downloaded.

    A page, script or drawing (SVG) among the artifacts would act with the report's rights: each is a download, and in
    a sandbox should a browser show it all the same.
    """
    if tuple(parts) == (REPORT,):
        return secured("text/html; charset=utf-8", _REPORT_POLICY)
    suffix = PurePosixPath(parts[-1]).suffix.lower()
    if suffix in _TEXTS:
        return secured("text/plain; charset=utf-8", _FILE_POLICY)
    if suffix in _IMAGES:
        return secured(_IMAGES[suffix], _FILE_POLICY)
    return {**secured("application/octet-stream", _FILE_POLICY), "Content-Disposition": "attachment"}


def secured(media_type: str, policy: str) -> dict[str, str]:
    """What every answer says, with its type and content security policy."""
    return {"Content-Type": media_type, "Content-Security-Policy": policy, **_ALWAYS}


@contextlib.contextmanager
def opened(folder: Path, parts: Sequence[str]) -> Iterator[int]:
    """The descriptor of a regular file in the folder; no link is followed on the way. Raises Refused."""
    try:
        descriptor = _descend(folder, parts)
    except (OSError, ValueError):  # ValueError: a name that no file can have
        raise Refused(HTTPStatus.NOT_FOUND, "there is no such file in the report folder") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Refused(HTTPStatus.NOT_FOUND, "there is no such file in the report folder")
        yield descriptor
    finally:
        os.close(descriptor)


def _descend(folder: Path, parts: Sequence[str]) -> int:
    """Open name after name, each from the folder before it: nobody can put a link in between. Raises OSError."""
    here = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for number, part in enumerate(parts, start=1):
        kind = os.O_DIRECTORY if number < len(parts) else os.O_NONBLOCK  # a pipe must not hold us up
        try:
            there = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | kind, dir_fd=here)
        finally:
            os.close(here)
        here = there
    return here


def exists(folder: Path, name: str) -> bool:
    """Whether the folder holds a regular file of this name."""
    try:
        return stat.S_ISREG((folder / name).lstat().st_mode)
    except OSError:
        return False
