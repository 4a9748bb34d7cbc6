"""The bar of the fuzzer can be broken, and says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.measure import Meter, TooSlow, verdict

DYING = """
import os
from pathlib import Path
from tests.fuzz.measure import Meter, in_a_child

def target(data):
    if data == b"last":
        os.kill(os.getpid(), 9)

def work():
    for data in (b"one", b"two", b"last"):
        meter(data)

meter = Meter(target, Path("slowest"))
code, memory = in_a_child(work)
print(code, meter.counts()[0], memory > 1, meter.counts()[1] > 0, in_a_child(lambda: os._exit(77))[0])
"""


def test_what_a_fuzzer_ran_is_known_also_when_it_dies(
    checkout: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """In a Python of its own: the one of the tests has threads, and must not fork."""
    alone = {**environment, "PYTHONPATH": str(checkout)}
    ran = subprocess.run([sys.executable, "-c", DYING], cwd=tmp_path, env=alone, capture_output=True, check=True)
    assert ran.stdout.decode().split() == ["-9", "3", "True", "True", "77"]
    assert (tmp_path / "slowest").read_bytes() in {b"one", b"two"}


def test_a_slow_input_fails(tmp_path: Path) -> None:
    meter = Meter(lambda _: None, tmp_path / "slowest", limit=0.0)
    with pytest.raises(TooSlow, match="for one input of 3 bytes"):
        meter(b"abc")


@pytest.mark.parametrize(
    "code, inputs, seconds, memory, said",
    [
        (0, 10, 0.9, 199.0, []),
        (77, 3, 0.1, 50.0, ["the fuzzer ended with 77: see above what is wrong", "only 3 of 10 inputs were run"]),
        (0, 10, 1.2, 50.0, ["an input took 1.20 s, more than 1 s"]),
        (0, 10, 0.1, 201.0, ["201 MB of memory were needed, more than 200 MB"]),
    ],
)
def test_the_verdict(code: int, inputs: int, seconds: float, memory: float, said: list[str]) -> None:
    assert verdict(code, inputs, 10, seconds, memory) == said
