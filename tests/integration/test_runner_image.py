"""The runner image without its image: entrypoint, health and downloads, with fakes of the forges' runners."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.web import FakeWeb, page
from tests.support.processes import eventually

TOKEN = "s3cr3t-of-the-forge"
KINDS = ("github", "gitea", "forgejo")
ENDED = "ended\n"
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is part of the image, and not here")


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The image's files beside each other in a folder, with an environment to start the entrypoint in."""

    sources: Path
    folder: Path
    environment: dict[str, str]

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def token_file(self) -> Path:
        return self.folder / "token"

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        self.token_file.write_text(TOKEN + "\n")
        self.token_file.chmod(0o400)
        return subprocess.Popen(
            [self.sources / "entrypoint", *arguments],
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, **variables: str) -> tuple[int, str]:
        """Exit status and what it said."""
        with self.start(*arguments, **variables) as started:
            said, _ = started.communicate(timeout=60)
            return started.returncode, said

    def told(self, name: str) -> list[str]:
        """The arguments that a fake was called with."""
        return (self.log / f"{name}.args").read_text().splitlines()

    def is_healthy(self) -> bool:
        return subprocess.run([self.sources / "health"], env=self.environment, timeout=20, check=False).returncode == 0


@pytest.fixture
def image(checkout: Path, tmp_path: Path, environment: dict[str, str]) -> Image:
    return laid_out(tmp_path, checkout, environment)


def laid_out(folder: Path, checkout: Path, environment: dict[str, str]) -> Image:
    fakes = folder / "fakes"
    shutil.copytree(checkout / "tests" / "fakes" / "forge_runners", fakes)
    shutil.copytree(fakes / "github", folder / "runners" / "github")
    for kind in ("gitea", "forgejo"):
        (folder / "runners" / kind).mkdir()
        shutil.copy(fakes / f"{kind}-runner", folder / "runners" / kind)
    for name in ("home", "log", "state"):
        (folder / name).mkdir()
    (folder / "home" / "left by the job before").write_text("")
    settings = {
        "RUNNER_URL": "http://forge.example",
        "RUNNER_NAME": "bench-1",
        "RUNNER_LABELS": "esp-idf,linux",
        "RUNNER_TOKEN_FILE": str(folder / "token"),
        "RUNNER_HOME": str(folder / "home"),
        "RUNNER_STATE_DIR": str(folder / "state"),
        "RUNNER_OPT": str(folder / "runners"),
        "RUNNER_GRACE": "20",
        "FAKE_LOG": str(folder / "log"),
        "FAKE_RUNNERS": str(fakes),
    }
    return Image(sources=checkout / "runner-image", folder=folder, environment=environment | settings)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that other users can look into; pytest's own are closed."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def is_waiting(image: Image) -> bool:
    file = image.log / "job"
    return file.exists() and file.read_text() == "waiting\n"


# ---- a job ----


@pytest.mark.parametrize("kind", KINDS)
def test_a_runner_registers_for_one_job_and_ends_after_it(image: Image, kind: str) -> None:
    status, said = image.run(RUNNER_KIND=kind, FAKE_JOB="done")
    assert status == 0, said
    assert "registered as bench-1 at http://forge.example" in said
    assert "stays on the forge's list" not in said
    assert not (image.folder / "home" / "left by the job before").exists()
    assert not (image.log / "config-remove.args").exists()
    assert not image.is_healthy()


@pytest.mark.parametrize("kind", KINDS)
def test_no_token_is_where_a_job_could_find_it(image: Image, kind: str) -> None:
    assert image.run(RUNNER_KIND=kind, FAKE_JOB="done")[0] == 0
    (job,) = [
        image.log / f"{name}.env" for name in ("run", "daemon", "one-job") if (image.log / f"{name}.env").exists()
    ]
    assert "TOKEN" not in job.read_text()
    assert TOKEN not in job.read_text() + job.with_suffix(".args").read_text()
    assert not image.token_file.exists()
    for file in (image.folder / "home").rglob("*"):
        assert not file.is_file() or TOKEN not in file.read_text(), file


