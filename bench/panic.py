"""A device that panics while a step waits 30 s for something else: from the command that crashes it to the verdict."""

from __future__ import annotations

import statistics

from bench.journals import folder, write
from bench.journals import run as run_scenarios
from bench.measure import row
from tpf import events as ev

CASES = 10
CASE = """<case name="crash {}" expected="fail" ticket="bench">
  <send>crash</send>
  <expect within="30s">pong</expect>
</case>"""
PROGRAM = """import sys
print("ready", flush=True)
sys.stdin.readline()
print("Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.")
print("Backtrace: 0x400d1234:0x3ffb0000", flush=True)
sys.stdin.readline()
"""


def run() -> str:
    with folder() as place:
        (place / "crash.py").write_text(PROGRAM)
        cases = "\n".join(CASE.format(number) for number in range(CASES))
        body = f"<setup><expect>ready</expect></setup>\n{cases}"
        write(place, "crash", body, device="python3 crash.py", more=' boot="case"')
        _, events = run_scenarios(place)
    sent, times = 0.0, []
    for event in events:
        match event:
            case ev.StepStarted(kind="expect", phase="case"):
                sent = event.t
            case ev.StepFinished() if sent:
                times.append(event.t - sent)
                sent = 0.0
            case _:
                pass
    assert len(times) == CASES
    text = f"{1000 * statistics.median(times):8.1f} ms at the median, {1000 * max(times):.1f} ms at most"
    return "\n".join(["from a panic to the verdict", row("testarena", text)])


if __name__ == "__main__":
    print(run())
