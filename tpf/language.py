"""The whole language: the vocabulary of the step kinds and machine kinds there are, and loading scenarios with it.

options = LoadOptions(checkout=root, cwd=Path.cwd(), values={"name": "of --set"})
scenarios = load_scenarios([Path("tests/scenarios")], default_vocabulary(), options)  # or raises ScenarioErrors
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tpf import machines, steps
from tpf.machines.base import MachineKind
from tpf.scenario.options import LoadOptions
from tpf.scenario.parse import load_scenario, load_scenarios
from tpf.scenario.vocabulary import MachineWords, Vocabulary, joined

__all__ = [
    "LoadOptions",
    "MachineWords",
    "Vocabulary",
    "default_vocabulary",
    "load_scenario",
    "load_scenarios",
    "own_vocabulary",
    "vocabulary_of",
]


def default_vocabulary(extra_steps: Mapping[str, type[Any]] | None = None) -> Vocabulary:
    """The product's words, those of installed extensions, and the caller's own step kinds by name.

    Raises UsageError for an extension that is no use.
    """
    return vocabulary_of(joined(extra_steps or {}, steps.kinds()), machines.kinds())


def own_vocabulary() -> Vocabulary:
    """The product's words alone: what the shipped schema and the reference page are made from."""
    return vocabulary_of(steps.KINDS, machines.KINDS)


def vocabulary_of(step_kinds: Mapping[str, type[Any]], machine_kinds: Mapping[str, MachineKind]) -> Vocabulary:
    """The words that step and machine kinds amount to."""
    words = {
        name: MachineWords(
            options=kind.Options,
            check_target=getattr(kind, "check_target", None),
            check_links=getattr(kind, "check_links", None),
            only_target=kind.targets[0] if len(kind.targets) == 1 else "",
            gives_ports=getattr(kind, "gives_ports", False),
        )
        for name, kind in machine_kinds.items()
    }
    return Vocabulary(steps=step_kinds, machines=words)
