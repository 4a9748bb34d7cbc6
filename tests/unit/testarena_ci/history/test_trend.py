from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testarena_ci.history.trend import changes, percentile, steps


def noisy(level: float, number: int, seed: int) -> list[float]:
    chance = random.Random(seed)  # noqa: S311  noise, no secret
    return [chance.gauss(level, level * 0.02) for _ in range(number)]


def test_a_new_level_is_found_where_it_began() -> None:
    found = list(changes([*noisy(100, 20, 1), *noisy(120, 20, 2)]))
    assert [change.at for change in found] == [20]
    assert found[0].relative == pytest.approx(0.2, abs=0.05)


def test_up_and_down_again_are_two_changes() -> None:
    assert [change.at for change in changes([10.0] * 12 + [15.0] * 12 + [10.0] * 12)] == [12, 24]


@pytest.mark.parametrize("seed", range(20))
def test_noise_and_outliers_are_no_change(seed: int) -> None:
    values = noisy(100, 60, seed)
    values[30] = 500.0
    assert list(changes(values)) == []


def test_a_shift_too_small_to_matter_is_none() -> None:
    assert list(changes([100.0] * 10 + [101.0] * 10)) == []


def test_too_few_values_prove_nothing() -> None:
    assert list(changes([1.0, 1.0, 1.0, 9.0, 9.0, 9.0])) == []


def test_sizes_are_exact() -> None:
    assert [(one.at, one.after) for one in steps([1000.0, 1000.0, 1001.0, 1100.0, 1100.0])] == [(3, 1100.0)]
    assert [one.relative for one in steps([0.0, 5.0])] == [float("inf")]


@given(st.lists(st.floats(-1e300, 1e300), max_size=60))
def test_any_numbers_have_changes_in_order(values: list[float]) -> None:
    places = [change.at for change in changes(values)]
    assert places == sorted(set(places))


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(number) for number in range(1, 101)]
    assert [percentile(values, share) for share in (0.0, 0.5, 0.9, 1.0)] == [1.0, 50.0, 90.0, 100.0]
    assert percentile([7.0], 0.9) == 7.0
