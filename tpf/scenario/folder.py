"""Paths as scenarios write them: relative to the scenario's folder, never out of the checkout, not by links either."""

from __future__ import annotations

import difflib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from tpf.scenario.types import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A scenario's folder, and the folder that its paths can't leave; both with symbolic links resolved."""

    given: Path  # as the user named it
    path: Path
    bounds: Path
    right: set[tuple[str, bool]] = field(
        default_factory=set, compare=False
    )  # what was checked: most files name the same

    @classmethod
    def of(cls, folder: Path, checkout: Path) -> Folder:
        """A scenario outside of the checkout is bound to its own folder."""
        path, root = Path(os.path.realpath(folder)), Path(os.path.realpath(checkout))
        return cls(given=folder, path=path, bounds=root if path.is_relative_to(root) else path)

    def check(self, text: str, *, must_exist: bool) -> None:
        """Raises ValueError when a path leaves the bounds, or is no file and must be one."""
        if (text, must_exist) in self.right:
            return
        path = Path(os.path.realpath(self.path / text))
        if not path.is_relative_to(self.bounds):
            raise ValueError(f"{quote(text)} leaves the checkout: paths start from the scenario's folder")
        if must_exist:
            self._must_be_file(text, path)
        self.right.add((text, must_exist))

    def must_be_folder(self, text: str) -> None:
        """Raises ValueError when there is no such folder."""
        if not stat.S_ISDIR(self._mode(text, Path(os.path.realpath(self.path / text)), "folder")):
            raise ValueError(f"{quote(text)} is a file, not a folder")

    def is_folder(self, text: str) -> bool:
        """Whether there is such a folder."""
        return Path(os.path.realpath(self.path / text)).is_dir()

    def _must_be_file(self, text: str, path: Path) -> None:
        mode = self._mode(text, path, "file")
        if not stat.S_ISREG(mode):
            raise ValueError(f"{quote(text)} is a {'folder' if stat.S_ISDIR(mode) else 'special file'}, not a file")

    def _mode(self, text: str, path: Path, wanted: str) -> int:
        try:
            return path.stat().st_mode
        except OSError:  # also a name that is too long, or a folder that can't be read
            near = difflib.get_close_matches(path.name, _names(path.parent), n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            where = quote(str(path.relative_to(self.bounds)))
            raise ValueError(f"no {wanted} {quote(text)}: the checkout has no {where}{hint}") from None


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())[:1000]
    except OSError:
        return []
