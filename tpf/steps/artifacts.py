"""Files that a step leaves for the report: which are new, and telling the report of them."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from tpf.result import Artifact
from tpf.steps.base import StepContext

_MOST: Final = 1000  # files that are looked at

Files = dict[Path, tuple[int, int]]  # size and time of the last change


def files_in(folder: Path) -> Files:
    """The files that there are in a folder and those below it. Symbolic links are none: they may lead anywhere."""
    return dict(islice(_files(folder), _MOST))


def _files(folder: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    for parent, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(parent, name)
            if path.is_file() and not path.is_symlink():
                status = path.stat()
                yield path, (status.st_size, status.st_mtime_ns)


def record_new(context: StepContext, before: Files) -> None:
    """Tell the report of the files that have come, or have changed, since `before`."""
    for path, state in files_in(context.artifacts).items():
        if before.get(path) != state:
            context.record.artifact(
                Artifact(
                    name=path.relative_to(context.artifacts).as_posix(),
                    path=path.relative_to(context.report).as_posix(),
                    media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
                )
            )
