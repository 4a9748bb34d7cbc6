"""Tests that steps told of (`Part`s), gathered over the attempts at their case: what fold and progress both count.

A part that comes again in a later attempt is the same test tried again; one that comes twice within an attempt is
another test of the same name, and is told apart by a number: ``suite/name (2)``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from tpf import events as ev
from tpf.result import Attempt, CaseResult, Failure, FailureKind, Part, Quarantine, Source, Verdict, verdict_of, worst

_NAMED: Final = 3  # bad parts that a message of one line names
_LISTED: Final = 50  # bad parts that its details list


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    """One time that a part was told of."""

    attempt: int
    end: float  # seconds since the start of the run
    part: Part
    may_fail: bool  # its case is expected to fail

    @property
    def expected(self) -> Failure | None:
        """The failure that does no harm."""
        return self.part.failure if self.may_fail and self.part.verdict is Verdict.FAILED else None

    @property
    def verdict(self) -> Verdict:
        return self.part.verdict if self.expected is None else Verdict.PASSED


@dataclass(slots=True, kw_only=True)
class Gathered:
    """A part over all attempts at its case."""

    name: str
    quarantine: Quarantine | None = None
    tries: list[_Try] = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        return self.tries[-1].verdict

    @property
    def flaky(self) -> bool:
        return self.verdict is Verdict.PASSED and any(one.verdict.bad for one in self.tries)

    @property
    def quarantined(self) -> bool:
        return self.quarantine is not None and self.verdict is Verdict.FAILED

    def result(self, case: ev.PlannedCase | None, source: Source) -> CaseResult:
        """The part as a case; `case` is the one that it belongs to, None outside of cases, `source` its place."""
        last = self.tries[-1].part
        left_out = last.verdict is Verdict.SKIPPED
        return CaseResult(
            name=f"{case.name} / {self.name}" if case else self.name,
            source=last.source or source,
            attempts=() if left_out else tuple(_attempts(self.tries)),
            tags=case.tags if case else (),
            skip_reason=last.skip if left_out else "",
            notes=last.notes,
            ticket=case.ticket if case else "",
            part_of=case.name if case else "",
            quarantine=self.quarantine,
        )


def _attempts(tries: Sequence[_Try]) -> Iterator[Attempt]:
    for one in tries:
        if one.verdict is not Verdict.SKIPPED:
            yield Attempt(
                number=one.attempt,
                start=max(0.0, one.end - one.part.seconds),
                seconds=one.part.seconds,
                verdict=one.verdict,
                failure=one.part.failure if one.expected is None else None,
                expected=one.expected,
                log=one.part.log,
            )


class Parts:
    """The parts of one scenario, as its events tell of them."""

    def __init__(self, cases: Sequence[ev.PlannedCase] = ()) -> None:
        self._cases = tuple(cases)
        self._may_fail = frozenset(number for number, case in enumerate(cases) if case.ticket)
        self._found: dict[int | None, dict[str, Gathered]] = {}  # by case, by name
        self._seen: Counter[tuple[int | None, int, str]] = Counter()
        self._attempt = 0  # at the current case
        self._boot = 0  # what an attempt is for parts outside of cases

    def apply(self, event: ev.CaseStarted | ev.Booted | ev.PartFinished) -> None:
        """Take the next event."""
        match event:
            case ev.CaseStarted():
                self._attempt = event.attempt
            case ev.Booted():
                self._boot = max(self._boot, event.boot)
            case ev.PartFinished():
                self._add(event, self._boot if event.case is None else self._attempt)

    def _add(self, event: ev.PartFinished, attempt: int) -> None:
        seen = (event.case, attempt, event.part.name)
        self._seen[seen] += 1
        number = self._seen[seen]
        name = event.part.name if number == 1 else f"{event.part.name} ({number})"
        quarantine = None if event.case is None else self._cases[event.case].quarantine_of(name)
        fresh = Gathered(name=name, quarantine=quarantine)
        found = self._found.setdefault(event.case, {}).setdefault(name, fresh)
        may_fail = event.case in self._may_fail
        found.tries.append(_Try(attempt=attempt, end=event.t, part=event.part, may_fail=may_fail))

    def of(self, case: int | None) -> tuple[Gathered, ...]:
        """Those of a case, or with None those of setups and teardowns outside of cases."""
        return tuple(self._found.get(case, {}).values())

    def __iter__(self) -> Iterator[Gathered]:
        return (found for group in self._found.values() for found in group.values())

    def __len__(self) -> int:
        return sum(len(group) for group in self._found.values())


def failure_by(parts: Sequence[Part], source: Source) -> Failure | None:
    """The failure of a step whose parts these are, as grave as the gravest of them; None when none is bad."""
    bad = [(part, part.failure) for part in parts if part.failure is not None]
    if not bad:
        return None
    gravest = worst(part.verdict for part, _ in bad)
    kinds = [failure.kind for _, failure in bad if verdict_of(failure) is gravest]
    kind = FailureKind.PANIC if FailureKind.PANIC in kinds else kinds[0]  # it decides whether there is another try
    names = ", ".join(part.name for part, _ in bad[:_NAMED])
    more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
    lines = [f"{part.name}: {failure.headline}" for part, failure in bad[:_LISTED]]
    if len(bad) > _LISTED:
        lines.append(f"... and {len(bad) - _LISTED} more")
    head = f"{len(bad)} of {len(parts)} tests did not pass: {names}{more}"
    return Failure(kind=kind, message="\n".join((head, *lines)), source=source)
