"""From a well-formed file to the scenario that the engine runs, or to everything that is wrong with it.

The file is read in the order in which it will run (setup, cases, teardown), whatever the order in which it is written,
so that each step knows the names that are saved before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from tpf.errors import Problem
from tpf.result import Source
from tpf.scenario.check import MOST_PROBLEMS, Checker, TooManyProblems
from tpf.scenario.children import Children, children_of
from tpf.scenario.devices import DeviceReader
from tpf.scenario.folder import Folder
from tpf.scenario.model import Case, Guard, MachineSpec, Scenario, Step
from tpf.scenario.options import LoadOptions
from tpf.scenario.rules import Grammar, Rule
from tpf.scenario.sequence import Limit, check_limit, read_steps
from tpf.scenario.variables import Names
from tpf.scenario.wording import shown_seconds
from tpf.scenario.xml import Document, Node

# What editors write to find the schema. It means nothing to us, and is allowed nowhere but in the root.
_FOR_EDITORS = frozenset({"xmlns:xsi", "xsi:noNamespaceSchemaLocation"})
BUILT_IN: Final[Mapping[str, str]] = {
    "target": "the scenario's target",
    "scenario.name": "the scenario's name",
    "scenario.dir": "the folder of the scenario's file",
    "report.dir": "the folder that the run's report is written to",
    "artifacts": "a folder of the case's own: files that are put there go into the report",
}


class Phases(NamedTuple):
    """What runs, in order."""

    setup: tuple[Step, ...]
    cases: tuple[Case, ...]
    teardown: tuple[Step, ...]


def build(
    document: Document, file: str, folder: Folder, grammar: Grammar, options: LoadOptions
) -> tuple[Scenario | None, tuple[Problem, ...]]:
    """The scenario of a file; or None, and all that is wrong."""
    checker = Checker(grammar, document, file, folder)
    try:
        scenario = _ScenarioBuilder(checker, options).scenario()
    except TooManyProblems:
        message = f"more than {MOST_PROBLEMS} problems in this file: mend these first"
        last = Problem(source=max(problem.source for problem in checker.problems), message=message)
        return None, (*checker.problems, last)
    return scenario, tuple(checker.problems)


class _ScenarioBuilder:
    """Builds the scenario of one file."""

    def __init__(self, checker: Checker, options: LoadOptions) -> None:
        self.checker = checker
        self.options = options
        self.names = Names(options.values)
        self.devices = DeviceReader(checker=checker, names=self.names)

    def scenario(self) -> Scenario | None:
        """The scenario, or None when the checker has found problems."""
        root = _without_editors_words(self.checker.document.root)
        written = self.devices.fixed(root, self.checker.grammar.root)
        children = children_of(self.checker, root, self.checker.grammar.root)
        target = self.options.target or (written.target if written else "")
        self._define_built_in(written.name if written else "", target)
        device = self.devices.device(root, children)
        if written is not None:
            self._check_target(root, target, device.machine)
        guards = self._all(children, "fail-on")
        docs = self._all(children, "doc")
        requirements = self._requirements(children)
        phases = self._phases(children, written)
        if self.checker.problems or written is None:
            return None
        return Scenario(
            name=written.name,
            source=self.checker.source(root),
            folder=self.checker.folder.given,
            target=target,
            devices=(device,),
            setup=phases.setup,
            cases=phases.cases,
            teardown=phases.teardown,
            fail_on=tuple(Guard(pattern=found.pattern.pattern, source=source) for found, source in guards),
            doc="".join(found.text for found, _ in docs).strip(),
            tags=written.tags,
            requirements=requirements,
            timeout=written.timeout,
            boot=written.boot,
            retries=self._retries(written),
            silence=written.silence,
        )

    def _retries(self, written: Any) -> int:
        """The scenario's, or the caller's where it says nothing."""
        said = written.retries if written is not None else None
        return self.options.retries if said is None else int(said)

    def _define_built_in(self, name: str, target: str) -> None:
        known = {"target": target, "scenario.name": name, "scenario.dir": str(self.checker.folder.given)}
        for built_in in BUILT_IN:
            self.names.define(built_in, known.get(built_in))

    def _check_target(self, root: Node, target: str, machine: MachineSpec) -> None:
        words = self.checker.grammar.vocabulary.machines.get(machine.kind)
        if words is None or words.check_target is None or machine.options is None:
            return
        try:
            words.check_target(target, machine.options)
        except ValueError as error:
            place = "attribute target: " if target else ""
            self.checker.tell(root, f"{place}{error}", "target")

    def _all(self, children: Children, tag: str) -> list[tuple[Any, Source]]:
        """The right ones of the elements with a tag."""
        found = [
            (self.devices.whole(node, rule), self.checker.source(node)) for node, rule in children if node.tag == tag
        ]
        return [(instance, source) for instance, source in found if instance is not None]

    def _requirements(self, children: Children) -> tuple[str, ...]:
        return tuple(dict.fromkeys(found.id for found, _ in self._all(children, "requirement")))

    def _phases(self, children: Children, written: Any) -> Phases:
        limit = _scenario_limit(self.checker.document.root, written)
        setup = self._phase("setup", children, limit)
        cases = tuple(self._case(node, rule, limit, written) for node, rule in children if node.tag == "case")
        return Phases(setup, cases, self._phase("teardown", children, limit))

    def _phase(self, tag: str, children: Children, limit: Limit) -> tuple[Step, ...]:
        steps: tuple[Step, ...] = ()
        for node, rule in children:
            if node.tag == tag:
                self.devices.fixed(node, rule)
                steps += read_steps(self.checker, children_of(self.checker, node, rule), self.names, limit)
        return steps

    def _case(self, node: Node, rule: Rule, limit: Limit, scenario: Any) -> Case:
        children = children_of(self.checker, node, rule)
        written = self.devices.fixed(node, rule)
        if written is None:  # with problems of its own; those of its steps are wanted as well
            steps = read_steps(self.checker, children, self.names, limit)
            return Case(name="", source=self.checker.source(node), steps=steps)
        if written.timeout is not None:
            check_limit(self.checker, node, "timeout", written.timeout, limit)
            limit = Limit(written.timeout, f"the case's timeout, {shown_seconds(written.timeout)}")
        # nobody else gets what a skipped case would save
        names = self.names.copy() if written.skip else self.names
        return Case(
            name=written.name,
            source=self.checker.source(node),
            steps=read_steps(self.checker, children, names, limit),
            timeout=written.timeout,
            retries=self._retries(scenario) if written.retries is None else written.retries,
            tags=written.tags,
            requirements=self._requirements(children),
            skip=written.skip,
        )


def _scenario_limit(root: Node, written: Any) -> Limit:
    seconds: float = written.timeout if written else float("inf")
    told = f"the scenario's timeout, {shown_seconds(seconds)}"
    if not any(name == "timeout" for name, _ in root.attributes):
        told += " when <scenario> has no timeout=..."
    return Limit(seconds, told)


def _without_editors_words(root: Node) -> Node:
    return root._replace(attributes=tuple(pair for pair in root.attributes if pair[0] not in _FOR_EDITORS))
