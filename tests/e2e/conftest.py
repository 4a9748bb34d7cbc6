"""What the end-to-end tests share: the action as users get it, and one runner with its tool cache."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import INHERITED
from tests.support.act import Runner
from tests.support.entry import Entry, Installation, install

PACKAGES_COME_FROM = re.compile(r"PIP_.*|.*_proxy", re.IGNORECASE)


@pytest.fixture(scope="session")
def published(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what git would ship, for what lies about in a checkout must not be needed."""
    folder = tmp_path_factory.mktemp("action")
    listing = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = subprocess.run(listing, cwd=checkout, check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout
    for name in filter(None, names.split("\0")):
        if (checkout / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(checkout / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def online() -> dict[str, str]:
    """The environment of a developer's machine, with the way to the packages."""
    return {
        name: value for name, value in os.environ.items() if name in INHERITED or PACKAGES_COME_FROM.fullmatch(name)
    }


@pytest.fixture(scope="session")
def entry(published: Path, online: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Entry:
    """run.sh as the action calls it."""
    tools = str(tmp_path_factory.mktemp("tools"))
    return Entry(script=published / "entrypoint" / "run.sh", environment={**online, "RUNNER_TOOL_CACHE": tools})


@pytest.fixture(scope="session")
def installation(entry: Entry) -> Installation:
    """testarena, installed by run.sh for all tests to come."""
    return install(entry)


@pytest.fixture(scope="session")
def runner(
    published: Path, online: dict[str, str], installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Runner:
    """A runner whose jobs need no root: what they install is there already."""
    home = tmp_path_factory.mktemp("runner")
    programs = home / "bin"
    programs.mkdir()
    for name in ("sudo", "apt-get"):
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*"\n')
        (programs / name).chmod(0o755)
    return Runner(
        home=home,
        action=published,
        tools=installation.cache.parent,
        environment={**online, "PATH": f"{programs}:{online['PATH']}"},
    )
