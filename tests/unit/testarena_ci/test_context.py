from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from testarena_ci.context import (
    MOST_EVENT_BYTES,
    CIContext,
    ForgeKind,
    RunIdentity,
    RunnerFiles,
    child_environment,
    environment,
    in_folder,
    inputs,
    read_context,
)

SHA, HEAD, BASE = "a" * 40, "b" * 40, "c" * 40
PUSH = {
    "CI": "true",
    "GITHUB_ACTIONS": "true",
    "GITHUB_API_URL": "https://api.github.com",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "acme/console",
    "GITHUB_SHA": SHA,
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_REF_NAME": "main",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_RUN_ID": "7007",
    "GITHUB_RUN_NUMBER": "7",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_WORKFLOW": "Firmware",
    "GITHUB_JOB": "test",
    "GITHUB_ACTOR": "ann",
    "GITHUB_WORKSPACE": "/w",
    "GITHUB_OUTPUT": "/r/output",
    "GITHUB_STEP_SUMMARY": "/r/summary",
    "GITHUB_ENV": "/r/env",
    "TESTARENA_TOKEN": "tok-5ecret",
}
PULL_REQUEST = PUSH | {
    "GITHUB_EVENT_NAME": "pull_request",
    "GITHUB_REF": "refs/pull/3/merge",
    "GITHUB_REF_NAME": "3/merge",
    "GITHUB_HEAD_REF": "fix-wifi",
    "GITHUB_BASE_REF": "main",
}
GITEA = PUSH | {
    "GITEA_ACTIONS": "true",
    "GITHUB_API_URL": "http://gitea:3000/api/v1/",
    "GITHUB_SERVER_URL": "http://gitea:3000/",
}
Event = Callable[[Any], dict[str, str]]


@pytest.fixture
def event(tmp_path: Path) -> Event:
    """Writes the event's file; gives the variable that names it."""

    def write(content: Any) -> dict[str, str]:
        path = tmp_path / "event.json"
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return {"GITHUB_EVENT_PATH": str(path)}

    return write


def pull_request(head: str | None) -> dict[str, Any]:
    repo = {"full_name": head, "fork": True} if head else None
    return {
        "number": 3,
        "pull_request": {"head": {"sha": HEAD.upper(), "repo": repo}, "base": {"sha": BASE}},
        "repository": {"html_url": "https://git.example.com/acme/console"},
    }


def test_a_push_on_github() -> None:
    assert read_context(PUSH) == CIContext(
        kind=ForgeKind.GITHUB,
        ci=True,
        api_url="https://api.github.com",
        server_url="https://github.com",
        repo_url="https://github.com/acme/console",
        repository="acme/console",
        sha=SHA,
        ref="refs/heads/main",
        branch="main",
        event="push",
        run=RunIdentity(id=7007, number=7, attempt=2, workflow="Firmware", job="test", actor="ann"),
        files=RunnerFiles(output=Path("/r/output"), summary=Path("/r/summary"), env=Path("/r/env")),
        workspace=Path("/w"),
        token="tok-5ecret",
        masked=frozenset({"tok-5ecret"}),
    )


@pytest.mark.parametrize(
    "environ, kind, ci",
    [
        ({}, ForgeKind.LOCAL, False),
        ({"CI": "false"}, ForgeKind.LOCAL, False),
        ({"CI": "true"}, ForgeKind.LOCAL, True),
        ({"GITHUB_ACTIONS": "false", "CI": "1"}, ForgeKind.LOCAL, True),
        (PUSH, ForgeKind.GITHUB, True),
        (PUSH | {"CI": ""}, ForgeKind.GITHUB, True),
        (GITEA, ForgeKind.GITEA, True),
        (GITEA | {"GITEA_ACTIONS": ""}, ForgeKind.GITEA, True),
        (GITEA | {"FORGEJO_ACTIONS": "true"}, ForgeKind.FORGEJO, True),
        (PUSH | {"GITHUB_API_URL": "https://ghe.example.com/api/v3"}, ForgeKind.GITHUB, True),
    ],
)
def test_which_forge(environ: dict[str, str], kind: ForgeKind, ci: bool) -> None:
    context = read_context(environ)
    assert (context.kind, context.ci) == (kind, ci)


