"""From settings to scenarios: the words that they may use, the project's own steps among them, and where they lie."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from testarena_ci.extensions import step_kinds
from testarena_ci.quarantine import Entry, in_quarantine, problems
from testarena_ci.settings import Findings, Settings
from tpf.context import Kinds
from tpf.errors import Problem, ScenarioErrors
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
        retry_panics=settings.retry_panics,
    )


def load_judged(settings: Settings, known: Language, cwd: Path, today: dt.date) -> tuple[Scenario, ...]:
    """All scenarios, with the quarantine file's word on them.

    Raises ScenarioErrors or SettingsErrors with all that is wrong in scenarios and quarantine file, an expired entry,
    too.
    """
    entries, wrong = _entries(settings, cwd)
    try:
        scenarios = load(settings, known, cwd)
    except ScenarioErrors as error:
        expired = problems(entries, (), today, all_known=False)
        raise ScenarioErrors((*error.problems, *wrong, *expired)) from error
    strange = problems(entries, scenarios, today, all_known=all_known(settings, cwd))
    Findings(sorted((*wrong, *strange), key=lambda problem: problem.source)).end()
    return in_quarantine(scenarios, entries)


def load_marked(settings: Settings, known: Language, cwd: Path) -> tuple[Scenario, ...]:
    """As `load_judged`, but entries that are expired or about nothing are nobody's business here."""
    entries, wrong = _entries(settings, cwd)
    Findings(wrong).end()
    return in_quarantine(load(settings, known, cwd), entries)


def _entries(settings: Settings, cwd: Path) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    if settings.quarantine is None:
        return (), ()
    from testarena_ci.quarantine_file import look_into  # lazy: 15 ms for the YAML library, if there is a file

    path = settings.quarantine.path
    shown = path.relative_to(cwd) if path.is_relative_to(cwd) else path
    return look_into(path, str(shown))


def all_known(settings: Settings, cwd: Path) -> bool:
    """Whether the scenarios that a command reads are all that the project has.

    They are when they hold all that the settings file names (or the default folder); without any such, when they are
    whole folders.
    """
    given = [(cwd / path).resolve() for path in settings.scenarios]
    wanted = [path.resolve() for path in (cwd / name for name in settings.of_project) if path.exists()]
    if not wanted:
        return all(path.is_dir() for path in given)
    return all(any(path == place or place in path.parents for place in given) for path in wanted)


def checkout_of(folder: Path) -> Path:
    """The folder that paths of scenarios can't leave: the nearest one above with a .git, else the folder itself."""
    for candidate in (folder, *folder.parents):
        if (candidate / ".git").exists():
            return candidate
    return folder
