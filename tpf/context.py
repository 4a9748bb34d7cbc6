"""What the rooms of a run share: its kinds, its folders, its clock, and where its events go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tpf.events import Sink
from tpf.machines.base import MachineKind
from tpf.panics.explain import Explainer
from tpf.process import Processes
from tpf.steps.base import StepKind
from tpf.telling import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """The step and machine kinds that a run knows, by name."""

    steps: Mapping[str, type[StepKind]]
    machines: Mapping[str, MachineKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """The same for every scenario of a run."""

    kinds: Kinds
    sink: Sink
    clock: Clock
    processes: Processes
    report: Path  # the report folder: journal, logs, artifacts
    work: Path  # private files of machines; gone after the run
    checkout: Path  # paths of scenarios can't leave this folder
    values: tuple[tuple[str, str], ...] = ()  # --set name=value
    explainer: Explainer | None = None  # of panics; without one their failures stay as the console tells them