def test_a_local_run_asks_nothing_of_the_environment() -> None:
    assert read_context({"GITHUB_SHA": "nonsense", "GITHUB_EVENT_PATH": "/nowhere"}) == CIContext()


@pytest.mark.parametrize("name", ["pull_request", "pull_request_target", "pull_request_review"])
def test_the_commit_of_a_pull_request_is_its_head(event: Event, name: str) -> None:
    context = read_context(PULL_REQUEST | event(pull_request("acme/console")) | {"GITHUB_EVENT_NAME": name})
    assert context.sha == HEAD
    assert (context.branch, context.base, context.is_fork) == ("fix-wifi", "main", False)
    assert context.warnings == ()


@pytest.mark.parametrize(
    "head, is_fork", [("acme/console", False), ("ACME/Console", False), ("eve/console", True), (None, True)]
)
def test_forks(event: Event, head: str | None, is_fork: bool) -> None:
    assert read_context(PULL_REQUEST | event(pull_request(head))).is_fork is is_fork


def test_people_get_the_address_that_people_use(event: Event) -> None:
    context = read_context(GITEA | event({"repository": {"html_url": "https://git.example.com/acme/console/"}}))
    assert (context.api_url, context.server_url) == ("http://gitea:3000/api/v1", "http://gitea:3000")
    assert context.repo_url == "https://git.example.com/acme/console"


