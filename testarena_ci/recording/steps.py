"""From a tape to the cases of a scenario: what to send, and which part of the answer to expect. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from testarena_ci.recording.tape import Exchange
from testarena_ci.recording.volatile import Expected, expected
from tpf.console import ALL_GUARDS
from tpf.result import FailureKind

USUAL: Final = 5.0  # seconds: an answer within that needs no `within` of its own
_ROOM: Final = 3  # times as long as it took
_PANIC: Final = re.compile("|".join(guard.pattern for guard in ALL_GUARDS if guard.kind is FailureKind.PANIC))
_REASON: Final = re.compile(r"panic'ed \(([^()\n]{1,80})\)")
_RESET: Final = re.compile(r"rst:0x[0-9a-fA-F]{1,2} \(\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Sends a line, or keys."""

    line: str = ""
    keys: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """Waits for a text."""

    wanted: Expected
    within: int = 0  # seconds; 0 for the usual


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectPanic:
    """The device panicked."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectReset:
    """The device started over."""


RecordedStep = Send | Expect | ExpectPanic | ExpectReset


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCase:
    """A case, or the setup (whose name is "")."""

    name: str
    steps: tuple[RecordedStep, ...]


def cases(tape: Sequence[Exchange]) -> tuple[RecordedCase, ...]:
    """The setup, if the device said anything when it booted; then a case for each thing that was sent."""
    boot, *rest = tape
    setup = RecordedCase(name="", steps=tuple(_booted(boot)))
    if not rest:
        return (RecordedCase(name="it boots", steps=setup.steps),) if setup.steps else ()
    taken: set[str] = set()
    made = (RecordedCase(name=_name(one, taken), steps=tuple(_exchanged(one))) for one in rest)
    return (*([setup] if setup.steps else []), *made)


def _booted(boot: Exchange) -> Iterator[RecordedStep]:
    """The prompt, or else the last thing that the device said."""
    heard = boot.heard
    last = next((line for line in reversed(heard.split("\n")) if _means_something(line)), None)
    prompt = _prompt(heard)
    if prompt:
        yield _expect(prompt, boot, len(heard) - 1)
    elif last is not None:
        yield _expect(expected(last.strip()), boot, heard.rfind(last))


def _exchanged(one: Exchange) -> Iterator[RecordedStep]:
    yield _sent(one)
    heard = one.heard
    panic, reset = _PANIC.search(heard), _RESET.search(heard)
    turn = min((found.start() for found in (panic, reset) if found), default=None)
    answer = _answer(one, heard[:turn])
    if answer is not None:
        yield answer
    if panic is not None and turn == panic.start():
        reason = _REASON.search(heard, panic.start())
        yield ExpectPanic(reason=re.escape(reason[1]).replace("\\ ", " ") if reason else "")
    elif reset is not None:
        yield ExpectReset()
    prompt = _prompt(heard)
    if prompt:
        yield _expect(prompt, one, len(heard) - 1)


def _sent(one: Exchange) -> Send:
    """A line as text, or in bytes when it holds what can't stand in XML."""
    line = one.line or ""
    if line.replace("\t", " ").isprintable():
        return Send(line=line, keys=one.keys)
    return Send(keys=line.encode() + b"\n")


def _answer(one: Exchange, heard: str) -> Expect | None:
    """The first line of the answer that means something."""
    lines = heard.split("\n")
    echoed = _is_echo(lines[0], one)
    at = len(lines[0]) + 1 if echoed else 0
    prompt = lines[-1].strip() if len(lines) > 1 else ""
    for line in lines[1:] if echoed else lines:
        if _means_something(line) and line.strip() != prompt:
            return _expect(expected(line.strip(), typed=one.line or "", echoed=echoed), one, at)
        at += len(line) + 1
    return None


def _is_echo(line: str, one: Exchange) -> bool:
    """Whether the device has repeated what was typed; with what was taken back, it can't be read any more."""
    if one.line is None:
        return False
    return line.strip() == one.line.strip() or (one.edited and bool(line.strip()))


def _prompt(heard: str) -> Expected | None:
    """What stands in the open line, in which the device waits."""
    line = heard.rpartition("\n")[2]
    return expected(line.lstrip()) if _is_visible(line) else None


def _expect(wanted: Expected, one: Exchange, offset: int) -> Expect:
    seconds = one.seconds_at(offset)
    return Expect(wanted=wanted, within=0 if seconds < USUAL else math.ceil(seconds * _ROOM))


def _is_visible(line: str) -> bool:
    return any(char.isprintable() and not char.isspace() for char in line)


def _means_something(line: str) -> bool:
    return any(char.isalnum() for char in line)


def _name(one: Exchange, taken: set[str]) -> str:
    """The line itself, numbered when it comes again."""
    line = (one.line or "").strip()
    plain = "".join(char if char.isprintable() else "?" for char in " ".join(line.split()))
    base = plain[:80].strip() or (f"keys {one.keys.hex(' ')}" if one.keys else "ENTER")
    name, number = base, 2
    while name in taken:
        name, number = f"{base} ({number})", number + 1
    taken.add(name)
    return name
