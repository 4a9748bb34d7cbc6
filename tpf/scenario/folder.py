"""Paths as scenarios write them: relative to the scenario's folder, never out of the checkout, not by links either."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from pathlib import Path

from tpf.scenario.types import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A scenario's folder, and the folder that its paths can't leave; both with symbolic links resolved."""

    given: Path  # as the user named it
    path: Path
    bounds: Path

    @classmethod
    def of(cls, folder: Path, checkout: Path) -> Folder:
        """A scenario outside of the checkout is bound to its own folder."""
        path, root = Path(os.path.realpath(folder)), Path(os.path.realpath(checkout))
        return cls(given=folder, path=path, bounds=root if path.is_relative_to(root) else path)

    def check(self, text: str, *, must_exist: bool) -> None:
        """Raises ValueError when a path leaves the bounds, or is no file and must be one."""
        path = Path(os.path.realpath(self.path / text))
        if not path.is_relative_to(self.bounds):
            raise ValueError(f"{quote(text)} leaves the checkout, {self.bounds}")
        if must_exist and not _is_file(path):
            raise ValueError(_missing(text, path))


def _missing(text: str, path: Path) -> str:
    if path.is_dir():
        return f"{quote(text)} is a folder, not a file"
    near = difflib.get_close_matches(path.name, _names(path.parent), n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    return f"no file {quote(text)}: nothing is at {path}{hint}"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long, a folder that can't be read
        return False


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())[:1000]
    except OSError:
        return []
