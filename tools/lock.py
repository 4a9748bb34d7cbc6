"""``python -m tools.lock``: asks pip what it would install today and writes that to tools/constraints.txt.

    # Written by `make lock`: ...
    click==8.1.8

A fresh checkout gets the versions that were tested, and a new release of a linter breaks nobody's day. The versions
are those that the oldest Python we support can have: newer Pythons can have them too.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

HEADER = "# Written by `make lock`: the versions that the project is developed and tested with.\n"


def requirements(project: dict[str, Any]) -> tuple[str, ...]:
    """All direct dependencies in pyproject.toml, those of the extras too."""
    extras = project["project"]["optional-dependencies"].values()
    return tuple(sorted({*project["project"]["dependencies"], *(each for extra in extras for each in extra)}))


def pip_arguments(project: dict[str, Any], target: str, running: tuple[int, int]) -> tuple[str, ...]:
    """What makes pip report its choice for the oldest Python, and install nothing.

    For another Python than the running one, pip takes nothing but wheels: that fails when a package (esptool) has none.
    """
    oldest = project["project"]["requires-python"].removeprefix(">=")
    choose = ("install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-", "--target", target)
    same = oldest == ".".join(map(str, running))
    other = () if same else ("--python-version", f"{oldest}.0", "--only-binary", ":all:")
    return (*choose, *other, *requirements(project))


def pins(report: dict[str, Any]) -> tuple[str, ...]:
    """`name==version` of everything in pip's report."""
    return tuple(
        sorted(f"{each['metadata']['name'].lower()}=={each['metadata']['version']}" for each in report["install"])
    )


def main(checkout: Path) -> None:
    """Write the file; pip's own words are on stderr when it fails."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as target:
        command = (sys.executable, "-m", "pip", *pip_arguments(project, target, sys.version_info[:2]))
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=600)
    wanted = "\n".join(pins(json.loads(answer.stdout)))
    (checkout / "tools" / "constraints.txt").write_text(f"{HEADER}{wanted}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path())
