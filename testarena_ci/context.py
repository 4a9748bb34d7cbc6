"""What the CI runner tells about this run: the one reader of the environment, which makes a `CIContext` of it."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

MOST_EVENT_BYTES: Final = 32 * 1024 * 1024  # GitHub's payloads end at 25 MB
SHORTEST_SECRET: Final = 4  # masking a shorter value would blacken ordinary text

_TOKENS: Final = ("TESTARENA_TOKEN", "GITEA_TOKEN", "FORGEJO_TOKEN", "GITHUB_TOKEN")
_SECRETS: Final = (*_TOKENS, "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "GITEA_RUNTIME_TOKEN")
_RUNNER_FILES: Final = ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")
_INPUT_PREFIX: Final = "TESTARENA_"
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_SHA: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class ForgeKind(StrEnum):
    """Where the run takes place; the names under which `forges.KINDS` knows them."""

    GITHUB = "github"
    GITEA = "gitea"
    FORGEJO = "forgejo"
    LOCAL = "local"  # no CI, or a CI without a forge that we know


@dataclass(frozen=True, slots=True, kw_only=True)
class RunIdentity:
    """Which run of which workflow this is. Numbers are 0 where the runner tells none."""

    id: int = 0
    number: int = 0
    attempt: int = 1
    workflow: str = ""
    job: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerFiles:
    """The files through which a step talks to the runner; None where there is no such file."""

    output: Path | None = None
    summary: Path | None = None
    env: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CIContext:
    """A run as its CI runner describes it. Texts are empty where the runner says nothing."""

    kind: ForgeKind = ForgeKind.LOCAL
    ci: bool = False
    api_url: str = ""  # without a trailing slash: https://api.github.com, https://git.example.com/api/v1
    server_url: str = ""  # may be an internal name: for machines
    repo_url: str = ""  # the repository as people see it: for links
    repository: str = ""  # owner/name
    sha: str = ""  # the commit that a status belongs on; empty when it can't be known
    ref: str = ""
    branch: str = ""  # the head branch of a pull request, else the pushed branch or tag
    base: str = ""  # the branch that a pull request goes to
    event: str = ""
    is_fork: bool = False  # a pull request from another repository: its token is read-only
    run: RunIdentity = field(default_factory=RunIdentity)
    files: RunnerFiles = field(default_factory=RunnerFiles)
    workspace: Path | None = None
    folder: str = ""  # where we run, within the workspace: "firmware/lamp"; annotations name files from the workspace
    token: str = field(default="", repr=False)
    masked: frozenset[str] = field(default=frozenset(), repr=False)  # never to be seen in any output
    warnings: tuple[str, ...] = ()  # what was wrong with the environment and how we went on

    @property
    def owner(self) -> str:
        return self.repository.partition("/")[0]

    @property
    def repo(self) -> str:
        return self.repository.partition("/")[2]


def environment() -> dict[str, str]:
    """A copy of this process's environment: the one place that reads it."""
    return dict(os.environ)


def inputs(environ: Mapping[str, str]) -> dict[str, str]:
    """The action's inputs: ``TESTARENA_REPORT_DIR=out`` becomes ``{"report_dir": "out"}``.

    Empty ones are left out (a composite action passes every input, set or not), and so is the token: it is no setting.
    """
    return {
        name.removeprefix(_INPUT_PREFIX).lower(): value
        for name, value in environ.items()
        if name.startswith(_INPUT_PREFIX) and value.strip() and name not in _SECRETS
    }


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for builds, host commands and emulators: no tokens, and no files that steer the runner.

    Some runners pass an action's inputs to its steps as INPUT_* too: a token goes under whatever name it has.
    """
    tokens = secret_values(environ)
    return {
        name: value
        for name, value in environ.items()
        if name not in _SECRETS and name not in _RUNNER_FILES and value.strip() not in tokens
    }


def secret_values(environ: Mapping[str, str]) -> frozenset[str]:
    """What must never be seen in any output."""
    return frozenset(filter(_is_secret, (environ.get(name, "").strip() for name in _SECRETS)))


def in_folder(context: CIContext, cwd: Path) -> CIContext:
    """The context of a run in this folder."""
    if context.workspace is None:
        return context
    here, root = Path(os.path.realpath(cwd)), Path(os.path.realpath(context.workspace))
    inside = here != root and here.is_relative_to(root)
    return replace(context, folder=str(here.relative_to(root))) if inside else context


def wants_colours(environ: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether what is written may be coloured: for people at a terminal who don't refuse it (https://no-color.org)."""
    refused = environ.get("NO_COLOR", "") != "" or environ.get("TERM", "") == "dumb"
    return terminal and not refused and not _on(environ, "CI")


