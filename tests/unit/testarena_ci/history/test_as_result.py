"""What the history keeps of a run is enough to compare it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from testarena_ci.compare.runs import compare
from testarena_ci.history.as_result import as_result
from testarena_ci.history.records import CaseRecord, record_of
from testarena_ci.history.schema import HistoryError
from tests.unit.testarena_ci.compare.test_views import before, now


def test_a_kept_run_compares_as_the_run_itself() -> None:
    itself = compare(before(), now())
    for base, then in ((as_result(record_of(before())), now()), (before(), as_result(record_of(now())))):
        kept = compare(base, then)
        assert kept.counts == itself.counts
        assert kept.unchanged == itself.unchanged
        assert (kept.metrics, kept.sizes, kept.times) == (itself.metrics, itself.sizes, itself.times)
        assert [(one.name, one.change) for one in kept.cases] == [(one.name, one.change) for one in itself.cases]


def test_counts_and_verdicts_are_those_of_the_run() -> None:
    for result in (before(), now()):
        again = as_result(record_of(result))
        assert (again.counts, again.verdict) == (result.counts, result.verdict)


def test_words_that_nobody_wrote_are_refused() -> None:
    odd = CaseRecord(scenario="console", target="esp32c3", case="x", verdict="splendid")
    with pytest.raises(HistoryError, match="splendid"):
        as_result(replace(record_of(before()), cases=(odd,)))
