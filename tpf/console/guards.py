"""The patterns that end a case whenever they appear: panics, watchdogs, resets that repeat, and the scenario's own.

The texts of the default set are those of ESP-IDF 4.4 to 6.1 and of the chips' ROM loaders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from tpf.console.patterns import LinePattern, TooSlow
from tpf.console.quoting import quote, shorten
from tpf.result import FailureKind

LONGEST_HEADLINE: Final = 200  # characters


class GuardPattern(Struct, frozen=True, kw_only=True):
    """One pattern to guard against, searched in each line."""

    name: str  # what <allow> calls it
    pattern: str  # a regular expression
    kind: FailureKind


def _panic(name: str, pattern: str) -> GuardPattern:
    return GuardPattern(name=name, pattern=pattern, kind=FailureKind.PANIC)


# Each is a plain text or nearly so: a search for all of them at once goes through megabytes in milliseconds.
DEFAULT_GUARDS: Final = (
    _panic("panic", r"Guru Meditation Error"),  # interrupt watchdog, stack canary and cache errors come as this, too
    _panic("abort", r"abort\(\) was called at PC"),
    _panic("assert", r"assert failed: |assertion \"[^\"\n]{0,200}\" failed"),
    _panic("stack-smashing", r"Stack smashing protect failure"),
    _panic("stack-overflow", r"A stack overflow in task"),
    _panic("heap-corruption", r"CORRUPT HEAP"),
    _panic("brownout", r"Brownout detector was triggered"),
    _panic(
        "task-watchdog", r"Task watchdog got triggered"
    ),  # not fatal by default; a register dump like a panic's follows
    # counted; 0x5 is the wake-up from deep sleep
    GuardPattern(name="reboot-loop", pattern=r"rst:0x(?!5 )[0-9a-fA-F]{1,2} \(\w", kind=FailureKind.REBOOT_LOOP),
)

# What a program of this host says when it goes wrong: glibc, the sanitizers, and the machine kind for a fatal signal.
HOST_GUARDS: Final = (
    _panic("crash", r"-- crashed: SIG"),
    _panic("sanitizer", r"ERROR: AddressSanitizer|ERROR: LeakSanitizer|: ThreadSanitizer: |: MemorySanitizer: "),
    _panic("undefined-behavior", r"[0-9]: runtime error: "),  # not fatal by default
    _panic("host-assert", r": Assertion `[^\n]{0,400}' failed"),
    _panic("host-stack-smashing", r"\*\*\* stack smashing detected|\*\*\* buffer overflow detected"),
    _panic(
        "host-heap-corruption",
        r"double free or corruption|corrupted size vs\. prev_size|free\(\): invalid |free\(\): double free"
        r"|malloc\(\): corrupted |malloc\(\): invalid |malloc\(\): unaligned "
        r"|munmap_chunk\(\): invalid |realloc\(\): invalid ",
    ),
)
SLOW_TO_TELL: Final = frozenset({"sanitizer"})  # names: what looks for functions and lines before it goes on
ALL_GUARDS: Final = (*DEFAULT_GUARDS, *HOST_GUARDS)  # of all machine kinds


def fail_on(pattern: str) -> GuardPattern:
    """The guard for a scenario's own <fail-on>."""
    return GuardPattern(name="fail-on", pattern=pattern, kind=FailureKind.FORBIDDEN_OUTPUT)


class Hit(Struct, frozen=True, kw_only=True):
    """A line in which a guard pattern was found."""

    name: str
    kind: FailureKind
    number: int  # of the line
    line: str
    headline: str  # the failure in one line


class Guards:
    """Looks for all guard patterns in lines: the default set in one expression, what people write line by line."""

    def __init__(self, patterns: Sequence[GuardPattern]) -> None:
        self._together = tuple(guard for guard in patterns if guard in ALL_GUARDS)
        # No groups: `re` then knows which characters a hit can begin with, and is 15 times as fast.
        together = "|".join(guard.pattern for guard in self._together)
        self._expression = re.compile(together) if together else None
        self._alone = {guard: LinePattern(re.compile(guard.pattern)) for guard in patterns if guard not in ALL_GUARDS}

    def scan(self, text: str, first: int) -> list[Hit]:
        """The hits in complete lines, in order; `first` is the number of the first line."""
        hits = list(self._scan_together(text, first))
        if self._alone:
            lines = text.split("\n")
            for guard in tuple(self._alone):
                hits.extend(self._scan_alone(guard, lines, first))
        return sorted(hits, key=lambda hit: hit.number)

    def _scan_together(self, text: str, first: int) -> Iterator[Hit]:
        end = counted = 0
        while self._expression is not None and (found := self._expression.search(text, end)) is not None:
            start = text.rfind("\n", 0, found.start()) + 1
            end = text.find("\n", found.end())
            end = len(text) if end < 0 else end
            first += text.count("\n", counted, start)
            counted = start
            line = text[start:end]
            yield _hit(next(guard for guard in self._together if re.search(guard.pattern, line)), first, line)

    def _scan_alone(self, guard: GuardPattern, lines: list[str], first: int) -> Iterator[Hit]:
        search = self._alone[guard].search
        number = first
        try:
            for number, line in enumerate(lines, first):
                if search(line) is not None:
                    yield _hit(guard, number, line)
        except TooSlow as error:
            del self._alone[guard]  # once is enough
            yield Hit(
                name=guard.name,
                kind=FailureKind.STEP,
                number=number,
                line=lines[number - first],
                headline=f"fail-on: {error}",
            )


def _hit(guard: GuardPattern, number: int, line: str) -> Hit:
    if guard.kind is FailureKind.FORBIDDEN_OUTPUT:
        headline = f"forbidden output: the device said {quote(line)}, which matches {guard.name} {quote(guard.pattern)}"
    else:
        headline = f"{guard.kind}: {shorten(line.strip(), LONGEST_HEADLINE)}"
    return Hit(name=guard.name, kind=guard.kind, number=number, line=line, headline=headline)