def read_context(environ: Mapping[str, str]) -> CIContext:
    """The context of this run. Reads one file, the event's; whatever is wrong becomes a warning, never an error."""
    kind = _kind(environ)
    masked = secret_values(environ)
    ci = kind is not ForgeKind.LOCAL or _on(environ, "CI")
    if kind is ForgeKind.LOCAL:
        return CIContext(ci=ci, masked=masked)
    return _Reader(environ, kind).context(masked)


def _kind(environ: Mapping[str, str]) -> ForgeKind:
    """Forgejo sets GITEA_ACTIONS too, and both set GITHUB_ACTIONS: the order tells them apart."""
    if _on(environ, "FORGEJO_ACTIONS"):
        return ForgeKind.FORGEJO
    if _on(environ, "GITEA_ACTIONS"):
        return ForgeKind.GITEA
    if not _on(environ, "GITHUB_ACTIONS"):
        return ForgeKind.LOCAL
    old_gitea_runner = environ.get("GITHUB_API_URL", "").rstrip("/").endswith("/api/v1")
    return ForgeKind.GITEA if old_gitea_runner else ForgeKind.GITHUB


def _on(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "").strip().lower() not in ("", "0", "false", "no")


def _is_secret(value: str) -> bool:
    return len(value) >= SHORTEST_SECRET


