"""The files of a project folder, read within bounds: what is there may be anything."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from tpf.scenario.find import Unreadable, read

MOST_FILES: Final = 2000
MOST_BYTES: Final = 32 << 20
_NOT_OURS: Final = re.compile(r"\.|build|managed_components$|node_modules$|dist$")
_CODE: Final = (".c", ".cc", ".cpp", ".cxx", ".h", ".hpp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A file's text, under its name relative to the project's folder."""

    name: str
    text: str

    def place(self, offset: int) -> str:
        """``main/main.c:88``"""
        return f"{self.name}:{self.text.count(chr(10), 0, offset) + 1}"


class Sources:
    """The texts of a folder; those that can't be read are taken for empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, name: str) -> Text:
        """A file by its name; empty when it isn't there."""
        try:
            return Text(name=name, text=read(self.folder / name)[0].decode("utf-8", "replace").replace("\r\n", "\n"))
        except (Unreadable, ValueError):
            return Text(name=name, text="")

    @cached_property
    def code(self) -> tuple[Text, ...]:
        """The sources in C and C++, those of the application (`main/`) first."""
        return tuple(self._bounded(name for name in self._names if name.endswith(_CODE)))

    @cached_property
    def kconfigs(self) -> tuple[Text, ...]:
        return tuple(self._bounded(name for name in self._names if Path(name).name.startswith("Kconfig")))

    @cached_property
    def _names(self) -> tuple[str, ...]:
        names = []
        for folder, folders, files in os.walk(self.folder):
            here = Path(folder).relative_to(self.folder)
            folders[:] = sorted(name for name in folders if not _NOT_OURS.match(name) and self._belongs(here / name))
            names += [str(here / name) for name in sorted(files)]
            if len(names) > 20 * MOST_FILES:
                break
        return tuple(sorted(names, key=lambda name: not name.startswith("main/")))

    def _belongs(self, folder: Path) -> bool:
        """A folder with a project() of its own, such as `test_apps/x`, is another project."""
        return re.search(r"^\s*project\s*\(", self.get(str(folder / "CMakeLists.txt")).text, re.MULTILINE) is None

    def _bounded(self, names: Iterable[str]) -> Iterator[Text]:
        left = MOST_BYTES
        for number, name in enumerate(names):
            if number >= MOST_FILES or left <= 0:
                return
            found = self.get(name)
            left -= len(found.text)
            yield found
