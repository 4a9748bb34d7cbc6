"""Why a build failed: the errors of compiler, linker, CMake, ESP-IDF's component manager and Kconfig in its output.

/p/main/main.c:12:5: error: 'x' undeclared (first use in this function)
/p/main/main.c:31: undefined reference to `missing'
CMake Error at main/CMakeLists.txt:1 (idf_component_register):
  Cannot find source file:
/p/main/Kconfig.projbuild:3: error: couldn't parse 'boool "x"'
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import Final

from tpf.result import CodePlace, Source

MOST_PLACES: Final = 10
_LONGEST: Final = 500  # characters of a message
_BELOW: Final = 60  # lines of an error of CMake's that are looked at
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_ERRORS: Final = tuple(  # the best ones first
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^[^\s:][^:\n]*:\d+:(?:\d+:)? (?:fatal )?error: .+|^.*: undefined reference to .+|^[^:\n]*:\d+: Error: .+",
        r"^.*: region `[^'\n]*' overflowed by .+|^Error: app partition is too small .+",
        r"^(?!.*[Ww]arning:).*Kconfig[\w.]*:\d+: .+",
        r"^CMake Error.*",
        r"^(?:ERROR|Error): .+|^Error while checking requirement .+",
        r"^.*\*\*\* (?!\[).+",  # make's own; what it says in brackets only tells that a command failed
    )
)
# What says only that something before it failed.
_ECHO: Final = re.compile(
    r"^g?make(\[\d+\])?: |^ninja: build stopped|^(ninja|cmake) failed with exit code|^FAILED: |^HINT: |^ESP-IDF v\d"
)

_FILE: Final = r"(?P<file>[^\s:'\"][^:\n'\"]*)"
_COMPILER: Final = re.compile(
    rf"^{_FILE}:(?P<line>\d+):(?:(?P<column>\d+):)? (?:(?:fatal )?error|Error): (?P<message>.+)$"
)
_LINKER: Final = re.compile(
    r"^(?:\S*ld(?:\.\w+)?: )?(?P<file>[^\s:][^:\n]*):(?P<line>\d+):(?:\([^)\n]*\):)? "
    r"(?P<message>undefined reference to .+|multiple definition of .+)$"
)
_KCONFIG: Final = re.compile(
    rf"^(?:[\w.]*(?:ERROR|Error|error): )?{_FILE}(?<=[\w.]):(?P<line>\d+): (?:error: )?(?P<message>\S.*)$"
)
_KCONFIG_NAME: Final = re.compile(r"Kconfig[\w.]*$|sdkconfig[\w.]*$")
_CMAKE: Final = re.compile(r"^CMake Error(?: at (?P<file>[^\n(]+?):(?P<line>\d+))?(?: \([^)\n]*\))?:?(?P<rest>.*)$")
_FRAME: Final = re.compile(r"^  (?P<file>\S[^\n]*?):(?P<line>\d+) \([^)\n]*\)$")
_MANIFEST: Final = re.compile(r"(?P<file>[^\s'\"]*idf_component\.yml)(?::(?P<line>\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Where a build ran: names in its output start from one of these."""

    build: Path
    project: Path
    checkout: Path

    def find(self, name: str) -> Path | None:
        """The file that is meant, if it is there."""
        for folder in (self.build, self.project):
            path = Path(os.path.normpath(folder / name.strip()))
            if path.is_file():
                return path
        return None

    def shown(self, path: Path) -> str:
        """A file's name from where the run was started; that of one outside of the checkout is absolute."""
        inside = Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.checkout))
        return os.path.relpath(path) if inside else str(path)


def cause_of(text: str) -> str:
    """The line of a build's output that says best why it failed: its first error, else its last words."""
    for pattern in _ERRORS:
        if found := pattern.search(text):
            said = found[0]
            if said.startswith("CMake Error"):  # its words stand below its place
                below = text[found.end() :].split("\n", _BELOW)[1:_BELOW]
                said = f"{said} {_message_of(_block(below))}"
            return " ".join(said.split())
    lines = reversed(text.splitlines())
    return next((line.strip() for line in lines if line.strip() and not _ECHO.match(line)), "")