def test_github_gets_the_token_by_the_environment_of_the_registration_alone(image: Image) -> None:
    assert image.run(RUNNER_KIND="github", RUNNER_GROUP="boards", FAKE_JOB="done")[0] == 0
    assert image.told("config") == [
        *("--url", "http://forge.example", "--name", "bench-1", "--labels", "esp-idf,linux"),
        *("--work", f"{image.folder}/home/work", "--runnergroup", "boards"),
        *("--ephemeral", "--unattended", "--replace", "--disableupdate"),
    ]
    assert f"ACTIONS_RUNNER_INPUT_TOKEN={TOKEN}\n" in (image.log / "config.env").read_text()


@pytest.mark.parametrize("kind", ["gitea", "forgejo"])
def test_the_family_of_gitea_runs_jobs_in_the_container_itself(image: Image, kind: str) -> None:
    assert image.run(RUNNER_KIND=kind, FAKE_JOB="done")[0] == 0
    assert image.told("register")[-6:] == [
        *("--name", "bench-1", "--labels", "esp-idf:host,linux:host", "--token", TOKEN),
    ]
    assert "--ephemeral" in image.told("register")


def test_an_older_runner_of_forgejo_is_not_given_options_that_it_does_not_know(image: Image) -> None:
    status, said = image.run(RUNNER_KIND="forgejo", FAKE_OLD="yes", FAKE_JOB="done")
    assert status == 0, said
    assert image.told("one-job") == ["--config", "config.yml"]


# ---- asked to stop ----


@pytest.fixture(params=KINDS)
def waiting(image: Image, request: pytest.FixtureRequest) -> Iterator[tuple[Image, subprocess.Popen[str]]]:
    """A runner that waits for a job, or has one."""
    with image.start(RUNNER_KIND=request.param) as started:
        try:
            assert eventually(lambda: is_waiting(image))
            yield image, started
        finally:
            started.kill()


def test_term_ends_the_runner_in_order_and_takes_it_off_the_list(waiting: tuple[Image, subprocess.Popen[str]]) -> None:
    image, started = waiting
    assert image.is_healthy()
    started.send_signal(signal.SIGTERM)
    said, _ = started.communicate(timeout=60)
    assert started.returncode == 0, said
    assert (image.log / "job").read_text() == ENDED
    if (image.log / "config.args").exists():
        assert image.told("config-remove") == ["remove"]
    else:
        assert "stays on the forge's list as offline" in said


def test_a_runner_that_does_not_end_is_killed(image: Image) -> None:
    with image.start(RUNNER_KIND="github", RUNNER_GRACE="1", FAKE_ENDING="300") as started:
        assert eventually(lambda: is_waiting(image))
        started.send_signal(signal.SIGTERM)
        said, _ = started.communicate(timeout=60)
    assert started.returncode == 128 + signal.SIGKILL, said
    assert image.told("config-remove") == ["remove"]


@needs_curl
@pytest.mark.parametrize(
    "status, words",
    [("204 No Content", ""), ("404 Not Found", ""), ("403 Forbidden", "answered 403 to the deletion of")],
)
def test_a_runner_without_a_job_is_deleted_by_the_api(image: Image, status: str, words: str) -> None:
    (image.folder / "api-token").write_text("api-s3cr3t")

    async def stopped() -> tuple[str, bytes]:
        async with FakeWeb(answers=[page("", status)]).serving() as forge:
            settings = {"RUNNER_URL": f"http://{forge.address}/", "RUNNER_SCOPE": "repos/team/lamp"}
            settings |= {"RUNNER_API_TOKEN_FILE": str(image.folder / "api-token"), "RUNNER_KIND": "gitea"}
            with image.start(**settings, no_proxy="127.0.0.1") as started:
                assert await asyncio.to_thread(eventually, lambda: is_waiting(image))
                started.send_signal(signal.SIGTERM)
                said, _ = await asyncio.to_thread(started.communicate, timeout=60)
            return said, forge.asked[0]

    said, asked = asyncio.run(stopped())
    assert asked.startswith(b"DELETE /api/v1/repos/team/lamp/actions/runners/41 HTTP/1.1\r\n")
    assert b"Authorization: token api-s3cr3t\r\n" in asked
    assert words in said
    assert "api-s3cr3t" not in said + (image.log / "daemon.env").read_text()


