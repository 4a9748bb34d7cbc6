"""Step `send`: writes to the console's input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from tpf.console import Wanted
from tpf.console.failures import before, ended
from tpf.console.quoting import quote, seconds
from tpf.errors import MachineError
from tpf.machines.base import HasClock
from tpf.scenario.declare import Element, attribute, content
from tpf.scenario.types import DURATION, FLAG, HEX, TEXT, choice
from tpf.steps.base import StepContext
from tpf.steps.wanted import WITHIN, block, wait_for

_ENDS: Final = {"lf": "\n", "cr": "\r", "crlf": "\r\n", "none": ""}
_PIECE: Final = 1024  # bytes of which a device takes some within any sensible limit
_SMALL_PIECE: Final = 16  # of a device whose time is cut in ticks: a UART without a buffer takes a byte at each


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Writes a line to the console; without text, just its end.

    Several lines of text are sent as several lines. `hex` sends bytes as they are, without a line end.
    """

    element: ClassVar[Element] = Element(name="send", example="<send>wifi connect office</send>")
    text: str = content(TEXT, default="", doc="the line")
    # LF: ESP-IDF's console and Unity's menu take it as ENTER, as programs of the host do. CR LF would be two ENTERs.
    end: str | None = attribute(
        choice("lf", "cr", "crlf", "none"), default=None, shown="lf", doc="what ends each line, as the ENTER key would"
    )
    hex: bytes = attribute(HEX, default=b"", doc="bytes to send in place of text: `03` is Ctrl-C")
    pace: float = attribute(
        DURATION, default=0.0, shown="0s", doc="time between two characters, for a device that loses some otherwise"
    )
    echo: bool = attribute(FLAG, default=False, doc="`true`: goes on when the device has echoed the text")
    within: float = attribute(
        DURATION,
        default=WITHIN,
        shown="10s",
        doc="how long to wait at most until the device takes any more of it, and with `echo` for the echo",
    )

    def check(self) -> Iterator[str | tuple[str, str]]:
        if self.hex and self.text.strip():
            yield "hex", "attribute hex: <send> sends text or bytes, not both"
        if self.echo and not self._echoed:
            yield "echo", "attribute echo: there is no text that the device could echo"

    def summary(self) -> str:
        if self.hex:
            return f"send bytes {self.hex[:40].hex(' ')}{'…' if len(self.hex) > 40 else ''}"
        return f"send {quote(block(self.text))}"

    async def run(self, context: StepContext) -> None:
        since = context.console.window.end
        try:
            await self._send(context)
        except MachineError as error:
            ending = context.console.ending
            if ending is None:
                raise
            raise ended(f"can't {self.summary()}", ending, context.console.recent) from error
        if self.echo:
            await wait_for(context, Wanted(text=self._echoed), since=since, within=self.within)

    async def _send(self, context: StepContext) -> None:
        if not self.pace:
            data = b"".join(self._characters())
            piece = _SMALL_PIECE if isinstance(context.machine, HasClock) else _PIECE
            for start in range(0, len(data), piece):
                await self._send_piece(data[start : start + piece], context)
            return
        for character in self._characters():
            await self._send_piece(character, context)
            await context.console.time.go_on(None, self.pace)

    async def _send_piece(self, data: bytes, context: StepContext) -> None:
        """What is between us and the device is soon full when it doesn't read: then this waits, but not for ever."""

        def refused() -> str:
            waited = f"the device took no more of it within {seconds(self.within)}"
            return f"can't {self.summary()}: {waited}{before(context.console.recent)}"

        async with context.limited(self.within, refused):
            await context.machine.send(data)

    @property
    def _echoed(self) -> str:
        return "".join(self._lines[-1:])

    @property
    def _lines(self) -> list[str]:
        return [] if self.hex else block(self.text).split("\n")

    def _characters(self) -> Iterator[bytes]:
        """What is sent, a character at a time."""
        end = _ENDS[self.end or ("none" if self.hex else "lf")]
        yield from (bytes((byte,)) for byte in self.hex)
        for line in self._lines:
            yield from (character.encode() for character in line + end)
        if self.hex and end:
            yield end.encode()
