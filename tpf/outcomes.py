"""The one place where exceptions become outcomes: whose fault was it, and what is there to say about it."""

from __future__ import annotations

import asyncio
import errno
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tpf.errors import BuildError, DeviceFailure, EnvironmentLacks, MachineError, StepError, TestArenaError
from tpf.result import Failure, FailureKind, Source, Verdict, verdict_of

INTERNAL_LOG: Final = "internal-errors.log"

_KINDS: Final[tuple[tuple[type[BaseException], FailureKind], ...]] = (
    (MachineError, FailureKind.MACHINE),
    (BuildError, FailureKind.BUILD),
    (EnvironmentLacks, FailureKind.ENVIRONMENT),
    (StepError, FailureKind.STEP),
    (TestArenaError, FailureKind.STEP),
)

_LACKS: Final[Mapping[int, str]] = {
    errno.ENOSPC: "free some room on its disk",
    errno.EDQUOT: "free some room within the quota",
    errno.EROFS: "write somewhere else: the disk is read-only",
    errno.EIO: "check the disk",
    errno.EMFILE: "raise the limit of open files (ulimit -n), or run fewer scenarios at once (--jobs)",
    errno.ENFILE: "raise the system's limit of open files, or run fewer scenarios at once (--jobs)",
    errno.ENOMEM: "run fewer scenarios at once (--jobs)",
    errno.EAGAIN: "raise the limit of processes (ulimit -u), or run fewer scenarios at once (--jobs)",
}


class Failed(Exception):
    """Carries a failure from the step where it happened to whoever ends the case."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.headline)
        self.failure = failure


class Stopped(TestArenaError):
    """The run is being ended before its end; the message says by what."""

    exit_code = 130


def as_expected(failure: Failure | None, ticket: str, source: Source) -> tuple[Failure | None, Failure | None]:
    """Of a case with a ticket, and so expected to fail: why it isn't passed, and the failure that was expected of it.

    An error is nobody's expectation. A pass is a failure: the mark has to go when the fault is mended.
    """
    if not ticket:
        return failure, None
    if failure is None:
        message = f'passed, but is expected to fail for {ticket}: if that is mended, remove expected="fail" and ticket'
        return Failure(kind=FailureKind.MISMATCH, message=message, source=source), None
    return (None, failure) if verdict_of(failure) is Verdict.FAILED else (failure, None)


def failure_of(error: BaseException, source: Source | None, folder: Path) -> Failure:
    """What an exception amounts to.

    The traceback of a fault of our own goes to a log in the report folder, not to the user.
    """
    if isinstance(error, Failed):
        return error.failure
    if isinstance(error, DeviceFailure):
        return Failure(kind=error.kind, message=str(error), source=source)
    if isinstance(error, asyncio.CancelledError | Stopped):
        return Failure(kind=FailureKind.INTERRUPTED, message=_why(error), source=source)
    expected = lack_behind(error, folder) or error
    for kind, word in _KINDS:
        if isinstance(expected, kind):
            code = expected.code if isinstance(expected, BuildError) else ()
            return Failure(kind=word, message=str(expected), source=source, code=code)
    return _internal(error, source, folder)


def lack_behind(error: BaseException, folder: Path) -> EnvironmentLacks | None:
    """What this machine lacks when the system refuses something (room on the disk, ...); None for other errors.

    The system doesn't always say of what file it speaks: then it is taken to be in `folder`.
    """
    if not isinstance(error, OSError) or error.errno is None or error.errno not in _LACKS:
        return None
    return EnvironmentLacks(f"{error.filename or folder}: {error.strerror}; {_LACKS[error.errno]}")


def _why(error: BaseException) -> str:
    reason = str(error.args[0]) if error.args and error.args[0] else "the run was stopped"
    return f"interrupted: {reason}"


def _internal(error: BaseException, source: Source | None, folder: Path) -> Failure:
    log = folder / INTERNAL_LOG
    try:
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write("".join(traceback.format_exception(error)) + "\n")
    except OSError:  # a full disk must not hide the first fault
        log = Path("(the log could not be written)")
    message = (
        f"TestArena itself failed: {type(error).__name__}: {error}; this is a bug of ours, please report it with {log}"
    )
    return Failure(kind=FailureKind.INTERNAL, message=message, source=source)
