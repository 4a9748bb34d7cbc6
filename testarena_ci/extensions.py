"""Step kinds of the project's own: loaded from the Python files that `steps:` in testarena.yml names.

    # testarena.yml
    steps: [ci/steps.py]

Such a file declares classes as `tpf.steps.base.StepKind` says; each becomes an element that scenarios may use. It is
code of the checkout, as trusted as the build command is. It is run once, when the scenarios are loaded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from testarena_ci.settings import NamedFile
from tpf import steps
from tpf.errors import SettingsError, UsageError
from tpf.scenario.declare import Element
from tpf.scenario.find import read, shown
from tpf.scenario.vocabulary import joined
from tpf.steps.base import StepKind
from tpf.steps.outside import checked_kind, told


def step_kinds(files: Sequence[NamedFile], checkout: Path, cwd: Path) -> Mapping[str, type[StepKind]]:
    """All step kinds by name, those in these files among them. Raises SettingsError, which names file and line."""
    found = joined(steps.kinds())
    for file in files:
        for kind, line in _kinds_in(file, checkout, cwd):
            name = kind.element.name
            origin = f"{shown(file.path, cwd)}:{line}: {kind.__name__}"
            try:
                found[name] = checked_kind(kind, name, origin, found)
            except UsageError as error:
                raise SettingsError(str(error)) from error
    return found


def _kinds_in(file: NamedFile, checkout: Path, cwd: Path) -> Iterator[tuple[Any, int]]:
    """The step kinds that a file declares, each with its line. An element that has no run() is a part of another."""
    module = _loaded(file, checkout, cwd)
    classes = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]
    kinds = [one for one in classes if isinstance(getattr(one, "element", None), Element) and hasattr(one, "run")]
    if not kinds:
        raise SettingsError(
            f"{file.place}: steps: {shown(file.path, cwd)} declares no step kind: "
            "a dataclass with `element`, `summary` and `run`; see the how-to guide on steps of your own"
        )
    return ((kind, _line_of(kind, file.path)) for kind in kinds)


def _loaded(file: NamedFile, checkout: Path, cwd: Path) -> ModuleType:
    """The file as a module. Nothing is left beside it, and it is not found on the path: others can't import it."""
    source = _source(file, checkout, cwd)
    module = ModuleType(f"testarena_steps_{sha256(os.fsencode(file.path)).hexdigest()[:12]}")
    module.__file__ = str(file.path)
    sys.modules[module.__name__] = module  # dataclasses look their module up there
    try:
        exec(compile(source, str(file.path), "exec", dont_inherit=True), vars(module))  # noqa: S102  what it is for
    except (Exception, SystemExit) as error:  # whatever a file raises
        raise SettingsError(f"{file.place}: steps: {told(error, str(file.path), shown(file.path, cwd))}") from error
    return module


def _source(file: NamedFile, checkout: Path, cwd: Path) -> bytes:
    name = shown(file.path, cwd)
    try:
        if not Path(os.path.realpath(file.path)).is_relative_to(os.path.realpath(checkout)):
            raise ValueError(f"leaves the checkout, {checkout}: name a file within")
        return read(file.path)[0]
    except ValueError as error:  # also Unreadable, and a path that can't be one
        raise SettingsError(f"{file.place}: steps: {name}: {error}") from error


def _line_of(kind: type[Any], path: Path) -> int:
    """The line of a class, by the first of its functions; the file's first when it has none of its own."""
    codes = (getattr(value, "__code__", None) for value in vars(kind).values())
    return min((code.co_firstlineno for code in codes if code and code.co_filename == str(path)), default=1)