# ---- users ----


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root can become somebody else")
def test_started_as_root_jobs_are_another_user_and_the_token_stays_with_root(
    open_folder: Path, checkout: Path, environment: dict[str, str]
) -> None:
    image = laid_out(open_folder, checkout, environment)
    for path in (image.folder / "home", image.folder / "home" / "left by the job before", image.log):
        shutil.chown(path, "daemon", "daemon")
    status, said = image.run(RUNNER_KIND="gitea", RUNNER_USER="daemon", FAKE_JOB="done")
    assert status == 0, said
    assert (image.log / "daemon.uid").read_text() == (image.log / "register.uid").read_text() != "0\n"
    assert image.token_file.read_text() == TOKEN + "\n"
    (image.folder / "open").write_text(TOKEN)
    status, said = image.run(RUNNER_KIND="gitea", RUNNER_USER="daemon", RUNNER_TOKEN_FILE=str(image.folder / "open"))
    assert (status, "chmod 400 it" in said) == (2, True)


def test_a_command_in_place_of_the_runner_is_run(image: Image) -> None:
    assert image.run("echo", "hello") == (0, "hello\n")


@pytest.mark.parametrize("works", [True, False])
def test_esp_idf_is_activated_for_jobs_and_commands(image: Image, works: bool) -> None:
    idf, tools = image.folder / "esp-idf", image.folder / "tools"
    idf.mkdir()
    tools.mkdir()
    (tools / "idf.py").write_text("#!/bin/sh\necho ESP-IDF v5.5\n")
    (tools / "idf.py").chmod(0o755)
    said = "echo 'no Python environment'; false; unset NOT_SET_ANYWAY; : $NOT_SET_ANYWAY"
    (idf / "export.sh").write_text(f"export PATH='{tools}':$PATH\necho Done\n" if works else said)
    status, output = image.run("sh", "-c", "idf.py 2>/dev/null || echo none", IDF_PATH=str(idf))
    assert status == 0
    assert output == "ESP-IDF v5.5\n" if works else "no Python environment\nrunner: warning: ESP-IDF in" in output


# ---- what is wrong is told, in one line ----


@pytest.mark.parametrize(
    "settings, words",
    [
        ({}, "RUNNER_KIND is not set; choose one of: forgejo gitea github"),
        ({"RUNNER_KIND": "gitlab"}, "RUNNER_KIND=gitlab is none of: forgejo gitea github"),
        ({"RUNNER_KIND": "../common"}, "RUNNER_KIND=../common is none of"),
        ({"RUNNER_KIND": "gitea", "RUNNER_URL": "forge.example"}, "RUNNER_URL=forge.example is no address"),
        ({"RUNNER_KIND": "gitea", "RUNNER_TOKEN": "x"}, "put it into a file, name that in RUNNER_TOKEN_FILE"),
        ({"RUNNER_KIND": "gitea", "RUNNER_TOKEN_FILE": "/none"}, "RUNNER_TOKEN_FILE: cannot read /none"),
        ({"RUNNER_KIND": "gitea", "RUNNER_NAME": "a b"}, "RUNNER_NAME=a b: letters, digits"),
        ({"RUNNER_KIND": "gitea", "RUNNER_LABELS": "a b"}, "RUNNER_LABELS=a b: names with ','"),
        ({"RUNNER_KIND": "gitea", "RUNNER_GRACE": "1m"}, "RUNNER_GRACE and RUNNER_PATIENCE are seconds"),
        ({"RUNNER_KIND": "gitea", "RUNNER_SCOPE": "team/lamp"}, "RUNNER_SCOPE=team/lamp is none of: admin, user"),
    ],
)
def test_settings_that_make_no_sense(image: Image, settings: dict[str, str], words: str) -> None:
    status, said = image.run(**settings)
    assert (status, said.count("\n")) == (2, 1), said
    assert words in said


def test_a_runner_that_is_not_in_the_image(image: Image) -> None:
    status, said = image.run(RUNNER_KIND="gitea", RUNNER_OPT=str(image.folder / "nothing"))
    assert (status, said.count("\n")) == (3, 1), said
    assert "build it with RUNNER_KINDS that names gitea" in said


@pytest.mark.parametrize("kind", ["github", "gitea"])
def test_a_token_that_the_forge_refuses(image: Image, kind: str) -> None:
    with image.start(RUNNER_KIND=kind, RUNNER_TOKEN_FILE=str(image.folder / "old")) as started:
        started.communicate(timeout=60)
    (image.folder / "old").write_text("refused-token")
    status, said = image.run(RUNNER_KIND=kind, RUNNER_TOKEN_FILE=str(image.folder / "old"))
    assert status == 3
    assert "is the token still good" in said
    assert "refused-token" not in said


