"""What was typed and what the device said, in order and with times; kept while a person works with the device."""

from __future__ import annotations

from dataclasses import dataclass, field

from tpf.console.text import Decoder, without_colours

MOST_KEPT = 1 << 20  # characters of an answer: what is expected stands near its beginning and its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Text that came at once, `seconds` after what was sent before it."""

    seconds: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What was sent, and what the device said from then on until something was sent again.

    The echo of what was typed is a part of it. Nothing was sent in the first exchange of a tape: it is the boot.
    """

    line: str | None = None  # without its end; None for the boot, and for keys
    keys: bytes = b""  # control characters, sent by themselves
    edited: bool = False  # characters were taken back while it was typed: its echo is no plain text
    pieces: tuple[Piece, ...] = ()

    @property
    def heard(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    def seconds_at(self, offset: int) -> float:
        """When the character at an offset of `heard` came."""
        for piece in self.pieces:
            offset -= len(piece.text)
            if offset < 0:
                return piece.seconds
        return self.pieces[-1].seconds if self.pieces else 0.0


@dataclass(slots=True)
class Tape:
    """Takes all that happens, with its time in seconds; `exchanges` is what came of it so far."""

    exchanges: list[Exchange] = field(default_factory=list)
    _pieces: list[Piece] = field(default_factory=list)
    _kept: int = 0
    _line: str | None = None
    _keys: bytes = b""
    _edited: bool = False
    _typing: bool = False  # a line has been begun, and not been sent
    _since: float = 0.0
    _decoder: Decoder = field(default_factory=Decoder)

    def hear(self, data: bytes, now: float) -> str:
        """The device said something. Returns it as it may be shown, colours included."""
        text = self._decoder.feed(data)
        plain = without_colours(text)
        if plain and self._kept < MOST_KEPT:
            self._kept += len(plain)
            self._pieces.append(Piece(seconds=round(max(0.0, now - self._since), 3), text=plain))
        return text

    def begin(self) -> None:
        """A line is being typed: what the device says from now on belongs to it."""
        if not self._typing:
            self._typing = True
            self._cut()

    def send(self, line: str, now: float, *, edited: bool = False) -> None:
        """The line was sent."""
        self.begin()
        self._typing = False
        self._line, self._edited, self._since = line, edited, now

    def press(self, keys: bytes, now: float) -> None:
        """Keys were sent that make no line."""
        self.begin()
        self._typing = False
        self._keys, self._since = keys, now

    def finish(self) -> tuple[Exchange, ...]:
        """The end. A line that was begun and never sent is left out."""
        if not self._typing:
            self._cut()
        return tuple(self.exchanges)

    @property
    def open_line(self) -> str:
        """What the device has said since its last line end: its prompt, when it waits."""
        text = "".join(piece.text for piece in self._pieces[-64:])
        return text.rpartition("\n")[2]

    def _cut(self) -> None:
        self.exchanges.append(
            Exchange(line=self._line, keys=self._keys, edited=self._edited, pieces=tuple(self._pieces))
        )
        self._pieces, self._kept = [], 0
        self._line, self._keys, self._edited = None, b"", False
