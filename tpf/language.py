"""The whole language: the vocabulary of the step kinds and machine kinds there are, and loading scenarios with it.

options = LoadOptions(checkout=root, cwd=Path.cwd(), values={"name": "of --set"})
scenarios = load_scenarios([Path("tests/scenarios")], default_vocabulary(), options)  # or raises ScenarioErrors
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tpf.machines import KINDS as MACHINES
from tpf.scenario.options import LoadOptions
from tpf.scenario.parse import load_scenario, load_scenarios
from tpf.scenario.vocabulary import MachineWords, Vocabulary
from tpf.steps import KINDS as STEPS

__all__ = ["LoadOptions", "MachineWords", "Vocabulary", "default_vocabulary", "load_scenario", "load_scenarios"]


def default_vocabulary(extra_steps: Mapping[str, type[Any]] | None = None) -> Vocabulary:
    """The vocabulary of everything that ships with the product, and of step kinds from outside."""
    machines = {
        name: MachineWords(options=kind.Options, check_target=getattr(kind, "check_target", None))
        for name, kind in MACHINES.items()
    }
    return Vocabulary(steps={**STEPS, **(extra_steps or {})}, machines=machines)
