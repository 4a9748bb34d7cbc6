"""The dialect of junit.xml, as the settings file, the flag and the action's input choose it, on a real run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from junit2htmlreport.parser import Junit
from junitparser import JUnitXml
from lxml import etree

from tests.support.command_line import CommandLine

LAMP = """\
<scenario name="lamp">
  <machine kind="command" command="cat"/>
  <case name="shines" tags="smoke"><send>on</send><expect within="2s">on</expect></case>
  <case name="breaks" retries="1"><send>off</send><expect within="100ms">on</expect></case>
  <case name="rests" skip="no need"><send>off</send></case>
</scenario>
"""


@pytest.fixture
def testarena(tmp_path: Path, environment: Mapping[str, str]) -> CommandLine:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios/lamp.xml").write_text(LAMP)
    return CommandLine(folder=tmp_path, environment=environment)


def junit(testarena: CommandLine) -> Path:
    return testarena.folder / "testarena-report/junit.xml"


def dialects(testarena: CommandLine, checkout: Path) -> set[str]:
    """Those that the file is valid in."""
    made = etree.parse(junit(testarena))
    schemas = {path.stem: etree.XMLSchema(etree.parse(path)) for path in (checkout / "tests/data/junit").glob("*.xsd")}
    return {name for name, schema in schemas.items() if schema.validate(made)}


def test_the_file_says_it_and_a_flag_says_it_anew(testarena: CommandLine, checkout: Path) -> None:
    (testarena.folder / "testarena.yml").write_text("junit: jenkins\n")
    assert testarena("run").returncode == 1
    assert "jenkins" in dialects(testarena, checkout)
    assert testarena("report", "testarena-report", "--junit", "rich").returncode == 1
    assert dialects(testarena, checkout) == {"rich"}
    assert b"<rerunFailure " in junit(testarena).read_bytes()
    assert testarena("report", "testarena-report").returncode == 1
    assert "jenkins" in dialects(testarena, checkout)


def test_no_such_dialect(testarena: CommandLine) -> None:
    done = testarena("run", "--junit", "jenkinss")
    assert done.returncode == 2
    assert "'jenkinss' is not one of common, jenkins, rich; did you mean jenkins?" in done.stderr


@pytest.mark.parametrize("dialect", ["common", "jenkins", "rich"])
def test_all_readers_and_reports_count_the_same(testarena: CommandLine, dialect: str) -> None:
    testarena("run", "--junit", dialect)
    report = junit(testarena).parent
    counts = json.loads((report / "results.json").read_text())["run"]["counts"]
    wanted = (counts["total"], counts["failed"], counts["skipped"])
    assert wanted == (3, 1, 1)
    read = JUnitXml.fromfile(str(junit(testarena)))
    read.update_statistics()  # type: ignore[no-untyped-call]
    assert (read.tests, read.failures, read.skipped) == wanted
    cases = [str(case.outcome()) for suite in Junit(filename=str(junit(testarena))).suites for case in suite.all()]
    assert (len(cases), cases.count("failed"), cases.count("skipped")) == wanted
    summary = json.loads((report / "ctrf.json").read_text())["results"]["summary"]
    assert (summary["tests"], summary["failed"], summary["skipped"]) == wanted
    assert (report / "comment.md").read_text().startswith("## ❌ 1 of 3 cases failed\n")
