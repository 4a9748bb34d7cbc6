"""Calls of `testarena` as a user makes them: a process of its own, in a folder of the test's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

COMMAND: Final = str(Path(sys.executable).parent / "testarena")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandLine:
    """`testarena` in a folder, with an environment."""

    folder: Path
    environment: Mapping[str, str]

    def __call__(self, *arguments: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *arguments],
            cwd=self.folder,
            env={**self.environment, **variables},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
