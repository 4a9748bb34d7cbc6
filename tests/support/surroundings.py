"""A job at a fake forge, for tests that call the app as the command line does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Final

from testarena_ci.app import Surroundings
from testarena_ci.context import CIContext, ForgeKind, RunIdentity, RunnerFiles
from tests.fakes.forge import FakeForge

SHA: Final = "a" * 40
DAY: Final = dt.date(2026, 1, 2)


def surroundings(
    folder: Path, forge: FakeForge, say: Callable[[str], None], kind: ForgeKind = ForgeKind.GITHUB
) -> Surroundings:
    """A job in `folder`, where the runner's files `output` and `summary` are too; attempt 1 of run 5."""
    ci = CIContext(
        kind=kind,
        ci=True,
        api_url=forge.api("ghe" if kind is ForgeKind.GITHUB else "gitea"),
        repo_url="https://forge.example/acme/lamp",
        repository="acme/lamp",
        sha=SHA,
        run=RunIdentity(id=5, number=5),
        files=RunnerFiles(output=folder / "output", summary=folder / "summary"),
        token="t0ken",
        warnings=("GITHUB_REF is odd",),
    )
    return Surroundings(cwd=folder, ci=ci, say=say, terminal=False, today=DAY)
