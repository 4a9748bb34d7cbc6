"""From paths on the command line to scenarios, or to all the problems of all of their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tpf.scenario.model import Scenario
from tpf.scenario.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """What the reader is told about the run."""

    checkout: Path  # paths in a scenario can't leave this folder
    cwd: Path  # places are told relative to this folder where they can be
    values: Mapping[str, str] = field(default_factory=dict)  # names that the caller gives: --set name=value
    target: str = ""  # of scenarios that name none


def load_scenarios(paths: Sequence[Path], vocabulary: Vocabulary, options: LoadOptions) -> tuple[Scenario, ...]:
    """The scenarios of files and folders, in order. Raises ScenarioErrors with all problems of all files."""
    raise NotImplementedError


def load_scenario(path: Path, vocabulary: Vocabulary, options: LoadOptions) -> Scenario:
    """The scenario of one file. Raises ScenarioErrors with every problem."""
    return load_scenarios([path], vocabulary, options)[0]
