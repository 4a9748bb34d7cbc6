"""The fake forge must not be kinder than the real ones: what they refuse, it refuses."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.fakes.forge import FakeForge, Request
from tests.fakes.forge.rules import answer_violations

SHA = "c0ffee" + "0" * 34
HEADERS = {"Authorization": "token t", "User-Agent": "testarena/1"}
STATUSES = f"/repos/acme/console/statuses/{SHA}"
GOOD = {"state": "success", "context": "c", "description": "d", "target_url": "https://x.example"}
TIMEOUT = 30


@pytest.fixture
def forge() -> Iterator[FakeForge]:
    with FakeForge() as server:
        yield server


def post(forge: FakeForge, kind: str, data: Any, path: str = STATUSES) -> requests.Response:
    return requests.post(forge.api(kind) + path, json=data, headers=HEADERS, timeout=TIMEOUT)


@pytest.mark.parametrize("kind", ["github", "ghe", "gitea", "forgejo", "subpath"])
def test_a_status_is_taken_and_can_be_read(forge: FakeForge, kind: str) -> None:
    posted = post(forge, kind, GOOD)
    assert (posted.status_code, posted.json()["id"]) == (201, 1)
    listed = requests.get(f"{forge.api(kind)}/repos/acme/console/commits/{SHA}/statuses", timeout=TIMEOUT)
    assert listed.json() == [posted.json()]
    assert ("state" in posted.json()) is (kind in ("github", "ghe"))  # Gitea calls it `status`
    assert forge.violations == []


@pytest.mark.parametrize("kind", ["github", "gitea"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"context": "c"},
        {"state": "warning"},
        {"state": "passed"},
        {"state": "success", "description": "x" * 141},
        {"state": "success", "description": "\U0001f41b"},
        {"state": "success", "description": "two\nlines"},
        {"state": "success", "context": "x" * 256},
        {"state": "success", "target_url": "javascript:alert(1)"},
        {"state": 5},
        ["state"],
    ],
)
def test_what_is_wrong_is_refused_and_remembered(forge: FakeForge, kind: str, wrong: Any) -> None:
    assert post(forge, kind, wrong).status_code == 422
    assert forge.statuses == []
    assert len(forge.violations) == 1


def test_a_call_to_user_is_a_violation(forge: FakeForge) -> None:
    assert requests.get(f"{forge.url}/user", timeout=TIMEOUT).status_code == 404
    assert len(forge.violations) == 1


def test_half_a_hash_is_a_violation(forge: FakeForge) -> None:
    assert post(forge, "github", GOOD, "/repos/acme/console/statuses/c0ffee").status_code == 422


def test_no_token_no_status(forge: FakeForge) -> None:
    answer = requests.post(
        forge.url + STATUSES, json=GOOD, headers={"User-Agent": "testarena/1", "Authorization": ""}, timeout=TIMEOUT
    )
    assert answer.status_code == 401


def test_github_takes_a_thousand_of_a_context(forge: FakeForge) -> None:
    post(forge, "github", GOOD)
    forge.books.statuses *= 1000
    assert "maximum number of statuses" in post(forge, "github", GOOD | {"context": "C"}).text
    assert post(forge, "github", GOOD | {"context": "other"}).status_code == 201


def test_an_answer_that_no_forge_gives_would_be_noticed() -> None:
    request = Request(method="POST", target=STATUSES, headers={"content-type": "application/json"})
    assert answer_violations(request, 201, b'{"id": 1}')
    assert answer_violations(request, 418, b"{}")


def test_as_a_program_of_its_own(tmp_path: Path, checkout: Path, environment: dict[str, str]) -> None:
    record = tmp_path / "record.jsonl"
    command = [sys.executable, "-m", "tests.fakes.forge", "--record", str(record), "--answers", "503,429:2,html"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=checkout, env=environment) as program:
        assert program.stdout is not None
        url = program.stdout.readline().strip()
        codes = [
            requests.post(url + "/api/v1" + STATUSES, json=GOOD, headers=HEADERS, timeout=TIMEOUT).status_code
            for _ in range(4)
        ]
        requests.get(url + "/user", timeout=TIMEOUT)
        program.send_signal(signal.SIGTERM)
        assert program.wait(TIMEOUT) == 0
    assert codes == [503, 429, 200, 201]
    taken, violation = map(json.loads, record.read_text().splitlines())
    assert (taken["api"], taken["repository"], taken["state"]) == ("gitea", "acme/console", "success")
    assert "/user" in violation["violation"]
