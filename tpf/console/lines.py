"""From clean text in pieces to numbered lines in batches."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines that became complete together; `texts` may hold colours (SGR sequences), nothing else that isn't printable."""

    first: int  # number of the first one, counted from 1 over the whole life of the console, all boots
    texts: list[str]  # without line ends; never empty; each at most 64 Ki characters
    time: float  # when they came, by the console's clock
