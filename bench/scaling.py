"""What a case costs in a run of 10 cases and in one of 10 000, on a device that is a program: within 10 % at best."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

from bench.journals import folder, write
from bench.journals import run as run_scenarios
from bench.measure import row
from tpf import events as ev

FEW, MANY, IN_A_SCENARIO, ROUNDS = 10, 10_000, 1_000, 9
CASE = '<case name="exchange {}"><send>ping</send><expect>pong</expect></case>'


def cases(count: int) -> str:
    return "\n".join(CASE.format(number) for number in range(count))


def live(events: Sequence[ev.Event]) -> list[float]:
    """What the cases of a run took until the next one began, in ms."""
    starts = [event.t for event in events if isinstance(event, ev.CaseStarted)]
    ends = [event.t for event in events if isinstance(event, ev.CaseFinished)]
    return [1000 * (end - start) for start, end in zip(starts, ends, strict=True)]


def few(place: Path) -> tuple[float, float]:
    """Of the small run: what a case takes at the median, and the whole run in seconds."""
    runs = [run_scenarios(place, "few") for _ in range(ROUNDS)]
    took = [statistics.median(live(events)) for _, events in runs]
    return statistics.median(took), statistics.median(cost.wall for cost, _ in runs)


def run() -> str:
    with folder() as place:
        for name, count in (("few", FEW), ("many", MANY)):
            (place / name).mkdir()
            (place / name / "echo.py").write_bytes((place / "echo.py").read_bytes())
            for first in range(0, count, IN_A_SCENARIO):
                write(place / name, f"{name}-{first}", cases(min(count, IN_A_SCENARIO)))
        small, start = few(place)
        cost, events = run_scenarios(place, "many", "--jobs", "1")
    large = statistics.median(live(events))
    whole = 1000 * (cost.wall - start) / (MANY - FEW)
    return "\n".join(
        [
            "what a case costs (send, expect)",
            row(f"run of {FEW}", f"{small:8.2f} ms"),
            row(f"run of {MANY}", f"{large:8.2f} ms {large / small:7.2f}"),
            row("the same, all that is written", f"{whole:8.2f} ms {whole / small:7.2f}"),
        ]
    )


if __name__ == "__main__":
    print(run())
