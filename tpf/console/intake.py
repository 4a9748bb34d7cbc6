"""What becomes of a console's bytes, in one pass a piece: text to search, lines for the log, lines for the guards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tpf.console.coredump import CoreDumpCut, Keep
from tpf.console.lines import Lines, Splitter
from tpf.console.recent import Recent
from tpf.console.text import Decoder, without_colours
from tpf.console.watch import Watch
from tpf.console.window import Window

_PIECE: Final = 256 * 1024  # bytes taken at once: bounds the memory


class Intake:
    """The way from bytes to the window, the log and the guards; it runs no Python code a byte or a line."""

    def __init__(
        self, watch: Watch, on_lines: Callable[[Lines], None], clock: Callable[[], float], keep_dump: Keep | None = None
    ) -> None:
        self._dumps = CoreDumpCut(keep_dump)
        self.window = Window()
        self.recent = Recent()
        self._decoder = Decoder()
        self._splitter = Splitter()
        self._watch = watch
        self._on_lines = on_lines
        self._clock = clock

    def take(self, data: bytes) -> None:
        """Take what the device said."""
        for start in range(0, len(data), _PIECE):
            text = self._decoder.feed(data[start : start + _PIECE] if len(data) > _PIECE else data)
            self._take(self._dumps.take(text))
            self._watch.dumped = self._dumps.taken

    def finish(self) -> None:
        """End the open line as if a line end had come."""
        self._take(self._dumps.take(self._decoder.finish()) + self._dumps.finish())
        if self._splitter.is_open:
            self._take("\n")

    def mark(self, text: str) -> None:
        """A line of ours among the device's: it is numbered and logged as theirs are, and no guard looks at it."""
        self.finish()
        self.window.append(f"{text}\n")
        self.recent.add(text)
        self._on_lines(Lines(first=self.recent.last, texts=[text], time=self._clock()))

    def _take(self, text: str) -> None:
        if not text:
            return
        text = self._splitter.cut(text)
        before = self.window.complete
        self.window.append(without_colours(text))
        texts = self._splitter.push(text)
        if texts:
            plain = self.window.text(before, self.window.complete - 1)
            self._complete(texts, plain)

    def _complete(self, texts: list[str], plain: str) -> None:
        first = self.recent.last + 1
        self._watch.look_at(plain, first, self.recent.tail)
        self.recent.add(plain)
        self._on_lines(Lines(first=first, texts=texts, time=self._clock()))