class _Variables:
    """The environment's variables as texts, numbers, paths and addresses; what is wrong with one becomes a warning."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.warnings: list[str] = []

    def text(self, name: str) -> str:
        return self._environ.get(name, "").strip()

    def number(self, name: str) -> int:
        value = self.text(name)
        return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else 0

    def path(self, name: str) -> Path | None:
        value = self.text(name)
        return Path(value) if value and "\0" not in value else None

    def url(self, name: str, fallback: str = "") -> str:
        value = self.text(name).rstrip("/")
        if _is_web_address(value):
            return value
        instead = f"using {fallback}" if fallback else "going on without it"
        self.warnings.append(f"{name} is {_shown(_without_user(value))}, not an http(s) address: {instead}")
        return fallback

    def first(self, names: tuple[str, ...]) -> tuple[str, str]:
        """The name and value of the first of them that is set."""
        return next(((name, value) for name in names if (value := self.text(name))), ("", ""))


class _Reader:
    """Reads the environment and the event of an Actions-like runner."""

    def __init__(self, environ: Mapping[str, str], kind: ForgeKind) -> None:
        self._kind = kind
        self._variables = _Variables(environ)
        self._event = self._read_event()

    def context(self, masked: frozenset[str]) -> CIContext:
        variables = self._variables
        server = variables.url("GITHUB_SERVER_URL")
        repository = self._repository()
        return CIContext(
            kind=self._kind,
            ci=True,
            api_url=self._api_url(server),
            server_url=server,
            repo_url=self._repo_url(server, repository),
            repository=repository,
            sha=self._sha(),
            ref=variables.text("GITHUB_REF"),
            branch=variables.text("GITHUB_HEAD_REF") or variables.text("GITHUB_REF_NAME"),
            base=variables.text("GITHUB_BASE_REF"),
            event=variables.text("GITHUB_EVENT_NAME"),
            is_fork=self._is_fork(repository),
            run=_run_identity(variables),
            files=_runner_files(variables),
            workspace=variables.path("GITHUB_WORKSPACE"),
            token=self._token(),
            masked=masked,
            warnings=tuple(variables.warnings),
        )

    def _read_event(self) -> dict[str, Any]:
        path = self._variables.path("GITHUB_EVENT_PATH")
        if path is None:
            return {}
        event, warning = _load_event(path)
        if warning:
            self._variables.warnings.append(f"GITHUB_EVENT_PATH: {path}: {warning}; going on without the event")
        return event

    def _sha(self) -> str:
        """The head of a pull request, which on GitHub is not GITHUB_SHA: that is the merge commit, or the base.

        https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request
        """
        if "pull_request" in self._event or self._variables.text("GITHUB_EVENT_NAME").startswith("pull_request"):
            source, sha = "the event's pull_request.head.sha", _string(self._event, "pull_request", "head", "sha")
        else:
            source, sha = "GITHUB_SHA", self._variables.text("GITHUB_SHA")
        if _SHA.fullmatch(sha.lower()):
            return sha.lower()
        warning = f"{source} is {_shown(sha)}, not the hash of a commit: no commit status can be posted"
        self._variables.warnings.append(warning)
        return ""

    def _is_fork(self, repository: str) -> bool:
        """True for a pull request whose head lies in another repository, or in one that is gone."""
        if "pull_request" not in self._event:
            return False
        return _string(self._event, "pull_request", "head", "repo", "full_name").lower() != repository.lower()

    def _repository(self) -> str:
        name = self._variables.text("GITHUB_REPOSITORY")
        if _REPOSITORY.fullmatch(name) and not {".", ".."} & set(name.split("/")):
            return name
        warning = f"GITHUB_REPOSITORY is {_shown(name)}, not owner/name: no commit status can be posted"
        self._variables.warnings.append(warning)
        return ""

    def _api_url(self, server: str) -> str:
        fallback = f"{server}/api/v1" if self._kind is not ForgeKind.GITHUB and server else ""
        return self._variables.url("GITHUB_API_URL", fallback)

    def _repo_url(self, server: str, repository: str) -> str:
        seen_by_people = _string(self._event, "repository", "html_url").rstrip("/")
        if _is_web_address(seen_by_people):
            return seen_by_people
        return f"{server}/{repository}" if server and repository else ""

    def _token(self) -> str:
        """The first token there is; on GitHub a GITEA_TOKEN is none of ours."""
        names = ("TESTARENA_TOKEN", "GITHUB_TOKEN") if self._kind is ForgeKind.GITHUB else _TOKENS
        name, token = self._variables.first(names)
        if token and not (token.isascii() and token.isprintable() and " " not in token):
            self._variables.warnings.append(f"{name} holds characters that no token has: not used")
            return ""
        return token


def _run_identity(variables: _Variables) -> RunIdentity:
    return RunIdentity(
        id=variables.number("GITHUB_RUN_ID"),
        number=variables.number("GITHUB_RUN_NUMBER"),
        attempt=variables.number("GITHUB_RUN_ATTEMPT") or 1,
        workflow=variables.text("GITHUB_WORKFLOW"),
        job=variables.text("GITHUB_JOB"),
        actor=variables.text("GITHUB_ACTOR"),
    )


def _runner_files(variables: _Variables) -> RunnerFiles:
    return RunnerFiles(
        output=variables.path("GITHUB_OUTPUT"),
        summary=variables.path("GITHUB_STEP_SUMMARY"),
        env=variables.path("GITHUB_ENV"),
    )


def _load_event(path: Path) -> tuple[dict[str, Any], str]:
    """The event and an empty text, or an empty event and what is wrong with it."""
    try:
        event = json.loads(_read_regular_file(path, MOST_EVENT_BYTES))
    except OSError as error:
        return {}, error.strerror or "can't be read"
    except RecursionError:
        return {}, "is nested too deeply"
    except ValueError as error:  # bad JSON, bad UTF-8, or a number of a million digits
        return {}, f"is not a JSON file ({str(error)[:80]})"
    if not isinstance(event, dict):
        return {}, f"holds a JSON {type(event).__name__}, not an object"
    return event, ""


def _read_regular_file(path: Path, most: int) -> bytes:
    """All of a file; a pipe or device would block, and a huge file would fill the memory: both raise ValueError."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("not a regular file")
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"larger than {most} bytes")
    return data


def _string(node: object, *names: str) -> str:
    """The text at the end of a path of names, or an empty text when anything on the way is something else."""
    for name in names:
        node = node.get(name) if isinstance(node, dict) else None
    return node if isinstance(node, str) else ""


def _is_web_address(value: str) -> bool:
    """An absolute http(s) address with a host, no user or password in it, and nothing but printable ASCII."""
    if not (value.isascii() and value.isprintable()) or " " in value:
        return False
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises ValueError when it is no number
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _without_user(address: str) -> str:
    """An address with what stands before the @ left out: it can be a password."""
    return re.sub(r"//[^/]*@", "//***@", address)


def _shown(value: str) -> str:
    """A value as a message may show it."""
    return repr(value[:80]) if value else "empty"
