"""`testarena compare` on what real runs have left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.arena import Arena

CASES = '<case name="ping"><expect>up</expect><expect within="5s">answer</expect></case>'


@pytest.fixture
def arena(tmp_path: Path, environment: dict[str, str]) -> Arena:
    """Two runs: in the second one the device says something else."""
    made = Arena(folder=tmp_path / "project", environment=environment, reports=tmp_path)
    (tmp_path / "project").mkdir()
    said = 'echo "I (%s) main: up at 0x400d%s"; echo "answer %s"; echo bye'
    machine = made.script("device.sh", said % (12, "1234", 1))
    made.scenario("console", machine + CASES)
    made.run("console.xml", report="base").ended(0)
    made.script("device.sh", (said % (99, "4321", 2)).replace("bye", "panic").replace("answer", "no idea"))
    made.run("console.xml", report="now").ended(1)
    return made


def test_folders_journals_results_and_the_history(arena: Arena) -> None:
    arena.call("history", "import", str(arena.reports / "base"), str(arena.reports / "now")).ended(0)
    base = ("base", "base/events.jsonl", "base/results.json")
    for name in (*(str(arena.reports / one) for one in base), arena.report("base").results["run"]["id"]):
        ran = arena.call("compare", name, str(arena.reports / "now"))
        ran.ended(1)
        assert "newly failing (1)\n  console/ping (console.xml:" in ran.out
        assert "WORSE: 1 newly failing, 0 unchanged" in ran.out
    back = arena.call("compare", "latest", str(arena.reports / "base"), "--format", "json")
    back.ended(0)
    assert json.loads(back.out)["counts"] == {"fixed": 1}
    console = arena.call("compare", "latest", str(arena.reports / "base"), "--log", "console/ping")
    console.refused(2, "latest: keeps no console", "report folders")


def test_the_console_of_a_case(arena: Arena) -> None:
    folders = (str(arena.reports / "base"), str(arena.reports / "now"))
    ran = arena.call("compare", *folders, "--log", "console/ping")
    ran.ended(1)
    assert "\n  I (99) main: up at 0x400d4321\n" in ran.out
    assert "\n- answer 1\n" in ran.out
    assert "\n+ no idea 2\n" in ran.out
    arena.call("compare", folders[0], folders[0], "--log", "console/ping").ended(0)
    arena.call("compare", *folders, "--log", "console/pong").refused(2, "did you mean 'console/ping'")


def test_what_is_no_run(arena: Arena) -> None:
    here = str(arena.reports / "now")
    arena.call("compare", "nowhere", here).refused(2, "nowhere", "history")
    arena.call("compare", ".", here).refused(2, "not a report folder")
