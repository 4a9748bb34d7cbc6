"""Which files are the project's own, and how messages call them."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Final

from msgspec import Struct

from tpf.machines.base import BuildFacts

_OTHERS: Final = frozenset({"managed_components", "esp-idf", ".espressif", "IDF"})  # folders of other people's code
_DEEPEST: Final = 40


class SourceTree(Struct, frozen=True, kw_only=True):
    """The folders that source files are looked for in, absolute."""

    checkout: Path
    cwd: Path  # what paths in messages and annotations are relative to
    project: Path | None = None
    apart: tuple[Path, ...] = ()  # within the others, and not the project's own: ESP-IDF, the build folder

    @classmethod
    def of(cls, checkout: Path, cwd: Path, build: BuildFacts | None) -> SourceTree:
        idf = dict(build.environment).get("IDF_PATH", "") if build else ""
        return cls(
            checkout=Path(os.path.realpath(checkout)),
            cwd=Path(os.path.realpath(cwd)),
            project=Path(os.path.realpath(build.project)) if build else None,
            apart=tuple(Path(os.path.realpath(path)) for path in (build and build.folder, idf) if path),
        )

    @property
    def roots(self) -> tuple[Path, ...]:
        return (self.checkout,) if self.project is None else (self.project, self.checkout)

    def own(self, file: str) -> Path | None:
        """The project's own file that the compiler called so; None when it is somebody else's.

        Firmware that was built elsewhere names other folders: then the longest end of the path that is here counts.
        """
        written = PurePosixPath(os.path.normpath(file.replace("\\", "/"))) if file and "\0" not in file else None
        if written is None or _OTHERS & set(written.parts):
            return None
        real = Path(os.path.realpath(written))
        if written.is_absolute() and self._inside(real):
            return real
        return self._found_by_its_end(written)

    def _inside(self, path: Path) -> bool:
        return any(path.is_relative_to(root) for root in self.roots) and not any(
            path.is_relative_to(folder) for folder in self.apart
        )

    def _found_by_its_end(self, written: PurePosixPath) -> Path | None:
        parts = [part for part in written.parts if part not in ("/", "..")][-_DEEPEST:]
        shortest = 2 if written.is_absolute() else 1  # a bare name from elsewhere says too little
        for length in range(len(parts), shortest - 1, -1):
            for root in self.roots:
                path = root.joinpath(*parts[-length:])
                if self._inside(path) and _is_file(path):
                    return path
        return None

    def shown(self, path: Path) -> str:
        """Relative to the folder that the run was started in, when it is within the checkout or the project."""
        inside = any(path.is_relative_to(root) for root in self.roots)
        return Path(os.path.relpath(path, self.cwd)).as_posix() if inside else str(path)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long, a folder that can't be read
        return False
