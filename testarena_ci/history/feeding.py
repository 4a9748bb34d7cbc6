"""Brings runs into the history: from a result at hand, or from the journals in folders, finished or cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from testarena_ci.history.records import RunRecord, record_of
from testarena_ci.history.store import Store, open_store
from testarena_ci.report_folder import is_held
from testarena_ci.runner_commands import neutralise
from tpf.errors import TestArenaError, UsageError
from tpf.fold import fold
from tpf.journal import FILE_NAME as JOURNAL
from tpf.journal import read
from tpf.result import RunResult

_PATIENCE: Final = 10.0  # seconds that the end of a run waits for others who write


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import came to."""

    added: int = 0
    known: int = 0
    cases: int = 0
    problems: tuple[str, ...] = ()


def feed(path: Path, result: RunResult, say: Callable[[str], None]) -> None:
    """Keep a run that has just ended. Trouble is a note, and changes no verdict."""
    try:
        with open_store(path, patience=_PATIENCE) as store:
            store.add(record_of(result))
    except TestArenaError as error:
        say(neutralise(f"note: this run is not in the history: {error}"))


def import_folders(store: Store, folders: Iterable[Path]) -> Imported:
    """Keep the runs of all journals in folders. What is wrong with one journal stops no other."""
    added = known = cases = 0
    problems: list[str] = []
    for journal in _journals(folders, problems):
        try:
            record = _read(journal)
        except TestArenaError as error:
            problems.append(str(error))
            continue
        new = store.add(record)
        added, known, cases = added + new, known + (not new), cases + (len(record.cases) if new else 0)
    return Imported(added=added, known=known, cases=cases, problems=tuple(problems))


def _journals(folders: Iterable[Path], problems: list[str]) -> Iterator[Path]:
    """A journal by its own name, that of a report folder, or all that lie somewhere below a folder."""
    for folder in folders:
        if folder.is_file():
            yield folder
        elif (folder / JOURNAL).is_file():
            yield folder / JOURNAL
        else:
            below = sorted(path for path in folder.rglob(JOURNAL) if path.is_file())
            if not below:
                problems.append(f"{folder}: no {JOURNAL} there: a run writes it into its report folder")
            yield from below


def _read(journal: Path) -> RunRecord:
    """What a journal tells. Raises UsageError, JournalError."""
    if is_held(journal.parent):
        raise UsageError(f"{journal}: a run is still writing here; import it when it has ended")
    try:
        return record_of(fold(read(journal)))
    except (ValueError, KeyError, IndexError) as error:
        raise UsageError(f"{journal}: is not the journal of a run: {error}") from error
