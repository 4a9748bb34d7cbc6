"""The journal, `events.jsonl`: one event a line, written as it happens; the one record from which all reports are made.

    {"event":"RunStarted","t":0.0,"run_id":"20260102-030405-1a2b3c","started":"2026-01-02T03:04:05+00:00",...}
    {"event":"CaseStarted","t":0.21,"scenario":"console","case":0,"attempt":1}

A line is written with one system call, so a kill can tear the last line only; readers leave a torn last line out.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self, Union

import msgspec

from tpf.errors import TestArenaError
from tpf.events import JOURNALED, Event, RunFinished

FILE_NAME: Final = "events.jsonl"


class JournalError(TestArenaError):
    """A journal can't be read; the message names file and line."""

    exit_code = 2


def encode(event: Event) -> bytes:
    """An event's line, with its newline."""
    try:
        return msgspec.json.encode(event) + b"\n"
    except UnicodeEncodeError:  # a lone surrogate, from the name of a file whose bytes are no UTF-8
        text = json.dumps(msgspec.to_builtins(event), ensure_ascii=False)
        escaped = (f"\\\\x{ord(char):x}" if "\ud800" <= char <= "\udfff" else char for char in text)
        return "".join(escaped).encode() + b"\n"


def decode(line: bytes) -> Event:
    """The event of a line. Raises ValueError when it is none."""
    return _decoder().decode(line)


@cache  # made when first needed: a run needs it at its end only
def _decoder() -> msgspec.json.Decoder[Event]:
    return msgspec.json.Decoder(Union[tuple(JOURNALED.values())])  # noqa: UP007  made of a list


class JournalWriter:
    """A sink that appends events to a journal. After one that found no room it takes the end of the run only."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._has_gap = False

    def __call__(self, event: Event) -> None:
        if type(event).__name__ not in JOURNALED or (self._has_gap and not isinstance(event, RunFinished)):
            return
        try:
            _write_all(self._fd, encode(event))
        except OSError:
            self._has_gap = True
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._fd)


def _write_all(fd: int, data: bytes) -> None:
    """Write a whole line, or nothing of it: a torn one would spoil those that come when there is room again."""
    rest = data
    try:
        while rest:
            rest = rest[os.write(fd, rest) :]
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(fd, os.fstat(fd).st_size - (len(data) - len(rest)))
        raise


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
