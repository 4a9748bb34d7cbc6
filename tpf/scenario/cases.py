"""From <setup>, <case> and <teardown> to what runs, in order.

They are read in the order in which they will run, whatever the order in which they are written, so that each step knows
the names that are saved before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeVar

from tpf.scenario import wording
from tpf.scenario.check import Checker
from tpf.scenario.children import Children, children_of
from tpf.scenario.devices import DeviceReader
from tpf.scenario.lineup import Lineup
from tpf.scenario.model import Case, Step
from tpf.scenario.options import LoadOptions
from tpf.scenario.rules import Rule
from tpf.scenario.sequence import Limit, Surroundings, check_limit, read_steps
from tpf.scenario.variables import Names
from tpf.scenario.xml import Node

T = TypeVar("T")
_NO_LIMIT: Final = Limit(float("inf"), "")


class Phases(NamedTuple):
    """What runs, in order."""

    setup: tuple[Step, ...]
    cases: tuple[Case, ...]
    teardown: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReader:
    """Reads what runs on the devices; `names` gets what the steps save."""

    reader: DeviceReader
    names: Names
    lineup: Lineup
    options: LoadOptions

    @property
    def checker(self) -> Checker:
        return self.reader.checker

    def phases(self, root: Node, children: Children, written: Any) -> Phases:
        """All that runs of a scenario; `written` is its typed element, None when something is wrong with it."""
        limit = _scenario_limit(root, written)
        setup = self._phase("setup", children, limit)
        cases = tuple(self._case(node, rule, limit, written) for node, rule in children if node.tag == "case")
        return Phases(setup, cases, self._phase("teardown", children, limit))

    def _phase(self, tag: str, children: Children, limit: Limit) -> tuple[Step, ...]:
        steps: tuple[Step, ...] = ()
        for node, rule in children:
            if node.tag == tag:
                around = self._around(node, self.reader.fixed(node, rule), limit)
                steps += read_steps(self.checker, children_of(self.checker, node, rule), self.names, around)
        return steps

    def _case(self, node: Node, rule: Rule, limit: Limit, scenario: Any) -> Case:
        children = children_of(self.checker, node, rule)
        written = self.reader.fixed(node, rule)
        if written is None:  # with problems of its own; those of its steps are wanted as well
            steps = read_steps(self.checker, children, self.names, self._around(node, None, limit))
            return Case(name="", source=self.checker.source(node), steps=steps)
        if written.timeout is not None:
            check_limit(self.checker, node, "timeout", written.timeout, limit)
            limit = Limit(written.timeout, "the case's timeout")
        others = [(child, child_rule) for child, child_rule in children if not child_rule.is_step]
        # nobody else gets what a skipped case would save
        names = self.names.copy() if written.skip else self.names
        return Case(
            name=written.name,
            source=self.checker.source(node),
            steps=read_steps(self.checker, children, names, self._around(node, written, limit)),
            timeout=written.timeout,
            retries=_first_said("retries", self.options.retries, written, scenario),
            retry_panics=_first_said("retry_panics", self.options.retry_panics, written, scenario),
            tags=written.tags,
            requirements=self.requirements(others),
            skip=written.skip,
            ticket=written.ticket,
            allow=self.allowed(others),
        )

    def _around(self, node: Node, written: Any, limit: Limit) -> Surroundings:
        """What the steps of a phase or case are read in; `written` is its typed element, None when it is wrong."""
        devices = self.lineup.names
        on = written.on if written is not None else devices[0] if devices else ""
        if on and on not in devices:
            self.checker.tell(node, f"attribute on: {wording.unknown_device(on, devices)}", "on")
            on = "".join(devices[:1])
        return Surroundings(limit=_NO_LIMIT if self.lineup.has_own_time else limit, devices=devices, on=on)

    def allowed(self, children: Children) -> tuple[str, ...]:
        """The names in the <allow>s among some children."""
        found = (self.reader.whole(node, rule) for node, rule in children if node.tag == "allow")
        return tuple(one.guard for one in found if one is not None)

    def requirements(self, children: Children) -> tuple[str, ...]:
        """The identifiers of the <requirement>s among some children, each once."""
        found = (self.reader.whole(node, rule) for node, rule in children if node.tag == "requirement")
        return tuple(dict.fromkeys(one.id for one in found if one is not None))


def _first_said(name: str, of_run: T, *written: Any) -> T:
    """What is said first: the case's, the scenario's, the run's."""
    said: Iterator[T] = (getattr(one, name) for one in written if one is not None and getattr(one, name) is not None)
    return next(said, of_run)


def _scenario_limit(root: Node, written: Any) -> Limit:
    seconds: float = written.timeout if written else float("inf")
    said = any(name == "timeout" for name, _ in root.attributes)
    return Limit(seconds, "the scenario's timeout", "" if said else " when <scenario> has no timeout=...")
