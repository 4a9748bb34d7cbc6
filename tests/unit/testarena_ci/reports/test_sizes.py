"""Sizes of firmware as people read them."""

from __future__ import annotations

import pytest

from testarena_ci.reports.sizes import byte_words, size_words
from tpf.result import FirmwareSize


@pytest.mark.parametrize(
    "number, words",
    [
        (0, "0 B"),
        (17, "17 B"),
        (1023, "1023 B"),
        (1024, "1 KB"),
        (64718, "63.2 KB"),
        (321296, "314 KB"),
        (1 << 20, "1 MB"),
    ],
)
def test_bytes_in_words(number: int, words: str) -> None:
    assert byte_words(number) == words


def test_the_image_comes_first_and_a_total_makes_a_share() -> None:
    sizes = (
        FirmwareSize(name="DIRAM", used=64718, total=321296),
        FirmwareSize(name="image", used=170240, total=1 << 20),
        FirmwareSize(name="RTC", used=24),
    )
    assert size_words(sizes) == "image 166 KB of 1 MB (16%), DIRAM 63.2 KB of 314 KB (20%), RTC 24 B"


def test_nothing_known_is_nothing_said() -> None:
    assert size_words(()) == ""
