"""From a well-formed file to the scenarios that the engine runs, or to everything that is wrong with it.

A file with params makes a scenario of each combination of their values, and is read anew for each: so names stand for
values everywhere.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from tpf.errors import Problem
from tpf.result import Source
from tpf.scenario.cases import CaseReader
from tpf.scenario.check import MOST_PROBLEMS, Checker, TooManyProblems
from tpf.scenario.children import Children, children_of
from tpf.scenario.devices import DeviceReader
from tpf.scenario.folder import Folder
from tpf.scenario.lineup import read_lineup
from tpf.scenario.model import Guard, Scenario
from tpf.scenario.options import LoadOptions
from tpf.scenario.params import Combination, combinations, full_name, read_params
from tpf.scenario.rules import Grammar
from tpf.scenario.used import MOST_ELEMENTS, Library, Reading, count, each_once, without_editors_words
from tpf.scenario.variables import BUILT_IN, Names
from tpf.scenario.xml import Document, Node


def build(
    document: Document, file: str, folder: Folder, grammar: Grammar, options: LoadOptions, library: Library
) -> tuple[tuple[Scenario, ...], tuple[Problem, ...]]:
    """The scenarios of a file, in the order of its params' values; or none, and all that is wrong."""
    checker = Checker(grammar, document, file, folder, Reading(library=library, cwd=options.cwd))
    told = [checker.problems]
    scenarios: list[Scenario] = []
    complete = False
    try:
        for builder in _builders(checker, options):
            told.append(builder.checker.problems)
            scenarios.extend(builder.scenario())
        complete = True
    except TooManyProblems:
        pass
    problems = each_once(itertools.chain.from_iterable(told))  # those of one combination are often all's
    if not complete or len(problems) > MOST_PROBLEMS:
        problems = problems[:MOST_PROBLEMS]
        message = f"more than {MOST_PROBLEMS} problems in this file: mend these first"
        last = Problem(source=max(problem.source for problem in problems), message=message)
        return (), (*problems, last)
    return () if problems else tuple(scenarios), problems


def _builders(checker: Checker, options: LoadOptions) -> Iterator[_ScenarioBuilder]:
    """A builder for each combination of params, each with a checker of its own; one when the params are wrong."""
    root = without_editors_words(checker.document.root)
    children = children_of(checker, root, checker.grammar.root)
    params = read_params(checker, children, options.values)
    found: tuple[Combination | None, ...] = (None,) if params is None else combinations(params)
    if len(found) > 1 and not checker.reading.spend(count(root) * len(found)):
        message = f"{count(root)} elements in {len(found)} combinations of params are more than {MOST_ELEMENTS}"
        checker.tell(root, f"{message}, the most that is read: make several scenarios of it")
        found = found[:1]
    for combination in found:
        own = Checker(checker.grammar, checker.document, checker.file, checker.folder, checker.reading)
        yield _ScenarioBuilder(own, root, children, options, combination)


class _ScenarioBuilder:
    """Builds the scenario of one file with one combination of params; None for params that are wrong themselves."""

    def __init__(
        self,
        checker: Checker,
        root: Node,
        children: Children,
        options: LoadOptions,
        combination: Combination | None,
    ) -> None:
        self.checker = checker
        self.root = root
        self.children = children
        self.options = options
        self.combination = combination or ()
        self.names = Names(options.values)
        self.devices = DeviceReader(checker=checker, names=self.names)
        for name, value in self.combination:
            self.names.define(name, value)
        if combination is None:
            names = [dict(node.attributes).get("name", "") for node, _ in children if node.tag == "param"]
            self.names.define_unsure(names)

    def scenario(self) -> Iterator[Scenario]:
        """The scenario, if the checker finds no problem."""
        written = self.devices.fixed(self.root, self.checker.grammar.root)
        name = full_name(written.name, dict(self.root.attributes)["name"], self.combination) if written else ""
        target = self.options.target or (written.target if written else "")
        self._define_built_in(name, target)
        lineup = read_lineup(self.devices, self.root, self.children, target if written else None)
        guards = self._all("fail-on")
        docs = self._all("doc")
        cases = CaseReader(reader=self.devices, names=self.names, lineup=lineup, options=self.options)
        requirements = cases.requirements(self.children)
        allow = cases.allowed(self.children)
        phases = cases.phases(self.root, self.children, written)
        if written is None or self.checker.problems:
            return
        yield Scenario(
            name=name,
            source=self.checker.source(self.root),
            folder=self.checker.folder.given,
            target=target,
            devices=lineup.devices,
            links=lineup.links,
            setup=phases.setup,
            cases=phases.cases,
            teardown=phases.teardown,
            fail_on=tuple(Guard(pattern=found.pattern.pattern, source=source) for found, source in guards),
            allow=allow,
            doc="".join(found.text for found, _ in docs).strip(),
            tags=written.tags,
            requirements=requirements,
            parameters=self.combination,
            timeout=written.timeout,
            boot=written.boot,
            retries=self.options.retries if written.retries is None else written.retries,
            retry_panics=self.options.retry_panics if written.retry_panics is None else written.retry_panics,
            silence=written.silence,
        )

    def _define_built_in(self, name: str, target: str) -> None:
        known = {"target": target, "scenario.name": name, "scenario.dir": str(self.checker.folder.given)}
        for built_in in BUILT_IN:
            self.names.define(built_in, known.get(built_in))

    def _all(self, tag: str) -> list[tuple[Any, Source]]:
        """The right ones of the elements with a tag."""
        found = [
            (self.devices.whole(node, rule), self.checker.source(node))
            for node, rule in self.children
            if node.tag == tag
        ]
        return [(instance, source) for instance, source in found if instance is not None]
