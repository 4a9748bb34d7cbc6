"""The pinned versions are those that the oldest supported Python can have."""

from __future__ import annotations

from tools.lock import pins, pip_arguments

PROJECT = {
    "project": {
        "requires-python": ">=3.11",
        "dependencies": ["click>=8.1"],
        "optional-dependencies": {"dev": ["ruff>=0.9"], "bench": ["pexpect", "ruff>=0.9"]},
    }
}


def test_pip_is_asked_for_everything_as_the_oldest_python() -> None:
    arguments = pip_arguments(PROJECT, "/nowhere", (3, 13))
    assert arguments[-3:] == ("click>=8.1", "pexpect", "ruff>=0.9")
    assert arguments[arguments.index("--python-version") + 1] == "3.11.0"
    assert "--dry-run" in arguments


def test_the_oldest_python_can_do_without_wheels() -> None:
    arguments = pip_arguments(PROJECT, "/nowhere", (3, 11))
    assert "--only-binary" not in arguments
    assert "--dry-run" in arguments


def test_pins_are_sorted_and_exact() -> None:
    report = {"install": [{"metadata": {"name": each, "version": "1.0"}} for each in ("PyYAML", "click")]}
    assert pins(report) == ("click==1.0", "pyyaml==1.0")
