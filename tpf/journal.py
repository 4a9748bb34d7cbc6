"""The journal, `events.jsonl`: one event a line, written as it happens; the one record from which all reports are made.

    {"event":"RunStarted","t":0.0,"run_id":"20260102-030405-1a2b3c","started":"2026-01-02T03:04:05+00:00",...}
    {"event":"CaseStarted","t":0.21,"scenario":"console","case":0,"attempt":1}

A line is written with one system call, so a kill can tear the last line only; readers leave a torn last line out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from tpf.errors import TestArenaError
from tpf.events import JOURNALED, Event

FILE_NAME: Final = "events.jsonl"


class JournalError(TestArenaError):
    """A journal can't be read; the message names file and line."""

    exit_code = 2


def encode(event: Event) -> bytes:
    """An event's line, with its newline."""
    try:
        body = msgspec.json.encode(event)
    except UnicodeEncodeError:  # a lone surrogate, from the name of a file whose bytes are no UTF-8
        text = json.dumps(msgspec.to_builtins(event), ensure_ascii=False)
        body = "".join(f"\\\\x{ord(char):x}" if "\ud800" <= char <= "\udfff" else char for char in text).encode()
    return b'{"event":"%s",%s\n' % (type(event).__name__.encode(), body[1:])


class _Tag(msgspec.Struct):
    event: str


def decode(line: bytes) -> Event:
    """The event of a line. Raises ValueError when it is none."""
    tag = msgspec.json.decode(line, type=_Tag).event
    if tag not in JOURNALED:
        raise ValueError(f"unknown event {tag!r}")
    return msgspec.json.decode(line, type=JOURNALED[tag])


class JournalWriter:
    """A sink that appends events to a journal."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)

    def __call__(self, event: Event) -> None:
        if type(event).__name__ in JOURNALED:
            _write_all(self._fd, encode(event))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._fd)


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


def read(path: Path) -> Iterator[Event]:
    """The events of a journal. A torn last line is left out; anything else that is no event raises JournalError."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        raise JournalError(f"{path}: no such journal; a run writes it into its report folder as {FILE_NAME}") from None
    except OSError as error:
        raise JournalError(f"{path}: can't read the journal: {error.strerror}") from error
    torn = lines.pop()  # b"" after a whole last line
    for number, line in enumerate(lines, start=1):
        try:
            yield decode(line)
        except (ValueError, RecursionError) as error:
            raise JournalError(f"{path}:{number}: not an event of a TestArena journal: {error}") from error
    if torn:
        try:
            event = decode(torn)
        except (ValueError, RecursionError):
            return
        yield event
