"""`testarena finish` after a run that ended, one that was killed at some moment, and one of another job."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from testarena_ci.app import run
from testarena_ci.context import RunIdentity
from testarena_ci.finishing import finish
from testarena_ci.settings import Settings
from tests.fakes.forge import FakeForge
from tests.support.surroundings import surroundings
from tpf.journal import FILE_NAME as JOURNAL

SCENARIO = """<scenario name="lamp">
  <machine kind="command" command="echo light"/>
  <case name="shines"><expect>light</expect></case>
</scenario>
"""
REPORTS = ("index.html", "junit.xml", "results.json", "summary.md")
SETTINGS = Settings(scenarios=("lamp.xml",))


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """The report folder of a run that ended well, but has not told its forge: its status was wanted by nobody."""
    (tmp_path / "lamp.xml").write_text(SCENARIO)
    with FakeForge() as forge:
        run(replace(SETTINGS, status=False), surroundings(tmp_path, forge, lambda _: None))
    for name in ("output", "summary"):
        (tmp_path / name).unlink()
    return tmp_path / SETTINGS.report_dir


def killed(report: Path, *, lines: int | None = None) -> None:
    """Make it the folder of a run that was killed before its reports; of its journal `lines` are left."""
    (report / ".ended").unlink()
    for name in REPORTS:
        (report / name).unlink()
    whole = (report / JOURNAL).read_text().splitlines(keepends=True)
    (report / JOURNAL).write_text("".join(whole[:lines]))


def finished(report: Path, *, run_id: int = 5) -> tuple[list[str], list[str]]:
    """The states that were posted, and what was said."""
    said: list[str] = []
    with FakeForge() as forge:
        job = surroundings(report.parent, forge, said.append)
        job = replace(job, ci=replace(job.ci, run=RunIdentity(id=run_id, number=run_id)))
        finish(SETTINGS, job)
    assert forge.violations == []
    return [status.state for status in forge.statuses], said


def test_after_a_run_that_ended_there_is_nothing_to_do(report: Path) -> None:
    assert finished(report) == ([], [])
    assert not (report.parent / "output").exists()


def test_a_run_that_was_killed_in_a_case_gets_reports_and_an_error(report: Path) -> None:
    killed(report, lines=-3)
    states, said = finished(report)
    assert states == ["error"]
    assert any("ABORTED" in line or "ERROR" in line for line in said), said
    assert all((report / name).is_file() for name in REPORTS)
    assert "outcome<<" in (report.parent / "output").read_text()
    assert (report.parent / "summary").read_text()


def test_a_run_that_was_killed_after_its_last_case_gets_its_verdict(report: Path) -> None:
    killed(report)
    states, said = finished(report)
    assert states == ["success"]
    assert any(line.startswith("PASSED") for line in said), said
    assert all((report / name).is_file() for name in REPORTS)
    assert "\npassed\n" in (report.parent / "output").read_text()


def test_reports_that_cannot_be_written_do_not_keep_the_verdict_back(report: Path) -> None:
    killed(report)
    (report / "junit.xml").mkdir()
    states, said = finished(report)
    assert states == ["success"]
    assert any("junit.xml: cannot write the report" in line for line in said), said


def test_a_folder_of_another_job_is_left_alone(report: Path) -> None:
    killed(report, lines=-3)
    states, (line,) = finished(report, run_id=6)
    assert states == []
    assert "of another workflow run" in line


def test_a_journal_that_is_none_is_said(report: Path) -> None:
    (report / JOURNAL).write_text("not a journal\nat all\n")
    states, (line,) = finished(report)
    assert states == []
    assert line.startswith("the run can't be finished: ")


def test_without_a_run_there_is_nothing_to_finish(tmp_path: Path) -> None:
    states, (line,) = finished(tmp_path / "testarena-report")
    assert states == []
    assert line.startswith("nothing to finish")
