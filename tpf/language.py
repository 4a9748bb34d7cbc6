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
from tpf.scenario.vocabulary import MachineWords, Vocabulary

__all__ = [
    "LoadOptions",
    "MachineWords",
    "Vocabulary",
    "default_vocabulary",
    "load_scenario",
    "load_scenarios",
    "own_vocabulary",
]


def default_vocabulary() -> Vocabulary:
    """The product's words and those of installed extensions. Raises UsageError for an extension that is no use."""
    return _vocabulary(steps.kinds(), machines.kinds())


def own_vocabulary() -> Vocabulary:
    """The product's words alone: what the shipped schema and the reference page are made from."""
    return _vocabulary(steps.KINDS, machines.KINDS)


def _vocabulary(step_kinds: Mapping[str, type[Any]], machine_kinds: Mapping[str, MachineKind]) -> Vocabulary:
    words = {
        name: MachineWords(options=kind.Options, check_target=getattr(kind, "check_target", None))
        for name, kind in machine_kinds.items()
    }
    return Vocabulary(steps=step_kinds, machines=words)
