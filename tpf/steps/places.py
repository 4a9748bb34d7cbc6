"""Paths that steps use while a scenario runs: those of the checkout, and those that tools have left."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path, PurePath
from typing import Final

from tpf.console.quoting import quote
from tpf.errors import StepError
from tpf.scenario.types import Type
from tpf.steps.base import StepContext

_MOST: Final = 1000  # files of one pattern


def within_checkout(text: str, context: StepContext) -> Path:
    """A file or folder of the checkout, links resolved. Raises StepError when it is elsewhere."""
    path = Path(os.path.realpath(context.folder / text))
    if not any(path.is_relative_to(folder) for folder in _real(context.checkout, context.folder)):
        raise StepError(f"{quote(text)} leaves the checkout: paths start from the scenario's folder")
    return path


def _left_files(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError(f"{quote(text)} is not a path")
    return text.strip()


LEFT_FILES: Final = Type(
    name="left-files",
    doc="a path that starts from `${artifacts}`, or from the scenario's own folder; `*` stands for any part of a name, "
    "`**` for any folders",
    convert=_left_files,
    pattern=r"[\s\S]*\S[\s\S]*",
)


def left_files(text: str, context: StepContext, why_none: str) -> tuple[Path, ...]:
    """The files that a path or pattern stands for, links resolved. Raises StepError when there are none of ours."""
    bounds = _real(context.artifacts, context.checkout, context.folder)
    found = sorted({os.path.realpath(path) for path in _matching(text, context)})
    paths = [Path(path) for path in found if Path(path).is_file()]
    stray = next((path for path in paths if not any(path.is_relative_to(folder) for folder in bounds)), None)
    if stray is not None:
        raise StepError(f"{quote(text)} leads to {stray}, which is neither in ${{artifacts}} nor in the checkout")
    if not paths:
        raise StepError(f"there is no file {quote(text)}: {why_none}")
    return tuple(paths)


def numbered(path: Path) -> Iterator[Path]:
    """``menu.png``, ``menu-2.png``, ...: to find a name that is free."""
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")


def _matching(text: str, context: StepContext) -> list[Path]:
    """Only what the scenario says is a pattern: the folders' own names may hold brackets, too."""
    base, pattern = context.folder, PurePath(text)
    if pattern.is_absolute():
        if not pattern.is_relative_to(context.artifacts):
            return [Path(pattern)]
        base, pattern = context.artifacts, pattern.relative_to(context.artifacts)
    try:
        return list(islice(base.glob(str(pattern)), _MOST))
    except (ValueError, OSError) as error:  # "a**b", a name that is too long
        raise StepError(f"{quote(text)} can't be looked for: {error}") from error


def _real(*folders: Path) -> tuple[Path, ...]:
    return tuple(Path(os.path.realpath(folder)) for folder in folders)
