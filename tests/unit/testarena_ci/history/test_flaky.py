from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testarena_ci.history.flaky import CaseName, CaseOutcomes, FlakyCase, Outcome, flaky_cases, lower_bound

NAME = CaseName(scenario="console", case="ping", target="esp32")


def judged(*told: str) -> FlakyCase | None:
    """Each `commit verdict`, `commit verdict kind`, or `commit retried`."""
    outcomes = []
    for number, text in enumerate(told):
        commit, verdict, *kind = text.split()
        retried = verdict == "retried"
        outcomes.append(
            Outcome(
                run_id=f"r{number}",
                commit="" if commit == "-" else commit,
                verdict="passed" if retried else verdict,
                kind="".join(kind),
                attempts=2 if retried else 1,
                flaky=retried,
            )
        )
    found = flaky_cases([CaseOutcomes(name=NAME, outcomes=tuple(outcomes))])
    return found[0] if found else None


@pytest.mark.parametrize(
    "told, contradictions",
    [
        (("a passed", "a failed", "a passed"), 2),
        (("a retried",), 1),
        (("a passed", "b failed", "c passed"), 0),  # a regression and its mending
        (("a failed", "a failed"), 0),
        (("a passed", "a error interrupted", "a passed"), 0),
        (("a passed", "a error build", "a skipped"), 0),
        (("a passed", "a error machine"), 1),
        (("- passed", "- failed"), 0),  # who knows which commits these were
        (("- retried", "- failed"), 1),
    ],
)
def test_what_contradicts_itself_on_one_commit_is_flaky(told: tuple[str, ...], contradictions: int) -> None:
    found = judged(*told)
    assert (found.contradictions if found else 0) == contradictions


def test_the_evidence_names_the_commit_and_its_runs() -> None:
    found = judged("a passed", "b passed", "b failed", "b passed")
    assert found is not None
    assert found.results == 4
    assert [(one.commit, [outcome.run_id for outcome in one.outcomes]) for one in found.evidence] == [
        ("b", ["r1", "r2", "r3"])
    ]


def test_much_evidence_ranks_above_little_of_the_same_rate() -> None:
    assert lower_bound(1, 2) < lower_bound(20, 40) < 0.5


@given(st.integers(1, 10_000), st.data())
def test_the_score_is_never_above_the_rate(results: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, results))
    assert 0.0 <= lower_bound(hits, results) <= hits / results + 1e-12
