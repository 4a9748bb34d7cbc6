"""A request to a device, and what the device answered: bounded, and as messages show it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tpf.console.quoting import shorten

LARGEST: Final = 4 << 20  # bytes of a body that are taken in
_SHOWN: Final = 4096  # characters of it in a message
_FIELDS: Final = 40  # header fields in a message
_CHARSET: Final = re.compile(r"charset=\"?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request, and how long it may take."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    within: float  # seconds, all attempts together
    attempt: float | None = None  # seconds of one attempt; None: as long as there is time
    redirects: bool = False
    verify: bool = True

    def __str__(self) -> str:
        return f"{self.method} {shorten(self.url)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP response."""

    status: int
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    cut: bool = False  # the body is larger than LARGEST, and cut there

    @property
    def line(self) -> str:
        return f"{self.status} {self.reason}".strip()

    def header(self, name: str) -> str | None:
        """All values of a header field, joined as HTTP does; None without one."""
        values = [value for one, value in self.headers if one.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def text(self) -> str:
        """The body as text, in the encoding that the device says; what isn't any is replaced."""
        found = _CHARSET.search(self.header("content-type") or "")
        try:
            return self.body.decode(found[1] if found else "utf-8", "replace")
        except (LookupError, ValueError):  # no such encoding, or one that is not for text
            return self.body.decode("utf-8", "replace")

    @property
    def size(self) -> str:
        return f"more than {LARGEST >> 20} MiB" if self.cut else f"{len(self.body)} bytes"

    def __str__(self) -> str:
        fields = [f"{name}: {shorten(value, 200)}" for name, value in self.headers[:_FIELDS]]
        return "\n".join(("answer:", self.line, *fields, "", self._shown_body()))

    def _shown_body(self) -> str:
        if not self.body:
            return "(no body)"
        if b"\0" in self.body[:_SHOWN]:
            return f"({self.size} that are no text)"
        text = self.text
        return text if len(text) <= _SHOWN and not self.cut else f"{text[:_SHOWN]}\n... ({self.size} altogether)"
