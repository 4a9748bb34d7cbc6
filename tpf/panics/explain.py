"""The one place where the failure of a panic gets its explanation. Whatever goes wrong here, it stays that failure."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tpf.console.text import without_colours
from tpf.panics import rom
from tpf.panics.decode import Decoders
from tpf.panics.places import SourceTree
from tpf.panics.suspect import Suspect
from tpf.panics.tell import Told
from tpf.panics.text import parse
from tpf.result import Failure, FailureKind

_ERROR: Final = re.compile(r"E \(\d{1,10}\) (\S.{0,200})")  # the form of ESP-IDF's log
_WAITING: Final = frozenset({FailureKind.TIMEOUT, FailureKind.SILENCE, FailureKind.LIMIT})
LIMIT: Final = 10.0  # seconds that the explanation of a failure may take


class Evidence(Struct, frozen=True, kw_only=True):
    """The text of a panic, and the words of the failure's message that tell of it."""

    suspect: Suspect
    headline: str
    lines: tuple[str, ...]
    at: int = 0  # index of the line from which on the panic tells


class Explainer:
    """Explains the failures of a run's devices."""

    def __init__(self, decoders: Decoders, checkout: Path, cwd: Path) -> None:
        self._decoders = decoders
        self._checkout = checkout
        self._cwd = cwd

    async def explain(self, failure: Failure, suspects: Iterable[Suspect]) -> Failure:
        """The failure with function, file and line if a panic is behind it, with the ROM's complaint; else as it is."""
        suspects = tuple(suspects)
        found = evidence(failure, suspects)
        if found is None:
            return _without_bootloader(failure, suspects)
        try:
            async with asyncio.timeout(LIMIT):
                return await self._explained(failure, found)
        except TimeoutError:
            return _noted(failure, f"the panic is not decoded: it took longer than {LIMIT:g}s")
        except Exception as error:  # noqa: BLE001  an explanation that fails is no reason for another verdict
            return _noted(failure, f"the panic is not decoded: {type(error).__name__}: {error}")

    async def _explained(self, failure: Failure, found: Evidence) -> Failure:
        panic = parse(found.lines, found.at)
        if panic is None:
            return failure
        firmware = found.suspect.firmware
        decoded = await self._decoders.decode(panic, firmware, found.suspect.target)
        told = Told(panic, decoded, SourceTree.of(self._checkout, self._cwd, firmware.build))
        return replace(failure, message=_message(failure, found, told), code=(*failure.code, *told.code()))


async def explained(explainer: Explainer | None, failure: Failure, suspects: Iterable[Suspect]) -> Failure:
    """The same; without an explainer the failure stays as the console tells it."""
    return failure if explainer is None else await explainer.explain(failure, suspects)


def evidence(failure: Failure, suspects: Iterable[Suspect]) -> Evidence | None:
    """The panic that a failure tells of: its own, the first of a reboot loop, one that came while a step waited."""
    for suspect in suspects:
        watch = suspect.console.watch
        story = watch.story or watch.deferred.first
        if failure.kind is FailureKind.REBOOT_LOOP and watch.trip is not None and watch.trip.kind is failure.kind:
            lines = _of_this_boot(suspect.console.recent.tail())
            return Evidence(suspect=suspect, headline=watch.trip.headline, lines=lines)
        if story is not None and story.hit.kind is FailureKind.PANIC and story.hit.headline in failure.message:
            return Evidence(suspect=suspect, headline=story.hit.headline, lines=tuple(story.lines), at=story.at)
    return None


def _without_bootloader(failure: Failure, suspects: Iterable[Suspect]) -> Failure:
    """A failure by waiting, of a device that never got beyond its ROM, with the ROM's words in its headline."""
    if failure.kind not in _WAITING:
        return failure
    said = (rom.complaint(_of_this_boot(suspect.console.recent.tail())) for suspect in suspects)
    why = next(filter(None, said), "")
    headline, newline, rest = failure.message.partition("\n")
    return replace(failure, message=f"{headline}; {why}{newline}{rest}") if why else failure


def _of_this_boot(lines: list[str]) -> tuple[str, ...]:
    """What came since the last mark of ours: a panic before it is another case's."""
    last = max((number for number, line in enumerate(lines) if line.startswith("-- ")), default=-1)
    return tuple(lines[last + 1 :])


def _message(failure: Failure, found: Evidence, told: Told) -> str:
    """The message with the headline's words made exact, and the backtrace in the lines below it."""
    before, _, after = failure.message.partition(found.headline)
    if not told.adds:
        headline = f"{found.headline}{_first_error(found) if failure.kind is FailureKind.REBOOT_LOOP else ''}"
    elif failure.kind is FailureKind.REBOOT_LOOP:
        headline = f"{found.headline}; the first panic: {told.headline()}"
    else:
        headline = f"{found.headline.partition('panic: ')[0]}panic: {told.headline()}"
    rest_of_line, newline, rest = after.partition("\n")
    ours, console, theirs = f"\n{rest if newline else ''}".partition("\nconsole:\n")
    lines = (f"{before}{headline}{rest_of_line}", ours.strip("\n"), told.details(), f"{console}{theirs}".strip("\n"))
    return "\n".join(filter(None, lines))


def _first_error(found: Evidence) -> str:
    """Why firmware resets that doesn't panic: a ROM or a bootloader that refuses an image says so, and starts again."""
    if why := rom.complaint(found.lines):
        return f"; {why}"
    errors = (_ERROR.match(without_colours(line)) for line in found.lines)
    first = next(filter(None, errors), None)
    return "" if first is None else f"; the first error in its log: {first[1].rstrip()}"


def _noted(failure: Failure, note: str) -> Failure:
    headline, newline, rest = failure.message.partition("\n")
    return replace(failure, message=f"{headline}\n{' '.join(note.split())}{newline}{rest}")
