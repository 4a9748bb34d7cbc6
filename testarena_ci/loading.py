"""From settings to scenarios: the words that they may use, the project's own steps among them, and where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from testarena_ci.extensions import step_kinds
from testarena_ci.settings import Settings
from tpf.context import Kinds
from tpf.language import LoadOptions, Vocabulary, load_scenarios, vocabulary_of
from tpf.machines import kinds as machine_kinds
from tpf.scenario.model import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The step and machine kinds of a run, and the words made of them."""

    kinds: Kinds
    vocabulary: Vocabulary


def language(settings: Settings, cwd: Path) -> Language:
    """What the product, installed packages and the project bring. Raises UsageError for what is of no use."""
    kinds = Kinds(steps=step_kinds(settings.steps, checkout_of(cwd), cwd), machines=machine_kinds())
    return Language(kinds=kinds, vocabulary=vocabulary_of(kinds.steps, kinds.machines))


def load(settings: Settings, known: Language, cwd: Path) -> tuple[Scenario, ...]:
    """All scenarios that the settings name. Raises ScenarioErrors with every problem of every file."""
    return load_scenarios([cwd / path for path in settings.scenarios], known.vocabulary, load_options(settings, cwd))


def load_options(settings: Settings, cwd: Path) -> LoadOptions:
    """What the settings tell the reader."""
    return LoadOptions(
        checkout=checkout_of(cwd),
        cwd=cwd,
        values=dict(settings.set),
        target=settings.target,
        retries=settings.retries,
    )


def checkout_of(folder: Path) -> Path:
    """The folder that paths of scenarios can't leave: the nearest one above with a .git, else the folder itself."""
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    return folder
