"""``python -m tools.lock``: asks pip what it would install today and writes that to tools/constraints.txt.

    # written by `make lock`: the versions that the project is developed and tested with
    click==8.1.8

A fresh checkout thus gets the versions that were tested, and a new release of a linter breaks nobody's day.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HEADER = "# Written by `make lock`: the versions that the project is developed and tested with.\n"
PIP = (sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-")


def pins(report: dict[str, Any], own: str) -> tuple[str, ...]:
    """`name==version` of everything in pip's installation report but the project itself."""
    packages = (item["metadata"] for item in report["install"])
    return tuple(sorted(f"{each['name'].lower()}=={each['version']}" for each in packages if each["name"] != own))


def main(constraints: Path) -> None:
    """Write the file; pip's own words are on stderr when it fails."""
    answer = subprocess.run([*PIP, "-e", ".[dev]"], check=True, stdout=subprocess.PIPE, timeout=600)
    wanted = "\n".join(pins(json.loads(answer.stdout), own="testarena-ci"))
    constraints.write_text(f"{HEADER}{wanted}\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path("tools/constraints.txt"))
