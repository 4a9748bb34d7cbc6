"""Standard streams that never fail and never block, on real pipes and files."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator

import pytest

from testarena_ci.cli.streams import Lasting

MUCH = b"".join(b"%07d\n" % number for number in range(100_000))  # more than any pipe has room for


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        with io.FileIO(end, "rb"):
            pass


def everything(source: int, size: int) -> bytes:
    heard = b""
    while len(heard) < size:
        heard += os.read(source, 1 << 16)
    return heard


def test_a_reader_who_takes_a_rest_gets_all_in_order_later(pipe: tuple[int, int]) -> None:
    source, sink = pipe
    stream = io.BufferedWriter(Lasting(sink))
    stream.write(MUCH)  # returns, though nobody reads yet
    stream.flush()
    assert everything(source, len(MUCH)) == MUCH
    stream.write(b"again at once")
    stream.flush()
    assert os.read(source, 100) == b"again at once"


def test_draining_waits_for_the_reader(pipe: tuple[int, int]) -> None:
    source, sink = pipe
    raw = Lasting(sink)
    for start in range(0, len(MUCH), 1000):
        assert raw.write(MUCH[start : start + 1000]) == 1000
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(everything(source, len(MUCH))))
    reader.start()
    raw.drain()
    reader.join()
    assert heard == [MUCH]


def test_a_stream_that_somebody_made_non_blocking_loses_nothing(pipe: tuple[int, int]) -> None:
    source, sink = pipe
    os.set_blocking(sink, False)
    stream = io.BufferedWriter(Lasting(sink))
    stream.write(MUCH)
    stream.flush()
    assert everything(source, len(MUCH)) == MUCH


def test_a_reader_who_goes_away_is_no_trouble() -> None:
    source, sink = os.pipe()
    stream = io.BufferedWriter(Lasting(sink))
    stream.write(MUCH)
    stream.flush()
    os.close(source)
    stream.write(MUCH)
    stream.flush()
    stream.raw.drain()
    os.close(sink)


@pytest.mark.parametrize("path", ["/dev/full", "/dev/null"])
def test_a_file_that_takes_nothing_is_no_trouble(path: str) -> None:
    sink = os.open(path, os.O_WRONLY)
    stream = io.TextIOWrapper(io.BufferedWriter(Lasting(sink)), encoding="utf-8")
    stream.write("x" * 100_000)
    stream.flush()
    os.close(sink)
