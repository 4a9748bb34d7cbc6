"""Who pays for which client library."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from testarena_ci.context import ForgeKind
from testarena_ci.forges import KINDS

LIBRARIES = {"github", "gitea", "requests", "urllib3"}
PROGRAM = """
import sys
from testarena_ci.context import CIContext, ForgeKind
from testarena_ci.forges import open_forge, publisher
from testarena_ci.reports import status
open_forge(CIContext(kind=ForgeKind({kind!r}), api_url="https://h/api/v1", repository="a/b", sha="c0", token="tok-1"))
print(*sorted({libraries!r} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    "kind,loaded",
    [
        ("local", ""),
        ("github", "github requests urllib3"),
        ("gitea", "gitea requests urllib3"),
        ("forgejo", "gitea requests urllib3"),
    ],
)
def test_only_the_forge_of_the_run_is_loaded(
    kind: str, loaded: str, checkout: Path, environment: dict[str, str]
) -> None:
    program = PROGRAM.format(kind=kind, libraries=LIBRARIES)
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=checkout, env=environment
    )
    assert ran.stdout.strip() == loaded


def test_every_kind_has_its_module() -> None:
    assert set(KINDS) == set(ForgeKind)
    for module in KINDS.values():
        assert callable(import_module(module).connect)
