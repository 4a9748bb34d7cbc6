"""Makes a first scenario in a project folder; what is there already is left as it is."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from testarena_ci.loading import language, load
from testarena_ci.settings import FILE_NAME, Settings
from testarena_ci.settings_file import read_file
from testarena_ci.starter.facts import Guess, IdfProject, MakeProject, Project, Unity
from testarena_ci.starter.look import look
from testarena_ci.starter.texts import NewFile, files
from tpf.errors import UsageError
from tpf.files import write_new

FOLDER: Final = "scenarios"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What came of it; the names are relative to the project's folder."""

    project: Project
    scenario: str
    made: tuple[str, ...]
    kept: tuple[str, ...]  # were there


def make(folder: Path) -> Made:
    """Look at the project, and write what isn't there. Raises UsageError when nothing is left to be made."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; name that of an ESP-IDF project")
    project = look(folder)
    wanted = files(project, _scenarios_folder(folder))
    kept = tuple(file.name for file in wanted if os.path.lexists(folder / file.name))
    if wanted[0].name in kept:
        raise UsageError(
            f"{folder / wanted[0].name} is there already, and nothing is overwritten: "
            "remove or rename it, or write the next scenario beside it"
        )
    made = tuple(file.name for file in wanted if file.name not in kept and _write(folder, file))
    _check(folder, wanted[0].name)
    return Made(project=project, scenario=wanted[0].name, made=made, kept=kept)


def _scenarios_folder(folder: Path) -> str:
    """Where the project has its scenarios, by its settings if it has any."""
    settings = folder / FILE_NAME
    said = read_file(settings).get("scenarios", (FOLDER,)) if settings.is_file() else (FOLDER,)
    first = next((path for path in said if not path.endswith(".xml")), FOLDER)
    inside = os.path.normpath(first)
    return inside if inside != "." and not inside.startswith(("..", "/")) else FOLDER


def _write(folder: Path, file: NewFile) -> bool:
    """False when somebody else has just made one of that name."""
    path = folder / file.name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{path.parent}: can't make the folder: {error.strerror}") from error
    try:
        write_new(path, file.text.encode(), executable=path.suffix == ".sh")
    except FileExistsError:
        return False
    except OSError as error:
        raise UsageError(f"{path}: can't write it: {error.strerror}") from error
    return True


def _check(folder: Path, scenario: str) -> None:
    """What was made must be right. Raises ScenarioErrors."""
    settings = Settings(scenarios=(scenario,))
    load(settings, language(settings, folder), folder.resolve())


def words(result: Made, folder: Path, cwd: Path) -> Iterator[str]:
    """What was made, what it was made of, and what to do next, for somebody in `cwd`."""
    yield from (f"wrote {folder / name}" for name in result.made)
    yield from (f"left as it is: {folder / name}" for name in result.kept)
    yield f"It is {result.project.sign}. What the scenario was made of:"
    yield from (f"  {name:<10} {guess.value:<24} {guess.why}" for name, guess in _guesses(result.project))
    yield "Next:"
    if folder.resolve() != cwd.resolve():
        yield f"  cd {shlex.quote(str(folder))}"
    scenario = shlex.quote(result.scenario)
    yield f"  testarena validate {scenario}"
    if isinstance(result.project, IdfProject):
        yield f"  testarena doctor --target {result.project.board.value}  # what is missing of ESP-IDF and its QEMU?"
    yield f"  testarena run {scenario}"


def _guesses(project: Project) -> Iterator[tuple[str, Guess]]:
    yield "name", project.name
    if isinstance(project, IdfProject):
        yield "target", project.target
        if project.board != project.target:
            yield "emulated", project.board
        if project.config is not None:
            yield "config", project.config
    if isinstance(project, MakeProject):
        yield "program", project.program
    if isinstance(project, IdfProject | MakeProject):
        console = project.console
        greeting = console.greeting if console.prompt is None else None  # the other is the better sign
        for name, guess in (("greeting", greeting), ("prompt", console.prompt), ("help", console.help)):
            if guess is not None:
                yield name, guess
        if console.unity is not None:
            shown = {Unity.MENU: "tests from a menu", Unity.RUN: "runs its tests by itself"}[Unity(console.unity.value)]
            yield "Unity", Guess(value=shown, why=console.unity.why)
