from __future__ import annotations

import pytest

from testarena_ci.forges.answers import Answer, asked_to_wait
from testarena_ci.forges.links import version

NOW = "Wed, 21 Oct 2026 07:28:00 GMT"


@pytest.mark.parametrize(
    "headers, seconds",
    [
        ({}, None),
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:29:30 GMT", "date": NOW}, 90.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:00:00 GMT", "date": NOW}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2026 07:29:30 GMT"}, None),  # whose clock?
        ({"retry-after": "soon", "date": NOW}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "9" * 400}, 999999999.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1792567690", "date": NOW}, 10.0),
        ({"x-ratelimit-remaining": "7", "x-ratelimit-reset": "1792567690", "date": NOW}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "later", "date": NOW}, None),
    ],
)
def test_asked_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_to_wait(Answer(status=429, headers=headers)) == seconds


def test_versions_compare_as_numbers() -> None:
    names = ["1.9.0", "v1.21.11", "1.25.3", "1.26.0+dev-12", "1.27", "28.0.1"]
    assert sorted(names, key=version) == names


@pytest.mark.parametrize("text", ["", "main", "dev-1.26"])
def test_no_version(text: str) -> None:
    assert version(text) == ()
