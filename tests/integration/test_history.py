"""`testarena history` as a user calls it: runs that feed it, many at once, git branches and folders that carry it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from testarena_ci.history.queries import Window, run_ids, run_results, runs
from testarena_ci.history.store import open_store
from tests.support.command_line import COMMAND, CommandLine
from tests.support.history import write_journal

SCENARIO = """<scenario name="lamp">
  <machine kind="command" command="echo light"/>
  <case name="shines"><expect>light</expect></case>
</scenario>
"""
DATABASE = ".testarena/history.db"


@pytest.fixture
def testarena(tmp_path: Path, environment: Mapping[str, str]) -> CommandLine:
    return CommandLine(folder=tmp_path, environment=environment)


def test_each_run_feeds_the_history_that_the_settings_name(testarena: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "lamp.xml").write_text(SCENARIO)
    (tmp_path / "testarena.yml").write_text(f"scenarios: [lamp.xml]\nhistory: {DATABASE}\n")
    assert [testarena("run").returncode for _ in range(2)] == [0, 0]
    assert testarena("run", "--until-fail", "--repeat", "2").returncode == 0
    listed = json.loads(testarena("history", "list", "--format", "json").stdout)
    assert [run["verdict"] for run in listed] == ["passed"] * 4
    shown = testarena("history", "show", "latest").stdout
    assert "lamp/shines" in shown
    assert "were there already" in testarena("history", "import", "testarena-report").stdout


def test_a_run_that_was_killed_counts_when_it_is_finished(testarena: CommandLine, tmp_path: Path) -> None:
    write_journal(tmp_path / "testarena-report", "killed", cut=True)
    assert testarena("finish", "--history", DATABASE).returncode == 0
    (listed,) = json.loads(testarena("history", "list", "--format", "json").stdout)
    assert (listed["run"], listed["finished"], listed["counts"]["error"]) == ("killed", False, 1)


def test_a_history_that_cant_be_written_is_a_note_and_no_verdict(testarena: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "lamp.xml").write_text(SCENARIO)
    (tmp_path / "broken.db").write_text("no database, and long enough to be seen as none" * 50)
    ran = testarena("run", "lamp.xml", "--history", "broken.db")
    assert ran.returncode == 0
    assert "note: this run is not in the history: " in ran.stdout


def test_questions_in_words_and_in_json(testarena: CommandLine, tmp_path: Path) -> None:
    for number in range(4):
        write_journal(
            tmp_path / "runs" / str(number), f"run-{number}", failing=(1,) if number == 2 else (), hour=number
        )
    assert "4 runs taken in, with 12 case results" in testarena("history", "import", "runs").stdout
    flaky = testarena("history", "flaky").stdout
    assert "console/case 1 (esp32c3): 2 of 4 results contradict (50 %)" in flaky
    assert "run-2 failed" in flaky
    assert "150000 -> 150000 B" in testarena("history", "trend", "app/image").stdout
    for words in (["flaky"], ["trend", "boot"], ["slow"], ["slow", "--scenarios"], ["list"], ["show", "run-1"]):
        assert json.loads(testarena("history", *words, "--format", "json").stdout), words
        assert testarena("history", *words).returncode == 0
    assert "2 runs forgotten" in testarena("history", "prune", "--keep", "2").stdout
    assert [run["run"] for run in json.loads(testarena("history", "list", "--format", "json").stdout)] == [
        "run-3",
        "run-2",
    ]


@pytest.mark.parametrize(
    "words, code, message",
    [
        (["list"], 2, "no history there"),
        (["import", "nowhere"], 2, "does not exist"),
        (["prune"], 2, "--keep 500"),
        (["prune", "--older", "3 years"], 2, "is no age"),
        (["pull", "--folder", "nowhere"], 2, "no such history"),
        (["pull"], 4, "git ls-remote"),
        (["pull", "--remote", "--upload-pack=touch evil"], 2, "no name of a git remote"),
        (["pull", "--branch", "a..b"], 2, "no name of a git branch"),
    ],
)
def test_what_cant_be_done_is_told(
    testarena: CommandLine, tmp_path: Path, words: list[str], code: int, message: str
) -> None:
    git(tmp_path, "init", "--quiet")
    done = testarena("history", *words)
    assert (done.returncode, message in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


# ---- many at once


def test_fifty_processes_import_at_once_and_nothing_is_lost_or_double(testarena: CommandLine, tmp_path: Path) -> None:
    """Each brings two runs of its own, and one that all others bring as well."""
    processes = 50
    for number in range(processes):
        for part in range(2):
            write_journal(tmp_path / "runs" / f"{number}" / f"{part}", f"run-{number}-{part}", cases=20)
        write_journal(tmp_path / "runs" / f"{number}" / "shared", "shared", cases=20)
    started = [
        subprocess.Popen(
            [sys.executable, COMMAND, "history", "import", f"runs/{number}"],
            cwd=tmp_path,
            env=dict(testarena.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for number in range(processes)
    ]
    said = [process.communicate(timeout=100)[0] for process in started]
    assert [process.returncode for process in started] == [0] * processes, said
    with open_store(tmp_path / DATABASE) as store:
        assert len(run_ids(store)) == 2 * processes + 1
        assert store.rows("SELECT count(*), count(DISTINCT run) FROM cases") == [
            (20 * (2 * processes + 1), 2 * processes + 1)
        ]
        assert store.rows("SELECT count(*) FROM tests") == [(20,)]
        assert store.rows("PRAGMA integrity_check") == [("ok",)]
    assert sum(text.count("1 were there already") for text in said) == processes - 1


# ---- carried


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True, timeout=30)
    return done.stdout.strip()


@pytest.fixture
def forge(tmp_path: Path) -> Path:
    """A bare repository that clones push to."""
    git(tmp_path, "init", "--quiet", "--bare", "forge.git")
    return tmp_path / "forge.git"


def runner(forge: Path, name: str, environment: Mapping[str, str]) -> CommandLine:
    """A clone, as an ephemeral runner has one, with one run of its own."""
    folder = forge.parent / name
    git(forge.parent, "clone", "--quiet", str(forge), name)
    call = CommandLine(folder=folder, environment=environment)
    write_journal(folder / "report", f"run-of-{name}")
    assert call("history", "import", "report").returncode == 0
    return call


def ids(call: CommandLine) -> list[str]:
    with open_store(call.folder / DATABASE) as store:
        return sorted(run_ids(store))


def test_a_branch_carries_runs_between_runners(forge: Path, environment: Mapping[str, str]) -> None:
    a, b = (runner(forge, name, environment) for name in "ab")
    for call in (a, b):
        pushed = call("history", "push")
        assert pushed.returncode == 0, pushed.stderr
    assert "1 runs taken in" in a("history", "pull").stdout
    assert ids(a) == ids(b) == ["run-of-a", "run-of-b"]
    assert git(forge, "rev-list", "--count", "testarena-history") == "1"
    assert git(forge, "ls-tree", "--name-only", "testarena-history") == "history.db"
    assert git(a.folder, "for-each-ref", "refs/testarena") == ""
    assert ".testarena" not in git(a.folder, "status", "--porcelain")
    with open_store(a.folder / DATABASE) as one, open_store(b.folder / DATABASE) as other:
        assert run_results(one, "run-of-b") == run_results(other, "run-of-b")


def test_pushes_side_by_side_lose_nothing(forge: Path, environment: Mapping[str, str]) -> None:
    calls = [runner(forge, f"r{number}", environment) for number in range(6)]
    with ThreadPoolExecutor(len(calls)) as pool:
        done = list(pool.map(lambda call: call("history", "push"), calls))
    assert [one.returncode for one in done] == [0] * len(calls), [one.stderr for one in done]
    last = runner(forge, "last", environment)
    assert last("history", "pull").returncode == 0
    assert ids(last) == sorted(["run-of-last", *(f"run-of-r{number}" for number in range(6))])


def test_what_was_pruned_does_not_come_back(forge: Path, environment: Mapping[str, str]) -> None:
    a = runner(forge, "a", environment)
    assert a("history", "push").returncode == 0
    assert "1 runs forgotten" in a("history", "prune", "--older", "1h").stdout
    assert a("history", "push").returncode == 0
    assert ids(a) == []
    b = runner(forge, "b", environment)  # whose own run is as old
    assert b("history", "push").returncode == 0
    assert ids(b) == ["run-of-b"]
    c = runner(forge, "c", environment)
    assert c("history", "pull").returncode == 0
    assert ids(c) == ["run-of-c"]


def test_a_hostile_history_on_the_branch_takes_nothing_away(forge: Path, environment: Mapping[str, str]) -> None:
    a = runner(forge, "a", environment)
    assert a("history", "push", "--folder", "evil").returncode == 0
    with sqlite3.connect(a.folder / "evil" / "history.db") as evil:
        evil.execute("UPDATE forgotten SET before = 9e99")
        evil.execute("PRAGMA writable_schema = ON")
        evil.execute("UPDATE sqlite_master SET sql = replace(replace(sql, 'STRICT', ''), 'NOT NULL', '')")
    with sqlite3.connect(a.folder / "evil" / "history.db") as evil:
        evil.execute("UPDATE runs SET run_id = 'evil', started = 7, properties = x'00', passed = 'many'")
    evil.close()
    done = a("history", "pull", "--folder", "evil")
    assert (done.returncode, "Traceback" in done.stderr, "internal" in done.stderr) == (4, False, False), done.stderr
    assert ids(a) == ["run-of-a"]


def test_a_branch_with_something_else_is_told_and_left_as_it_is(forge: Path, environment: Mapping[str, str]) -> None:
    a = runner(forge, "a", environment)
    git(a.folder, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "--quiet", "--allow-empty", "-m", "other")
    git(a.folder, "push", "--quiet", "origin", "HEAD:refs/heads/testarena-history")
    tip = git(forge, "rev-parse", "testarena-history")
    for command in ("push", "pull"):
        done = a("history", command)
        assert (done.returncode, "holds no history.db" in done.stderr) == (2, True)
    assert git(forge, "rev-parse", "testarena-history") == tip


def test_a_folder_carries_runs_as_an_artifact(forge: Path, environment: Mapping[str, str]) -> None:
    a, b = (runner(forge, name, environment) for name in "ab")
    folder = str(forge.parent / "artifact")
    for call in (a, b):
        assert call("history", "push", "--folder", folder).returncode == 0
    assert [path.name for path in Path(folder).iterdir()] == ["history.db"]
    assert "1 runs taken in" in a("history", "pull", "--folder", folder).stdout
    assert ids(a) == ["run-of-a", "run-of-b"]
    with open_store(a.folder / DATABASE) as store:
        assert len(runs(store, Window())) == 2