# ---- downloads ----


@pytest.fixture
def releases(tmp_path: Path) -> dict[str, str]:
    """The settings of fetch.sh for releases that lie in a folder."""
    site = tmp_path / "site"
    files = {
        "GITHUB_RUNNER": ("2.9.0", "v2.9.0/actions-runner-linux-x64-2.9.0.tar.gz"),
        "GITEA_RUNNER": ("0.2.12", "act_runner/0.2.12/act_runner-0.2.12-linux-amd64"),
        "FORGEJO_RUNNER": ("12.1.0", "v12.1.0/forgejo-runner-12.1.0-linux-amd64"),
        "NODE": ("24.1.0", "v24.1.0/node-v24.1.0-linux-x64.tar.xz"),
    }
    (tmp_path / "node").mkdir()
    (tmp_path / "node" / "bin").write_text("node")
    settings = {"RUNNER_KINDS": " ".join(KINDS)}
    for part, (version, name) in files.items():
        file = site / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(part)
        if ".tar." in name:
            with tarfile.open(file, f"w:{file.suffix[1:]}") as archive:  # type: ignore[call-overload]
                archive.add(tmp_path / "node", arcname="top")
        checksum = hashlib.sha256(file.read_bytes()).hexdigest()
        settings |= {f"{part}_SITE": site.as_uri(), f"{part}_VERSION": version, f"{part}_SHA256": checksum}
        published = {"NODE": "SHASUMS256.txt", "GITHUB_RUNNER": "notes"}.get(part, f"{file.name}.sha256")
        (file.parent / published).write_text(f"{'0' * 64}  another file\n{checksum}  {file.name}\n")
    return settings


def fetch(image: Image, settings: dict[str, str]) -> tuple[int, str]:
    done = subprocess.run(
        [image.sources / "fetch.sh", image.folder / "fetched"],
        env=image.environment | settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


@needs_curl
def test_all_that_was_asked_for_is_fetched(image: Image, releases: dict[str, str]) -> None:
    assert fetch(image, releases) == (0, "")
    assert {path.name for path in (image.folder / "fetched").iterdir()} == {*KINDS, "node"}
    assert os.access(image.folder / "fetched" / "gitea" / "gitea-runner", os.X_OK)


@needs_curl
@pytest.mark.parametrize(
    "change, words",
    [
        ({"GITEA_RUNNER_VERSION": ""}, "GITEA_RUNNER_VERSION is not given: fill runner-image/pins.env"),
        ({"NODE_SHA256": ""}, "NODE_SHA256 is no SHA-256 of 64 digits: fill runner-image/pins.env"),
        ({"FORGEJO_RUNNER_SHA256": "0" * 64}, "FORGEJO_RUNNER_SHA256 is " + "0" * 64),
        ({"GITHUB_RUNNER_VERSION": "2.9.1"}, "cannot download file:///"),
        ({"RUNNER_KINDS": "gitlab"}, "RUNNER_KINDS: gitlab is none of"),
    ],
)
def test_nothing_gets_in_unchecked(image: Image, releases: dict[str, str], change: dict[str, str], words: str) -> None:
    status, said = fetch(image, releases | change)
    assert status == 3
    assert words in said


@needs_curl
def test_checksums_are_those_that_the_projects_publish(image: Image, releases: dict[str, str]) -> None:
    notes = image.folder / "api" / "releases" / "tags" / "v2.9.0"
    notes.parent.mkdir(parents=True)
    of_github = releases["GITHUB_RUNNER_SHA256"]
    notes.write_text(f"<!-- BEGIN SHA win-x64 -->{'1' * 64}<!-- --> <!-- BEGIN SHA linux-x64 -->{of_github}<!-- END")
    parts = ("GITHUB_RUNNER", "GITEA_RUNNER", "FORGEJO_RUNNER", "NODE")
    done = subprocess.run(
        [image.sources / "checksums.sh", *(f"{part}={releases[f'{part}_VERSION']}" for part in parts)],
        env=image.environment | releases | {"GITHUB_RUNNER_API": (image.folder / "api").as_uri()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    pins = dict(line.split("=", 1) for line in done.stdout.splitlines() if not line.startswith("#"))
    assert pins == {"BASE_IMAGE": ""} | {
        f"{part}_{what}": releases[f"{part}_{what}"] for part in parts for what in ("VERSION", "SHA256")
    }
