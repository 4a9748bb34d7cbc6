"""What a step costs on the host beyond its wait: the medians of steps that have nothing to wait for, by the journal."""

from __future__ import annotations

import statistics
from collections import defaultdict

from bench.journals import folder, write
from bench.journals import run as run_scenarios
from bench.measure import row
from tpf import events as ev

CASES = 200
STEPS = """<log>a line</log>
<expect match="regex" save="number">said (\\d+)</expect>
<check value="${number}" min="1"/>
<metric name="number">${number}</metric>
<forbid>never</forbid>
<expect>said</expect>
<send>ping</send>
"""


def run() -> str:
    cases = "\n".join(f'<case name="case {number}">{STEPS}</case>' for number in range(CASES))
    with folder() as place:
        (place / "talker.py").write_text('import sys\nprint("said 1\\n" * 1000, flush=True)\nsys.stdin.read()\n')
        ready = '<setup><wait for="300ms"/></setup>\n'
        write(place, "steps", ready + cases, device="python3 talker.py")
        _, events = run_scenarios(place)
    took: defaultdict[str, list[float]] = defaultdict(list)
    kind, start = "", 0.0
    for event in events:
        if isinstance(event, ev.StepStarted):
            kind, start = event.kind, event.t
        elif isinstance(event, ev.StepFinished):
            took[kind].append(event.t - start)
    lines = [row(kind, f"{1000 * statistics.median(times):8.3f} ms") for kind, times in took.items() if kind != "wait"]
    return "\n".join(["what a step costs beyond its wait, from its start to its end", *lines])


if __name__ == "__main__":
    print(run())
