"""Tells the report of Unity's tests: each is a part of the case."""

from __future__ import annotations

from pathlib import PurePosixPath

from tpf.console.quoting import shorten
from tpf.result import Failure, LogSpan, Part, Source
from tpf.scenario.types import printable
from tpf.steps.base import StepContext
from tpf.steps.unity.judge import Judgement
from tpf.steps.unity.lines import Result

_LONGEST_NAME = 200


def tell(
    context: StepContext, name: str, judgement: Judgement, seconds: float, span: tuple[int, int], tags: str = ""
) -> None:
    """Tell of a test that has ended; `span` is the lines of the console that are its own."""
    source = _source(judgement.result)
    failure = judgement.failure
    if failure is not None:
        failure = Failure(kind=failure.kind, message=failure.message, source=source or context.source)
    first, last = span
    context.record.part(
        Part(
            name=shown_name(name),
            seconds=seconds,
            failure=failure,
            skip=printable(judgement.skip),
            source=source,
            notes=(tags,) if tags else (),
            log=(LogSpan(device=context.console.name, first=first, last=last),) if last >= first else (),
        )
    )


def shown_name(name: str) -> str:
    """A test's name as reports have it."""
    return shorten(printable(name), _LONGEST_NAME) if name.strip() else "(no name)"


def _source(result: Result | None) -> Source | None:
    if result is None or not result.file or not result.file.isprintable():
        return None
    return Source(file=str(PurePosixPath(result.file)), line=result.line)
