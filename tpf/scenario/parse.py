"""From paths on the command line to scenarios, or to all the problems of all of their files."""

from __future__ import annotations

import difflib
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tpf.errors import Problem, ScenarioErrors, UsageError
from tpf.result import Source
from tpf.scenario.build import build
from tpf.scenario.find import Found, Identity, Unreadable, read, search, shown
from tpf.scenario.folder import Folder
from tpf.scenario.model import Scenario
from tpf.scenario.options import LoadOptions
from tpf.scenario.rules import Grammar
from tpf.scenario.types import quote
from tpf.scenario.used import ROOT as STEPS_ROOT
from tpf.scenario.used import Library, each_once
from tpf.scenario.variables import BUILT_IN
from tpf.scenario.vocabulary import Vocabulary
from tpf.scenario.xml import Document, Malformed, OtherRoot, parse

ROOT = "scenario"
NO_SCENARIO: Final = (
    "no scenario in this folder: looked for *.xml files whose root element is <scenario>; "
    "`testarena new` makes a first one"
)


def load_scenarios(paths: Sequence[Path], vocabulary: Vocabulary, options: LoadOptions) -> tuple[Scenario, ...]:
    """The scenarios of files and folders, in order. Raises ScenarioErrors with all problems of all files."""
    taken = [name for name in options.values if name in BUILT_IN]
    if taken:
        raise UsageError(
            f"the name {quote(taken[0])} is built in and can't be set: {', '.join(BUILT_IN)} have their values"
        )
    with _collector_paused():
        return _load(paths, _Loader(vocabulary, options), options)


def _load(paths: Sequence[Path], loader: _Loader, options: LoadOptions) -> tuple[Scenario, ...]:
    for path in paths:
        loader.load(path)
    if not paths:
        loader.tell(options.cwd, "no path given: name scenario files, or folders that hold some")
    loader.check_names()
    if loader.problems:
        raise ScenarioErrors(each_once(loader.problems))
    return tuple(loader.scenarios)


def load_scenario(path: Path, vocabulary: Vocabulary, options: LoadOptions) -> Scenario:
    """The scenario of one file, the first one if it has params. Raises ScenarioErrors with every problem."""
    return load_scenarios([path], vocabulary, options)[0]


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Reading makes many objects and no cycles: the collector would take a third of the time to find nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Loader:
    """Loads files one after another; equal elements of different files are checked once."""

    def __init__(self, vocabulary: Vocabulary, options: LoadOptions) -> None:
        self.options = options
        self.grammar = Grammar(vocabulary)
        self.scenarios: list[Scenario] = []
        self.problems: list[Problem] = []
        self.seen: set[Identity] = set()
        self.folders: dict[Path, Folder] = {}
        self.library = Library()

    def tell(self, path: Path, message: str, line: int = 0, column: int = 0) -> None:
        source = Source(file=shown(path, self.options.cwd), line=line, column=column)
        self.problems.append(Problem(source=source, message=message))

    def load(self, path: Path) -> None:
        """All scenarios of a path."""
        try:
            ours = sum(self._file(found) for found in search(self.options.cwd / path))
        except Unreadable as error:
            self.tell(path, str(error))
        else:
            if ours == 0:
                self.tell(path, NO_SCENARIO)

    def _file(self, found: Found) -> bool:
        """Whether it is one of ours, right or wrong."""
        try:
            data, identity = read(found.path)
            if identity not in self.seen:  # else it was named twice, or by a link as well
                document = parse(data, ROOT)
                self.seen.add(identity)
                self._document(found.path, document)
        except Unreadable as error:
            self.tell(found.path, str(error))
        except Malformed as error:
            if isinstance(error, OtherRoot) and not found.named and not _is_nearly(error.tag):
                return False
            is_steps = isinstance(error, OtherRoot) and error.tag == STEPS_ROOT
            hint = (
                ": a file of steps doesn't run by itself, but where a scenario says <use file=...>" if is_steps else ""
            )
            self.tell(found.path, f"{error}{hint}", error.line, error.column)
        return True

    def _document(self, path: Path, document: Document) -> None:
        file = shown(path, self.options.cwd)
        folder = self.folders.get(path.parent) or Folder.of(path.parent, self.options.checkout)
        self.folders[path.parent] = folder
        scenarios, problems = build(document, file, folder, self.grammar, self.options, self.library)
        self.problems.extend(problems)
        self.scenarios.extend(scenarios)

    def check_names(self) -> None:
        """No two scenarios may have the same name: reports and logs are told apart by it."""
        first: dict[str, Source] = {}
        for scenario in sorted(self.scenarios, key=lambda scenario: scenario.source.file):  # of one file, in order
            other = first.setdefault(scenario.name, scenario.source)
            if other is not scenario.source:
                message = f"attribute name: {quote(scenario.name)} is the name of the scenario in {other} already"
                self.problems.append(Problem(source=scenario.source, message=message))


def _is_nearly(tag: str) -> bool:
    """A slip in the name of the root element, which must not hide a scenario."""
    return difflib.SequenceMatcher(None, tag[:80].lower(), ROOT).ratio() > 0.8