def places_of(text: str, folders: Folders) -> tuple[CodePlace, ...]:
    """The places in source files that a build complained of, as they came, each once."""
    found: dict[Source, CodePlace] = {}
    for place in _places(_COLOUR.sub("", text).splitlines(), folders):
        found.setdefault(place.source, place)
        if len(found) == MOST_PLACES:
            break
    return tuple(found.values())


def _places(lines: list[str], folders: Folders) -> Iterator[CodePlace]:
    for number, line in enumerate(lines):
        plain = line.rstrip()
        cmake = _CMAKE.match(plain)
        place = _of_cmake(cmake, lines[number + 1 :][:_BELOW], folders) if cmake else _of_line(plain, folders)
        if place is not None:
            yield place


def _of_line(line: str, folders: Folders) -> CodePlace | None:
    if found := _COMPILER.match(line) or _LINKER.match(line):
        return _place(found, found["message"], folders)
    if (found := _KCONFIG.match(line)) and _KCONFIG_NAME.search(found["file"]):
        return _place(found, found["message"], folders)
    return None


def _of_cmake(error: re.Match[str], below: list[str], folders: Folders) -> CodePlace | None:
    """An error of CMake: the project's own line in its call stack tells more than one within ESP-IDF."""
    block = _block(below)
    message = f"{error['rest'].strip()} {_message_of(block)}".strip() or "CMake Error"
    manifest = _MANIFEST.search(message)
    if manifest is not None and (place := _place(manifest, message, folders)) is not None:
        return place
    frames = [found for line in block if (found := _FRAME.match(line))]
    candidates = [*([error] if error["file"] else []), *frames]
    places = [place for one in candidates if (place := _place(one, message, folders)) is not None]
    own = (place for place in places if _within(place, folders.project))
    return next(own, places[0] if places else None)


def _block(below: list[str]) -> list[str]:
    """The lines that belong to an error: up to the next line that is neither empty, nor indented, nor its stack's."""
    lines: list[str] = []
    for line in below:
        if line.strip() and not line.startswith(" ") and not line.startswith("Call Stack"):
            break
        lines.append(line.rstrip())
    return lines


def _message_of(block: list[str]) -> str:
    """The first paragraph of an error, or that of the error within, when a CMake that was called by CMake failed."""
    inner = next((number for number, line in enumerate(block) if line.startswith("  CMake Error")), None)
    lines = [line.strip() for line in block]
    if inner is not None:  # its place may be broken in two lines; then come an empty line, and its words
        words = inner + lines[inner:].index("") + 1 if "" in lines[inner:] else len(lines)
        lines = lines[words:]
    told = takewhile(lambda line: not line.startswith("Call Stack"), dropwhile(lambda line: not line, lines))
    return _first_sentence(told)


def _first_sentence(lines: Iterable[str]) -> str:
    """The first paragraph, with those below it until a sentence ends: CMake breaks some in the middle."""
    words: list[str] = []
    for line in lines:
        if not line and words and words[-1].endswith((".", "!", "?")):
            break
        if line:
            words.append(line)
    return " ".join(words)


def _within(place: CodePlace, folder: Path) -> bool:
    return Path(os.path.realpath(place.source.file)).is_relative_to(os.path.realpath(folder))


def _place(found: re.Match[str], message: str, folders: Folders) -> CodePlace | None:
    path = folders.find(found["file"])
    if path is None:
        return None
    groups = found.groupdict()
    source = Source(file=folders.shown(path), line=int(groups["line"] or 0), column=int(groups.get("column") or 0))
    return CodePlace(source=source, message=" ".join(message.split())[:_LONGEST])
