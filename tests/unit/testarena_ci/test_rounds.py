"""How many rounds there is time for."""

from __future__ import annotations

import pytest

from testarena_ci.rounds import another


@pytest.mark.parametrize(
    "ends, limit, most, more",
    [
        ([1.0], 10.0, None, True),
        ([1.0], 2.0, None, True),
        ([1.0], 1.9, None, False),
        ([1.0, 6.0], 10.0, None, False),  # the second took five
        ([5.0, 6.0], 10.0, None, False),  # the first did
        ([5.0, 6.0], 11.0, None, True),
        ([1.0], 10.0, 1, False),
        ([1.0], 10.0, 2, True),
        ([1.0, 2.0], 10.0, 2, False),
    ],
)
def test_there_is_room_for_one_as_long_as_the_longest(
    ends: list[float], limit: float, most: int | None, more: bool
) -> None:
    assert another(ends, limit=limit, most=most) is more
