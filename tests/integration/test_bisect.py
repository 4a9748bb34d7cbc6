"""`testarena bisect` on real repositories: the first bad commit is found, and nothing is left of the search."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.arena import TESTARENA, Arena
from tests.support.processes import eventually

PASSES, FAILS = 'echo ready; read line; echo "pong"', 'echo ready; read line; echo "gone"'
HANGS = "echo ready; touch {}; read line; sleep 600"
CASE = "device/answers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A git checkout with a device and a scenario, and a name for each commit."""

    arena: Arena

    def git(self, *arguments: str) -> str:
        said = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")
        command = ["git", *said, *arguments]
        return subprocess.run(
            command, cwd=self.arena.folder, env=self.arena.environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    def commit(self, name: str, **files: str) -> str:
        for path, text in files.items():
            (self.arena.folder / path.replace("__", ".")).write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", name)
        self.git("tag", name.replace(" ", "-"))
        return self.git("rev-parse", "HEAD")

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """The user's checkout, branches and worktrees are as before."""

        def look() -> tuple[str, ...]:
            asked = (
                ("status", "--porcelain"),
                ("worktree", "list", "--porcelain"),
                ("for-each-ref",),
                ("stash", "list"),
            )
            return tuple(self.git(*one) for one in (*asked, ("symbolic-ref", "HEAD")))

        before = look()
        yield
        assert look() == before
        assert not (self.arena.folder / ".testarena/bisect/worktree").exists()


def scenario(pause: str = "") -> str:
    machine = '<machine kind="command" command="sh device.sh"/>'
    steps = f'<expect within="20s">ready</expect>{pause}<send>ping</send><expect within="2s">pong</expect>'
    other = '<case name="other"><expect>ready</expect></case>'
    return f'<scenario name="device">{machine}<case name="answers">{steps}</case>{other}</scenario>'


@pytest.fixture
def project(tmp_path: Path, environment: dict[str, str]) -> Project:
    folder, reports = tmp_path / "the project", tmp_path / "reports"
    folder.mkdir()
    reports.mkdir()
    arena = Arena(folder=folder, environment={**environment, "TMPDIR": str(tmp_path)}, reports=reports)
    made = Project(arena=arena)
    made.git("init", "--quiet", "--initial-branch=main")
    made.git("remote", "add", "origin", "https://ada:secret@git.example.org/acme/lamp.git")
    return made


def history(project: Project, **devices: str) -> None:
    """A commit for each of these, with the device that it has."""
    for name, device in devices.items():
        project.commit(name, device__sh=device, device__xml=scenario())


def test_the_first_bad_commit(project: Project) -> None:
    history(project, c1=PASSES, c2=PASSES, c3=PASSES, c4=FAILS, c5=FAILS, c6=FAILS, c7=FAILS)
    (project.arena.folder / "device.sh").write_text("the user works on this")
    bad = project.git("rev-parse", "c4")
    with project.untouched():
        ran = project.arena.call("bisect", CASE, ".", "--good", "c1")
    ran.ended(0)
    assert f'The first bad commit is {bad[:10]} "c4" (Ada, ' in ran.out
    assert f"https://git.example.org/acme/lamp/commit/{bad}" in ran.out
    assert f"before: passes at {project.git('rev-parse', 'c3')[:10]}" in ran.out
    assert 'now:    expected "pong"' in ran.out
    assert "secret" not in ran.out + ran.err
    place = f".testarena/bisect/steps/{bad[:10]}"
    assert f"report: {place}\n" in ran.out
    report = project.arena.folder / place
    assert (report / "index.html").is_file()
    assert "gone" in (report / "logs/device/console.log").read_text()


def test_what_is_known_is_not_run_again(project: Project) -> None:
    history(project, c1=PASSES, c2=PASSES, c3=FAILS, c4=FAILS)
    project.arena.call("bisect", CASE, ".", "--good", "c1").ended(0)
    again = project.arena.call("bisect", CASE, ".", "--good", "c1", "--format", "json")
    again.ended(0)
    assert again.err.count("known from before") == 4
    found = json.loads(again.out)
    assert (found["certain"], [one["subject"] for one in found["candidates"]]) == (True, ["c3"])
    fresh = project.arena.call("bisect", CASE, ".", "--good", "c1", "--fresh")
    assert "known from before" not in fresh.out


def test_commits_that_cannot_be_judged_are_skipped(project: Project) -> None:
    history(project, c1=PASSES, c2=PASSES)
    project.commit("no scenario", device__xml="<scenario")
    project.commit("no such case", device__xml=scenario().replace("answers", "replies"))
    history(project, c3=FAILS, c4=FAILS)
    with project.untouched():
        ran = project.arena.call("bisect", CASE, ".", "--good", "c1")
    ran.ended(1)
    assert "one of 3 commits: some could not be judged" in ran.out
    assert [name in ran.out.split("one of 3")[1] for name in ('"no scenario"', '"no such case"', '"c3"')] == [True] * 3
    assert "the scenarios of this commit can't be run" in ran.out


def test_a_build_that_fails_is_no_failure(project: Project) -> None:
    history(project, c1=PASSES)
    built = scenario().replace("<machine", '<firmware command="test ! -e broken" image="device.sh"/><machine')
    project.commit("c2", device__xml=built)
    project.commit("c3", broken="")
    (project.arena.folder / "broken").unlink()
    project.commit("c4", device__sh=FAILS)
    ran = project.arena.call("bisect", CASE, ".", "--good", "c1")
    assert "could not be built, or the machine broke" in ran.out, ran.out + ran.err
    ran.ended(1)


def test_a_scenario_that_old_commits_do_not_have(project: Project) -> None:
    for name, device in (("c1", PASSES), ("c2", PASSES), ("c3", FAILS), ("c4", FAILS)):
        project.commit(name, device__sh=device)
    (project.arena.folder / "device.xml").write_text(scenario())
    with project.untouched():
        ran = project.arena.call("bisect", CASE, ".", "--good", "c1", "--take", "device.xml")
    ran.ended(0)
    assert '"c3" (Ada' in ran.out


def test_a_flaky_case_fails_if_it_fails_once(project: Project, tmp_path: Path) -> None:
    """It fails at every other boot: one run alone would not see it."""
    toggle = tmp_path / "toggle"
    flaky = f"if test -e {toggle}; then rm {toggle}; {FAILS}; else touch {toggle}; {PASSES}; fi"
    history(project, c1=PASSES, c2=PASSES, c3=flaky, c4=flaky)
    ran = project.arena.call("bisect", CASE, ".", "--good", "c1", "--runs", "4")
    ran.ended(0)
    assert '"c3" (Ada' in ran.out


def test_from_a_folder_within_the_checkout(project: Project) -> None:
    folder = project.arena.folder / "app"
    folder.mkdir()
    for name, device in (("c1", PASSES), ("c2", FAILS), ("c3", FAILS)):
        project.commit(name, app__device=device)
        (folder / "device.sh").write_text(device)
        (folder / "device.xml").write_text(scenario())
        project.commit(f"{name} app")
    made = subprocess.run(
        [TESTARENA, "bisect", CASE, ".", "--good", "c1-app"],
        cwd=folder,
        env=project.arena.environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert '"c2 app" (Ada' in made.stdout, made.stdout + made.stderr
    assert made.returncode == 0


@pytest.mark.parametrize(
    "arguments,words",
    [
        (("--good", "nothing"), ("--good nothing", "no such commit")),
        (("--good", "c3", "--bad", "c3"), ("same commit",)),
        (("--good", "c1", "--bad", "c2"), ("--bad", "the case passes there")),
        (("--good", "c3", "--bad", "c4"), ("--good", "the case fails there, too")),
        (("--good", "c1", "--take", "../elsewhere"), ("--take", "in the checkout")),
        (("--good", "--output=x"), ("no such commit",)),
    ],
)
def test_what_makes_no_sense_is_said(project: Project, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    history(project, c1=PASSES, c2=PASSES, c3=FAILS, c4=FAILS)
    with project.untouched():
        project.arena.call("bisect", CASE, ".", *arguments).refused(2, *words)


def test_outside_of_a_checkout(tmp_path: Path, environment: dict[str, str]) -> None:
    made = Arena(folder=tmp_path, environment=environment, reports=tmp_path)
    made.call("bisect", CASE, "--good", "x").refused(2, "is in no git checkout")


# ---- an end in between


@pytest.fixture
def hanging(project: Project, tmp_path: Path) -> tuple[Project, Path]:
    """A search whose third commit keeps it waiting; the file tells that it has come to it."""
    at = tmp_path / "at the third"
    history(project, c1=PASSES, c2=PASSES)
    project.commit("c3", device__sh=HANGS.format(f"'{at}'"), device__xml=scenario('<wait for="90s"/>'))
    history(project, c4=FAILS, c5=FAILS)
    return project, at


def begun(project: Project, at: Path) -> subprocess.Popen[str]:
    """A search that has come to its third commit."""
    process = subprocess.Popen(
        [TESTARENA, "bisect", CASE, ".", "--good", "c1"],
        cwd=project.arena.folder,
        env=project.arena.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert eventually(at.exists), process.communicate()[0] if process.poll() is not None else "it hangs"
    return process


def begun_again(project: Project, at: Path) -> subprocess.Popen[str]:
    at.unlink()
    return begun(project, at)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_when_it_is_asked_to_stop_nothing_is_left(hanging: tuple[Project, Path], number: signal.Signals) -> None:
    project, at = hanging
    with project.untouched():
        process = begun(project, at)
        os.kill(process.pid, number)
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 130, said
    assert "the same command goes on from there" in said
    assert "Traceback" not in said


def test_after_a_kill_the_next_start_clears_up_and_goes_on(hanging: tuple[Project, Path]) -> None:
    project, at = hanging
    with project.untouched():
        process = begun(project, at)
        blocked = project.arena.call("bisect", CASE, ".", "--good", "c1")
        blocked.refused(2, "another `testarena bisect` is going on")
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)
        assert (project.arena.folder / ".testarena/bisect/worktree").exists()
        process = begun_again(project, at)
        os.kill(process.pid, signal.SIGINT)
        said = process.communicate(timeout=60)[0]
    assert said.count("known from before") == 2
    assert "Traceback" not in said
