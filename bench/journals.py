"""Runs scenarios as a user does, and reads off the journal what happened when."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.measure import TESTARENA, Cost, once
from tpf import events as ev
from tpf.journal import FILE_NAME, read

SCENARIO = """<scenario name="{name}" timeout="10min"{more}>
  <machine kind="command" command="{device}"/>
{body}
</scenario>
"""
ECHO = "python3 -u echo.py"  # a device that answers "pong" to "ping", and anything else by saying it again
ECHO_PROGRAM = """import sys
for line in sys.stdin:
    sys.stdout.write("pong\\n" if line == "ping\\n" else line)
    sys.stdout.flush()
"""


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for scenarios, with the program that echoes."""
    with tempfile.TemporaryDirectory(prefix="testarena-bench-") as name:
        (Path(name) / "echo.py").write_text(ECHO_PROGRAM)
        yield Path(name)


def write(place: Path, name: str, body: str, *, device: str = ECHO, more: str = "") -> None:
    """A scenario on a device that is a program."""
    (place / f"{name}.xml").write_text(SCENARIO.format(name=name, device=device, body=body, more=more))


def run(place: Path, *arguments: str) -> tuple[Cost, list[ev.Event]]:
    """Run scenarios of the folder (all when none is named): the cost, and what happened."""
    cost = once([TESTARENA, "run", *(arguments or (".",)), "--report-dir", "report"], place)
    return cost, list(read(place / "report" / FILE_NAME))