def test_a_gitea_that_tells_no_api() -> None:
    context = read_context({name: value for name, value in GITEA.items() if name != "GITHUB_API_URL"})
    assert context.api_url == "http://gitea:3000/api/v1"
    assert context.warnings == ("GITHUB_API_URL is empty, not an http(s) address: using http://gitea:3000/api/v1",)


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "is not a JSON file"),
        (b"{", "is not a JSON file"),
        (b"\xff\xfe\xfa", "is not a JSON file"),
        (b"[1, 2]", "holds a JSON list, not an object"),
        (b'"text"', "holds a JSON str, not an object"),
        (b"[" * 200_000, "is nested too deeply"),
        (b'{"n": ' + b"9" * 5000 + b"}", "is not a JSON file"),
        (b" " * (MOST_EVENT_BYTES + 1), "larger than"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_event_that_is_none(event: Event, content: bytes, words: str) -> None:
    context = read_context(PUSH | event(content))
    assert context.sha == SHA
    (warning,) = context.warnings
    assert words in warning
    assert warning.endswith("going on without the event")


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe", "device"])
def test_an_event_that_is_no_file(tmp_path: Path, kind: str) -> None:
    path = {"device": Path("/dev/zero"), "folder": tmp_path}.get(kind, tmp_path / "event")
    if kind == "pipe":
        os.mkfifo(path)
    context = read_context(PULL_REQUEST | {"GITHUB_EVENT_PATH": str(path)})
    assert context.sha == ""
    assert [warning.split(":")[0] for warning in context.warnings] == [
        "GITHUB_EVENT_PATH",
        "the event's pull_request.head.sha is empty, not the hash of a commit",
    ]


@pytest.mark.parametrize(
    "strange",
    [
        {"pull_request": None},
        {"pull_request": "text"},
        {"pull_request": {"head": 5}},
        {"pull_request": {"head": {"sha": ["a"]}}},
        {"pull_request": {"head": {"sha": "HEAD; rm -rf /"}}},
        {"pull_request": {"head": {"sha": "../../../user"}}},
        {"repository": {"html_url": 5}},
        {"repository": []},
    ],
)
def test_an_event_of_a_strange_shape(event: Event, strange: dict[str, Any]) -> None:
    context = read_context(PULL_REQUEST | event(strange))
    assert context.sha == ""
    assert context.repo_url == "https://github.com/acme/console"


@pytest.mark.parametrize(
    "name, value, field, left",
    [
        ("GITHUB_SHA", "main", "sha", ""),
        ("GITHUB_SHA", "", "sha", ""),
        ("GITHUB_REPOSITORY", "acme", "repository", ""),
        ("GITHUB_REPOSITORY", "acme/../../admin", "repository", ""),
        ("GITHUB_REPOSITORY", "acme/..", "repository", ""),
        ("GITHUB_API_URL", "file:///etc/passwd", "api_url", ""),
        ("GITHUB_API_URL", "https://host:port/", "api_url", ""),
        ("GITHUB_API_URL", "https://[::1", "api_url", ""),
        ("GITHUB_API_URL", "https://h/\u00e4", "api_url", ""),
        ("TESTARENA_TOKEN", "two words", "token", ""),
        ("TESTARENA_TOKEN", "line\nline", "token", ""),
    ],
)
def test_a_strange_value_is_left_out_and_told(name: str, value: str, field: str, left: str) -> None:
    context = read_context(PUSH | {name: value})
    assert getattr(context, field) == left
    (warning,) = context.warnings
    assert warning.startswith(name)


def test_a_warning_shows_no_password() -> None:
    (warning,) = read_context(PUSH | {"GITHUB_API_URL": "https://ann:pa55word@h/api/v3"}).warnings
    assert "pa55word" not in warning
    assert "***@h" in warning


@pytest.mark.parametrize(
    "environ, token",
    [
        (PUSH | {"GITHUB_TOKEN": "tok-job"}, "tok-5ecret"),
        (PUSH | {"TESTARENA_TOKEN": " ", "GITHUB_TOKEN": "tok-job\n"}, "tok-job"),
        (PUSH | {"TESTARENA_TOKEN": "", "GITEA_TOKEN": "tok-gitea"}, ""),
        (GITEA | {"TESTARENA_TOKEN": "", "GITHUB_TOKEN": "tok-job", "GITEA_TOKEN": "tok-gitea"}, "tok-gitea"),
        (GITEA | {"TESTARENA_TOKEN": "", "GITHUB_TOKEN": "tok-job"}, "tok-job"),
    ],
)
def test_which_token(environ: dict[str, str], token: str) -> None:
    assert read_context(environ).token == token


def test_no_token_in_any_repr() -> None:
    context = read_context(PUSH | {"ACTIONS_RUNTIME_TOKEN": "tok-runtime", "GITHUB_TOKEN": "abc"})
    assert context.masked == {"tok-5ecret", "tok-runtime"}  # masking "abc" would blacken half the log
    assert "tok-" not in repr(context)


def test_inputs_are_what_was_given() -> None:
    environ = {
        "TESTARENA_REPORT_DIR": "out",
        "TESTARENA_TOKEN": "tok-5ecret",
        "TESTARENA_TAG": "",
        "TESTARENA_SCENARIOS": "a\nb",
        "PATH": "/bin",
    }
    assert inputs(environ) == {"report_dir": "out", "scenarios": "a\nb"}


def test_children_get_neither_tokens_nor_the_runners_files() -> None:
    child = child_environment(PUSH | {"PATH": "/bin", "GITHUB_TOKEN": "t", "GITHUB_PATH": "/p"})
    assert "PATH" in child
    assert "GITHUB_SHA" in child
    assert not {"TESTARENA_TOKEN", "GITHUB_TOKEN", "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH"} & set(child)


def test_children_get_no_token_under_another_name() -> None:
    harmless = {"INPUT_STATUS": "true", "EMPTY": ""}
    assert child_environment(harmless | {"TESTARENA_TOKEN": "t0ken", "INPUT_TOKEN": "t0ken\n"}) == harmless


def test_the_environment_is_a_copy() -> None:
    copy = environment()
    copy["TESTARENA_MADE_UP"] = "1"
    assert "TESTARENA_MADE_UP" not in environment()


@pytest.mark.parametrize("cwd, folder", [("w", ""), ("w/firmware/lamp", "firmware/lamp"), ("elsewhere", ""), ("", "")])
def test_the_folder_within_the_workspace(tmp_path: Path, cwd: str, folder: str) -> None:
    context = CIContext(workspace=tmp_path / "w")
    assert in_folder(context, tmp_path / cwd).folder == folder
    assert in_folder(CIContext(), tmp_path / cwd).folder == ""
