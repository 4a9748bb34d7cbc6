"""What sort of project a folder is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from testarena_ci.starter.console import console_of
from testarena_ci.starter.facts import Guess, MakeProject, NoProject, Project
from testarena_ci.starter.idf import idf_project
from testarena_ci.starter.sources import Sources, Text

MAKEFILES: Final = ("GNUmakefile", "makefile", "Makefile")
_VARIABLE: Final = re.compile(
    r"^(?:TARGET|PROGRAM|PROG|BINARY|BIN|EXECUTABLE|EXE|APP)\s*[:?]?=[ \t]*(?P<value>[\w./-]+)[ \t]*$", re.MULTILINE
)
_OUTPUT: Final = re.compile(r"^\t.*\s-o\s+(?P<value>[\w./-]+)", re.MULTILINE)
_ALL: Final = re.compile(r"^all\s*:[ \t]*(?P<value>[\w./-]+)", re.MULTILINE)
_RULE: Final = re.compile(r"^(?!all\b|clean\b|test\b)(?P<value>\w[\w./-]*)\s*:(?!=)", re.MULTILINE)


def look(folder: Path) -> Project:
    """The project in a folder. Reads it, and runs nothing of it."""
    sources = Sources(folder)
    return idf_project(sources) or _make_project(sources) or _nothing(sources)


def _make_project(sources: Sources) -> MakeProject | None:
    makefile = next((text for text in map(sources.get, MAKEFILES) if text.text), None)
    program = _program(makefile) if makefile else None
    if makefile is None or program is None:
        return None
    return MakeProject(
        sign=f"a project for make ({makefile.name})",
        name=Guess(value=Path(program.value).name, why=program.why),
        program=program,
        console=console_of(sources.code, (), ()),
    )


def _program(makefile: Text) -> Guess | None:
    for pattern in (_VARIABLE, _OUTPUT, _ALL, _RULE):
        match = pattern.search(makefile.text)
        if match is not None and not match["value"].startswith(("/", "..")):
            return Guess(value=match["value"], why=makefile.place(match.start("value")))
    return None


def _nothing(sources: Sources) -> NoProject:
    name = sources.folder.resolve().name or "device"
    return NoProject(
        sign="no project that is known here (no CMakeLists.txt of ESP-IDF, no Makefile): the device is a small script",
        name=Guess(value=name, why="the folder's name"),
    )
