"""A run that can't begin tells everybody who waits for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from testarena_ci.app import run
from testarena_ci.context import ForgeKind
from testarena_ci.refusal import description, tell_refused
from testarena_ci.settings import Settings
from tests.fakes.forge import FakeForge, status
from tests.support.surroundings import SHA, surroundings
from tpf.errors import Problem, ScenarioErrors, SettingsError, UsageError
from tpf.result import Source

BROKEN = """<scenario name="lamp">
  <machine kind="command" command="true"/>
  <case name="shines"><sned>light</sned></case>
</scenario>
"""
WHOLE = BROKEN.replace("sned", "send")


def test_broken_scenarios_become_status_annotations_outcome_and_summary(tmp_path: Path) -> None:
    (tmp_path / "lamp.xml").write_text(BROKEN)
    said: list[str] = []
    with FakeForge() as forge, pytest.raises(ScenarioErrors):
        run(Settings(scenarios=("lamp.xml",), status_context="lab"), surroundings(tmp_path, forge, said.append))
    (posted,) = forge.statuses
    assert (posted.sha, posted.state, posted.context) == (SHA, "error", "lab")
    assert posted.description.startswith("nothing ran: lamp.xml:3:23: ")
    assert "<sned>" in posted.description
    assert posted.target_url == "https://forge.example/acme/lamp/actions/runs/5"
    assert forge.violations == []
    assert [line for line in said if line.startswith("::error file=lamp.xml,line=3,col=23,title=TestArena::")]
    assert "note: GITHUB_REF is odd" in said
    assert "outcome<<" in (tmp_path / "output").read_text()
    assert "\nerror\n" in (tmp_path / "output").read_text()
    assert "Nothing ran" in (tmp_path / "summary").read_text()
    assert "lamp.xml:3:" in (tmp_path / "summary").read_text()
    assert not (tmp_path / "testarena-report").exists()


def test_a_selection_that_leaves_nothing_is_told_too(tmp_path: Path) -> None:
    (tmp_path / "lamp.xml").write_text(WHOLE)
    said: list[str] = []
    with FakeForge() as forge, pytest.raises(UsageError):
        run(
            Settings(scenarios=("lamp.xml",), filter=("fan",)),
            surroundings(tmp_path, forge, said.append, ForgeKind.GITEA),
        )
    (posted,) = forge.statuses
    assert posted.state == "error"
    assert "no case matches --filter 'fan'" in posted.description
    assert not [line for line in said if line.startswith("::")]


def test_wrong_settings_are_told_without_a_status_which_they_would_name(tmp_path: Path) -> None:
    said: list[str] = []
    with FakeForge() as forge:
        tell_refused(SettingsError("input jobs: 'x'"), None, surroundings(tmp_path, forge, said.append).ci, said.append)
    assert forge.statuses == []
    assert said == ["::error title=TestArena::input jobs: 'x'"]
    assert "\nerror\n" in (tmp_path / "output").read_text()
    assert "input jobs: 'x'" in (tmp_path / "summary").read_text()


def test_a_forge_that_says_no_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "lamp.xml").write_text(WHOLE)
    (tmp_path / "testarena-report").write_text("a file of somebody's")
    said: list[str] = []
    with FakeForge() as forge:
        forge.always = status(403)
        with pytest.raises(SettingsError, match="is a file"):
            run(Settings(scenarios=("lamp.xml",)), surroundings(tmp_path, forge, said.append))
    assert len([line for line in said if line.startswith("no commit status: ")]) == 1


def test_several_problems_are_counted() -> None:
    problems = [Problem(source=Source(file="lamp.xml", line=line, column=1), message="bad") for line in (7, 3)]
    assert description(ScenarioErrors(tuple(problems))) == (
        "nothing ran: 2 problems in scenarios, the first: lamp.xml:3:1: bad"
    )
