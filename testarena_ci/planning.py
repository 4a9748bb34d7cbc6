"""What of the scenarios a run takes, in which order and how often: what the settings and the command line ask for."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from testarena_ci.settings import Settings
from tpf.errors import UsageError
from tpf.fold import fold
from tpf.journal import FILE_NAME as JOURNAL
from tpf.journal import read
from tpf.ordering import repeated, shuffled
from tpf.scenario.model import Scenario
from tpf.schedule import Plan, plan
from tpf.selection import Selection, check_cases, not_passed, selected

LARGEST_SEED: Final = 2**32 - 1
_SHOWN: Final = 10  # names in a message


@dataclass(frozen=True, slots=True, kw_only=True)
class Picks:
    """What is asked for on the command line alone, for one run."""

    cases: tuple[str, ...] = ()  # exactly these, `scenario/case`
    failed: frozenset[tuple[str, str]] | None = None  # only what an earlier report left not passed
    shuffle: int | None = None  # the seed
    repeat: int = 1
    until_fail: bool = False  # round after round; `repeat` is the most of them then, 1 for no bound

    def in_round(self, number: int) -> Picks:
        """Each round has an order of its own, which its seed alone makes again."""
        return self if self.shuffle is None else replace(self, shuffle=(self.shuffle + number - 1) % (LARGEST_SEED + 1))

    def properties(self, number: int) -> tuple[tuple[str, str], ...]:
        """What the report says of a round: what one needs to know to have the same again."""
        known = (
            ("shuffle", "" if self.shuffle is None else str(self.shuffle)),
            ("repeat", "" if self.repeat == 1 else str(self.repeat)),
            ("round", str(number) if self.until_fail else ""),
        )
        return tuple((name, value) for name, value in known if value)


def picks(
    *, case: tuple[str, ...], failed: str | None, shuffle: str | None, repeat: int, until_fail: bool, report: Path
) -> Picks:
    """What flags ask for; "" is a flag without its value. `report` is the run's own folder. Raises UsageError."""
    return Picks(
        cases=case,
        failed=None if failed is None else failed_in(Path(failed) if failed else report),
        shuffle=None if shuffle is None else _seed(shuffle),
        repeat=repeat,
        until_fail=until_fail,
    )


def _seed(text: str) -> int:
    if not text:
        return secrets.randbelow(1_000_000)  # short enough to be typed
    if text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_SEED)) and int(text) <= LARGEST_SEED:
        return int(text)
    raise UsageError(
        f"--shuffle: {text!r} is not a seed, a whole number from 0 to {LARGEST_SEED}; "
        "to have one picked, put --shuffle behind the paths"
    )


def failed_in(folder: Path) -> frozenset[tuple[str, str]]:
    """What the report in a folder left not passed. Raises JournalError or UsageError when there is no report."""
    journal = folder / JOURNAL
    if not journal.is_file():
        raise UsageError(
            f"--failed: {folder} holds no report of a run (no {JOURNAL}): name the folder of one; "
            "for that of the last run, put --failed behind the paths"
        )
    try:
        return not_passed(fold(read(journal)))
    except (ValueError, KeyError, IndexError) as error:
        raise UsageError(f"{journal}: is not the journal of a run: {error}") from error


def make_plan(settings: Settings, picks: Picks, scenarios: Sequence[Scenario]) -> Plan:
    """The plan of a run. Raises UsageError when nothing is left: a run without a case is no pass."""
    check_cases(scenarios, picks.cases)
    selection = Selection(filters=settings.filter, tags=settings.tag, cases=picks.cases, failed=picks.failed)
    wanted = selected(scenarios, selection)
    if not wanted:
        raise UsageError(_nothing_left(selection, scenarios))
    if not picks.until_fail:
        wanted = repeated(wanted, picks.repeat)
    return plan(wanted if picks.shuffle is None else shuffled(wanted, picks.shuffle))


def _nothing_left(selection: Selection, scenarios: Sequence[Scenario]) -> str:
    wanted = [
        *(f"--filter {text!r}" for text in selection.filters),
        *(f"--tag {tag!r}" for tag in selection.tags),
        *(f"--case {name!r}" for name in selection.cases),
        *([] if selection.failed is None else [f"--failed ({_some(f'{s}/{c}' for s, c in selection.failed)})"]),
    ]
    known = _some(repr(scenario.name) for scenario in scenarios)
    asked = f"matches {' and '.join(wanted)}" if wanted else "is there"
    return f"no case {asked}; the scenarios are {known}; see them all with `testarena list`"


def _some(names: Iterable[str]) -> str:
    found = sorted(names)
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return ", ".join(found[:_SHOWN]) + more
