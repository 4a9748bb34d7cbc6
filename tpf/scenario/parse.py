"""From paths on the command line to scenarios, or to all the problems of all of their files."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from tpf.errors import Problem, ScenarioErrors
from tpf.result import Source
from tpf.scenario.build import build
from tpf.scenario.find import Found, Identity, Unreadable, nothing_found, read, search, shown
from tpf.scenario.folder import Folder
from tpf.scenario.model import Scenario
from tpf.scenario.options import LoadOptions
from tpf.scenario.rules import Grammar
from tpf.scenario.vocabulary import Vocabulary
from tpf.scenario.xml import Document, Malformed, OtherRoot, parse

ROOT = "scenario"


def load_scenarios(paths: Sequence[Path], vocabulary: Vocabulary, options: LoadOptions) -> tuple[Scenario, ...]:
    """The scenarios of files and folders, in order. Raises ScenarioErrors with all problems of all files."""
    loader = _Loader(vocabulary, options)
    for path in paths:
        loader.load(path)
    if not paths:
        loader.tell(options.cwd, "no path given: name scenario files, or folders that hold some")
    loader.check_names()
    if loader.problems:
        raise ScenarioErrors(tuple(loader.problems))
    return tuple(loader.scenarios)


def load_scenario(path: Path, vocabulary: Vocabulary, options: LoadOptions) -> Scenario:
    """The scenario of one file. Raises ScenarioErrors with every problem."""
    return load_scenarios([path], vocabulary, options)[0]


class _Loader:
    """Loads files one after another; equal elements of different files are checked once."""

    def __init__(self, vocabulary: Vocabulary, options: LoadOptions) -> None:
        self.options = options
        self.grammar = Grammar(vocabulary)
        self.scenarios: list[Scenario] = []
        self.problems: list[Problem] = []
        self.seen: set[Identity] = set()
        self.folders: dict[Path, Folder] = {}

    def tell(self, path: Path, message: str, line: int = 0, column: int = 0) -> None:
        source = Source(file=shown(path, self.options.cwd), line=line, column=column)
        self.problems.append(Problem(source=source, message=message))

    def load(self, path: Path) -> None:
        """All scenarios of a path."""
        absolute = self.options.cwd / path
        before = len(self.seen), len(self.problems)
        try:
            for found in search(absolute):
                self._file(found)
        except Unreadable as error:
            self.tell(path, str(error))
        if before == (len(self.seen), len(self.problems)) and absolute.is_dir():
            self.tell(path, nothing_found([path], self.options.cwd))

    def _file(self, found: Found) -> None:
        try:
            data, identity = read(found.path)
            if identity in self.seen:  # named twice, or by a symbolic link as well
                return
            document = parse(data, ROOT)
            self.seen.add(identity)
        except Unreadable as error:
            self.tell(found.path, str(error))
        except OtherRoot as error:
            if found.named or difflib.SequenceMatcher(None, error.tag.lower(), ROOT).ratio() > 0.8:
                self.tell(found.path, str(error), error.line, error.column)
        except Malformed as error:
            self.tell(found.path, str(error), error.line, error.column)
        else:
            self._document(found.path, document)

    def _document(self, path: Path, document: Document) -> None:
        file = shown(path, self.options.cwd)
        folder = self.folders.get(path.parent) or Folder.of(path.parent, self.options.checkout)
        self.folders[path.parent] = folder
        scenario, problems = build(document, file, folder, self.grammar, self.options)
        self.problems.extend(problems)
        if scenario is not None:
            self.scenarios.append(scenario)

    def check_names(self) -> None:
        """No two scenarios may have the same name: reports and logs are told apart by it."""
        first: dict[str, Source] = {}
        for scenario in sorted(self.scenarios, key=lambda scenario: scenario.source):
            other = first.setdefault(scenario.name, scenario.source)
            if other is not scenario.source:
                message = f"attribute name: {scenario.name!r} is the name of the scenario in {other} already"
                self.problems.append(Problem(source=scenario.source, message=message))
