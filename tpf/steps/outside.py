"""Step kinds from outside, of packages and projects: whether they are any, and whose fault it is when one breaks."""

from __future__ import annotations

import functools
import inspect
import traceback
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tpf.errors import StepError, TestArenaError, UsageError
from tpf.scenario.declare import Element
from tpf.steps.base import StepContext, StepKind

_MARK: Final = "of_outside"  # of a run() that has its wrapping


def checked_kind(kind: Any, name: str, origin: str, known: Mapping[str, type[StepKind]]) -> type[StepKind]:
    """A step kind from outside, when it is one and its name is free. Raises UsageError that begins with its origin."""
    if name in known:
        raise UsageError(f"{origin}: there is a step kind {name!r} already; rename it")
    if not isinstance(getattr(kind, "element", None), Element) or not hasattr(kind, "__dataclass_fields__"):
        raise UsageError(f"{origin} is no step kind: it is not a dataclass with an `element`")
    if kind.element.name != name:
        raise UsageError(
            f"{origin}: its element is named {kind.element.name!r}, its entry point {name!r}: name both alike"
        )
    lacks = [method for method in ("summary", "run") if not callable(getattr(kind, method, None))]
    if lacks:
        raise UsageError(f"{origin} is no step kind: it has no {' and no '.join(lacks)}()")
    if not inspect.iscoroutinefunction(kind.run):
        raise UsageError(f"{origin} is no step kind: its run() is no coroutine; write `async def run`")
    return _blamed(kind)


def _blamed(kind: type[StepKind]) -> type[StepKind]:
    """The same class; what its methods raise by mistake is told as theirs, and not as a bug of ours."""
    run, summary = kind.run, kind.summary
    if vars(run).get(_MARK):
        return kind

    @functools.wraps(run)
    async def blamed_run(self: Any, context: StepContext) -> None:
        try:
            await run(self, context)
        except (TestArenaError, TimeoutError):
            raise
        except Exception as error:
            raise StepError(f"<{kind.element.name}> broke: {told(error, source_of(kind))}") from error

    @functools.wraps(summary)
    def blamed_summary(self: Any) -> str:
        try:
            return str(summary(self))
        except Exception as error:
            raise ValueError(f"its summary() broke: {told(error, source_of(kind))}") from error

    setattr(blamed_run, _MARK, True)
    kind.run, kind.summary = blamed_run, blamed_summary  # type: ignore[method-assign]
    if callable(check := getattr(kind, "check", None)):
        kind.check = _blamed_check(kind, check)  # type: ignore[attr-defined]
    return kind


def _blamed_check(kind: type[StepKind], check: Any) -> Any:
    @functools.wraps(check)
    def blamed_check(self: Any) -> Iterator[str | tuple[str, str]]:
        try:
            yield from check(self)
        except Exception as error:  # noqa: BLE001  whatever it is is a problem of the scenario's
            yield f"<{kind.element.name}> can't be checked: {told(error, source_of(kind))}"

    return blamed_check


def source_of(kind: type[Any]) -> str:
    """The file that a class stands in; "" when there is none."""
    try:
        return inspect.getsourcefile(kind) or ""
    except TypeError:
        return ""


def told(error: BaseException, file: str, shown: str = "") -> str:
    """``ci/steps.py:12: KeyError: 'x'``: the innermost place in that file, `shown` for people, and what was raised."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    if isinstance(error, SyntaxError) and error.filename == file:
        lines.append(error.lineno)
    place = f"{shown or file}:{lines[-1]}: " if lines else f"{shown or file}: "
    what = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{place}{type(error).__name__}" + (f": {what}" if what else "")
