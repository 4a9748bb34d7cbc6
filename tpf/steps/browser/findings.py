"""What an exception in a script amounts to. Importing this costs Playwright: it runs in the program that has it."""

from __future__ import annotations

import traceback
from types import TracebackType
from typing import Final

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tpf.steps.browser.order import End, Finding

_LONGEST: Final = 400  # characters of a message's one line
_DETAILS: Final = 16 << 10
_LOGS: Final = ("Call log:", "Aria snapshot:")  # what Playwright's messages end with


class PageErrors(Exception):
    """The page itself had errors, and the step is strict."""


class Unreachable(Exception):
    """The device's page could not be opened."""


def finding_of(name: str, error: BaseException, script: str, seconds: float) -> Finding:
    """A script or test that raised."""
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == script]
    line = (lines[-1].lineno or 0) if lines else 0
    if isinstance(error, SyntaxError) and error.filename == script:
        line = error.lineno or 0
    source = lines[-1].line or "" if lines else ""
    text = str(error)
    return Finding(
        name=name,
        end=_end(error),
        seconds=seconds,
        message=_headline(error, text, source),
        details="\n".join(filter(None, (source.strip(), _own_frames(error.__traceback__, script), text)))[:_DETAILS],
        line=line,
    )


def _end(error: BaseException) -> End:
    if isinstance(error, PlaywrightTimeout | Unreachable):
        return End.TIMEOUT
    if isinstance(error, AssertionError | PlaywrightError | PageErrors):
        return End.FAILED
    return End.BROKEN


def _headline(error: BaseException, text: str, source: str) -> str:
    """What the message says before its logs, on one line; an assert without a message says itself."""
    ends = [at for log in _LOGS if (at := text.find(log)) >= 0]
    words = " ".join((text[: min(ends)] if ends else text.strip().partition("\n")[0]).split())
    if isinstance(error, SystemExit):
        words = f"it ended itself: {source.strip() or f'sys.exit({error.code!r})'}"
    elif _end(error) is End.BROKEN:
        words = f"{type(error).__name__}: {words}" if words else type(error).__name__
    words = words or source.strip() or type(error).__name__
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


def _own_frames(trace: TracebackType | None, script: str) -> str:
    """The way through the script, when it is one of several calls."""
    frames = [frame for frame in traceback.extract_tb(trace) if frame.filename == script]
    return "" if len(frames) < 2 else "\n".join(f"line {frame.lineno}, in {frame.name}" for frame in frames)
