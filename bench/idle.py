"""A device that says nothing while a step waits for it: how much of a core its run takes, beyond start and end."""

from __future__ import annotations

import statistics

from bench.journals import folder, write
from bench.journals import run as run_scenarios
from bench.measure import row

SHORT, LONG, ROUNDS = 1, 11, 3  # seconds


def run() -> str:
    with folder() as place:
        for seconds in (SHORT, LONG):
            body = f'<case name="wait"><wait for="{seconds}s"/></case>'
            write(place, f"for-{seconds}", body, device="sleep 60")
        shares = []
        for _ in range(ROUNDS):
            short, _ = run_scenarios(place, f"for-{SHORT}.xml")
            long, _ = run_scenarios(place, f"for-{LONG}.xml")
            shares.append((long.cpu - short.cpu) / (LONG - SHORT))
    share = statistics.median(shares)
    return "\n".join(["a device that says nothing", row("share of a core", f"{100 * share:8.2f} %")])


if __name__ == "__main__":
    print(run())
