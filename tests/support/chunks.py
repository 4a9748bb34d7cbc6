"""Bytes of hostile devices, and ways to tear them: what hypothesis makes tests of consoles from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hypothesis import strategies as st

_TOKENS = (
    b"a",
    b"pong",
    b"po",
    b"ng",
    b" ",
    b"free: 42",
    b"\r",
    b"\n",
    b"\r\n",
    b"\x1b",
    b"\x1b[",
    b"\x1b[0m",
    b"\x1b[0;32m",
    b"\x1b[2K",
    b"\x1b]0;t",
    b"\x07",
    b"\x1b\\",
    b"m",
    b";",
    b"\x00",
    b"\xff",
    b"\xc3",
    b"\xa4",
    "€".encode(),
    "\x85".encode(),
    b"Guru Meditation Error",
)

PIECES = st.lists(st.integers(1, 7), max_size=40)


def hostile_bytes() -> st.SearchStrategy[bytes]:
    """What a console may be fed: pieces of everything that has a meaning in it."""
    return st.lists(st.sampled_from(_TOKENS) | st.binary(max_size=3), max_size=40).map(b"".join)


def cut(data: bytes, sizes: Sequence[int]) -> Iterator[bytes]:
    """The data in pieces of these sizes, the rest in one."""
    for size in sizes:
        yield data[:size]
        data = data[size:]
    yield data
