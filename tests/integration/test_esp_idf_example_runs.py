"""The scenarios of examples/esp-idf run: with stand-ins for ESP-IDF and QEMU, whose program says what the sources say.

What is checked is that the scenarios fit together with each other and with the language: names of files, order of
steps, patterns. That the sources do what the program here does, only the real ESP-IDF can show.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.fakes.espressif_qemu import Program, UnityTest, app_image, install
from tests.support.arena import Arena
from tests.support.idf import fake_idf

STATUS = '{"target": "{target}", "version": "1", "boots": {count}, "free_heap": 270000, "uptime_ms": 1500}\n'
BARK = "E (5078) task_wdt: Task watchdog got triggered. The following tasks/users did not reset the watchdog in time:"
HELP = [f"{name} \n  ..." for name in ("help", "ping", "heap", "nvs", "crash  null|abort|assert|stack|wdt", "restart")]


def lamp(target: str) -> Program:
    """What examples/esp-idf/main does."""
    broken = {
        "crash null": {"panic": "load"},
        "crash abort": {"panic": "abort"},
        "crash assert": {
            "panic": "assert",
            "said": 'assert failed: by_assert crash.c:31 (lamps == 1 && "there is a lamp")',
        },
        "crash stack": {
            "panic": "stack",
            "said": "***ERROR*** A stack overflow in task digger has been detected.",
        },
    }
    return Program(
        name="lamp",
        boot=["lamp: boot {count}", "network: address 10.0.2.15", "web: listening on port 80"],
        prompt=f"{target}> ",
        commands={
            "help": HELP,
            "ping": ["pong"],
            "heap": ["free: 270000, least so far: 265000"],
            "nvs count": ["boots: {count}"],
            "nvs forget": [{"forget": True}],
            "restart": [{"restart": True}],
            "crash": ["usage: crash null|abort|assert|stack|wdt", "Command returned non-zero error code: 0x1 (ERROR)"],
            "crash wdt": [BARK, "E (5078) task_wdt:  - IDLE (CPU 0)", "the work is done"],
            **{line: [panic] for line, panic in broken.items()},
        },
        pages={"/": "<h1>Hello from the lamp</h1>", "/api/status": STATUS},
    )


TESTS = Program(
    name="lamp_tests",
    tests=[
        UnityTest(name="nothing is 0 s", tags="[duration]"),
        UnityTest(name="what is written can be read", tags="[nvs]"),
    ],
)


@pytest.mark.parametrize("target", ["esp32c3", "esp32"])
def test_the_scenarios_pass(checkout: Path, tmp_path: Path, environment: dict[str, str], target: str) -> None:
    folder, reports = tmp_path / "lamp", tmp_path / "reports"
    ignored = shutil.ignore_patterns("build", ".testarena", "testarena-report")
    shutil.copytree(checkout / "examples" / "esp-idf", folder, ignore=ignored)
    reports.mkdir()
    for part, program in ((folder, lamp(target)), (folder / "test_app", TESTS)):
        (part / "prebuilt").mkdir()
        (part / "prebuilt" / f"{program.name}.bin").write_bytes(app_image(program, target))
    idf = fake_idf(tmp_path / "idf")
    given = {
        "PATH": f"{install(tmp_path / 'bin')}:{environment['PATH']}",
        "HOME": str(tmp_path),
        "IDF_PATH": str(idf.path),
        "IDF_TOOLS_PATH": str(idf.tools),
    }
    report = (
        Arena(folder=folder, environment={**environment, **given}, reports=reports).run("--target", target).ended(0)
    )
    assert set(report.verdicts.values()) == {"passed"}
    assert len(report.verdicts) >= 19
