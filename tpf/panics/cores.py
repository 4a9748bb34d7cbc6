"""The part of a panic's text that is about cores: registers, backtraces, the stack's memory."""

from __future__ import annotations

import re
from typing import Final

from tpf.panics.model import CoreState

_DUMP: Final = re.compile(r"Core\s{1,4}(\d) register dump:")
_OTHER_CORE: Final = re.compile(r"Print CPU (\d)")  # of a task watchdog
_REGISTER: Final = re.compile(r"\b([A-Z][A-Z0-9]{0,7}(?:/FP)?)\s{0,8}: (0x[0-9a-fA-F]{8})\b")
_STACK: Final = re.compile(r"(?:^|\s)([0-9a-fA-F]{8}):((?: 0x[0-9a-fA-F]{8}){1,16})")
_BACKTRACE: Final = re.compile(r"Backtrace:(.*)")
_PAIR: Final = re.compile(r"(0x[0-9a-fA-F]{8}):(0x[0-9a-fA-F]{8})")
_MORE: Final = re.compile(r"\s*[0-9a-fA-Fx: |<\-CORUPTED]+\s*")
_TORN: Final = re.compile(r"(?:^|\s)0x[0-9a-fA-F]{0,8}(?::(?:0x?[0-9a-fA-F]{0,7})?)?\Z|(?:^|\s)0\Z")
_MOST_PAIRS: Final = 128
_MOST_WORDS: Final = 16384


class Cores:
    """Takes the lines below a panic's headline."""

    def __init__(self, core: int | None) -> None:
        self._core = core
        self._open = _Open(core)
        self._done: list[_Open] = []

    def take(self, line: str) -> None:
        """Each line is taken for what it is, whatever stood before it."""
        if self._open.wrapped(line):
            return
        header = _DUMP.search(line) or _OTHER_CORE.search(line)
        if header is not None:
            self._next(int(header[1]))
        self._open.take(line)

    def _next(self, core: int) -> None:
        if self._open.empty:
            self._open = _Open(core)
        elif self._open.core != core:
            self._done.append(self._open)
            self._open = _Open(core)

    def finished(self) -> tuple[CoreState, ...]:
        """All cores of which something is told; the one that panicked first."""
        states = [core.state() for core in (*self._done, self._open) if not core.empty]
        return tuple(sorted(states, key=lambda state: state.core != self._core if self._core is not None else False))


class _Open:
    """The core that the lines are about."""

    def __init__(self, core: int | None) -> None:
        self.core = core
        self._registers: dict[str, int] = {}
        self._backtrace: str | None = None
        self._wraps = False  # the line before was one of a backtrace
        self._stack: dict[int, int] = {}

    @property
    def empty(self) -> bool:
        return not (self._registers or self._backtrace or self._stack)

    def wrapped(self, line: str) -> bool:
        """Whether a line goes on with the backtrace: terminals and logs wrap long ones."""
        if self._backtrace is None or not self._wraps:
            return False
        if not line.strip() and not self._backtrace.strip():
            return True  # ESP-IDF 4.4 leaves lines empty behind `Backtrace:`
        if not line.strip() or _MORE.fullmatch(line) is None or len(self._backtrace) > _MOST_PAIRS * 24:
            self._wraps = False
            return False
        torn = _TORN.search(self._backtrace.rstrip(" ")) is not None and not line.startswith((" ", "0x4"))
        self._backtrace = self._backtrace + ("" if torn else " ") + line.strip()
        return True

    def take(self, line: str) -> None:
        for name, value in _REGISTER.findall(line):
            if len(self._registers) < 64:
                self._registers.setdefault(name, int(value, 16))
        if (trace := _BACKTRACE.search(line)) is not None and self._backtrace is None:
            self._backtrace = trace[1]
            self._wraps = True
        for base, words in _STACK.findall(line):
            start = int(base, 16) & ~3
            for index, word in enumerate(words.split()):
                if len(self._stack) < _MOST_WORDS:
                    self._stack.setdefault(start + 4 * index, int(word, 16))

    def state(self) -> CoreState:
        trace = self._backtrace or ""
        pairs = tuple((int(pc, 16), int(sp, 16)) for pc, sp in _PAIR.findall(trace)[:_MOST_PAIRS])
        return CoreState(
            core=self.core,
            registers=self._registers,
            backtrace=pairs,
            corrupted="|<-CORRUPTED" in trace,
            stack=self._stack,
        )
