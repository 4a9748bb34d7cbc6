"""How many rounds a run of `--until-fail` makes: as many as its time allows. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def another(ends: Sequence[float], *, limit: float, most: int | None) -> bool:
    """Whether there is room for one more round as long as the longest so far.

    `ends` says when each round ended, in seconds since the start of the first; `limit` is the time for all of them.
    A round that couldn't end would make a failure of what was well.
    """
    if most is not None and len(ends) >= most:
        return False
    longest = max(end - start for start, end in zip((0.0, *ends), ends, strict=False))
    return ends[-1] + longest <= limit
