"""Quarantine: what its file says and gets told, which cases it is about, and what is wrong with it on a day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from testarena_ci.loading import all_known, language, load_judged, load_marked
from testarena_ci.quarantine import Entry, in_quarantine, problems
from testarena_ci.quarantine_file import look_into
from testarena_ci.settings import NamedFile, Settings, SettingsErrors
from tests.unit.tpf.test_selection import ALL
from tpf.errors import ScenarioErrors
from tpf.result import Quarantine, Source
from tpf.schedule import announced, plan

TODAY = dt.date(2026, 6, 15)
UNTIL = Quarantine(reason="noisy", ticket="PROJ-7", until="2026-06-15")
RIGHT = "- case: wifi/joins\n  reason: noisy\n  ticket: PROJ-7\n  until: 2026-06-15\n"


def entry(case: str, until: str = "2026-06-15") -> Entry:
    said = Quarantine(reason="noisy", ticket="PROJ-7", until=until)
    return Entry(case=case, quarantine=said, source=Source(file="quarantine.yml", line=1, column=9))


def told(tmp_path: Path, text: str) -> tuple[tuple[Entry, ...], list[str]]:
    path = tmp_path / "quarantine.yml"
    path.write_text(text)
    entries, found = look_into(path, "quarantine.yml")
    return entries, list(map(str, found))


def wrong(*entries: Entry, all_known: bool = True) -> list[str]:
    return [str(problem) for problem in problems(entries, ALL, TODAY, all_known=all_known)]


def test_a_right_file(tmp_path: Path) -> None:
    entries, found = told(tmp_path, RIGHT)
    assert not found
    assert [(one.case, one.quarantine, one.source.line, one.source.column) for one in entries] == [
        ("wifi/joins", UNTIL, 1, 9)
    ]
    assert told(tmp_path, "# nothing yet\n") == ((), [])


@pytest.mark.parametrize(
    "text, message",
    [
        ("case: a\n", "quarantine.yml:1:1: the file is a list of entries"),
        ("- a\n", "quarantine.yml:1:3: the file is a list of entries"),
        ("- case: a\n", "quarantine.yml:1:3: the entry needs reason and ticket and until, too"),
        (RIGHT.replace("ticket", "tikcet"), "quarantine.yml:3:3: unknown field 'tikcet'; did you mean 'ticket'?"),
        (RIGHT.replace("2026-06-15", "next week"), "quarantine.yml:4:3: until: 'next week' is not a day"),
        (RIGHT.replace("2026-06-15", "2026-02-30"), "until: '2026-02-30' is not a day: write year, month and day"),
        (RIGHT.replace("2026-06-15", "20260615"), "is not a day"),
        (RIGHT.replace("2026-06-15", "2026-W25-1"), "'2026-W25-1' is not a day"),
        (RIGHT.replace("noisy", "''"), "quarantine.yml:2:3: reason: "),
        (RIGHT.replace("noisy", "[a]"), "quarantine.yml:2:3: reason: needs one plain value"),
        (RIGHT.replace("wifi/joins", '"a\\u202eb"'), "quarantine.yml:1:3: case: needs a name on one line"),
        (RIGHT + RIGHT, "quarantine.yml:5:9: case: 'wifi/joins' stands in line 1 already: keep one"),
        (RIGHT + "  until: 2026-06-16\n", "quarantine.yml:5:3: until stands twice in this entry"),
        ("- [\n", "not valid YAML"),
        ("#" * 70_000, "larger than 64 KiB"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, text: str, message: str) -> None:
    _, found = told(tmp_path, text)
    assert any(message in line for line in found), found


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    entries, found = told(tmp_path, "- case: a\n- b\n" + RIGHT + "- until: 1\n")
    assert [one.case for one in entries] == ["wifi/joins"]
    assert len(found) == 4


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    _, found = look_into(tmp_path / "none.yml", "none.yml")
    assert str(found[0]).startswith("none.yml: no such file; make one")
    (tmp_path / "bytes.yml").write_bytes(b"\xff\xfe\xfa")
    assert "not UTF-8" in str(look_into(tmp_path / "bytes.yml", "bytes.yml")[1][0])
    assert "can't read it" in str(look_into(tmp_path, "folder")[1][0])


def test_an_entry_holds_through_its_last_day() -> None:
    assert not wrong(entry("wifi/joins"))
    (message,) = wrong(entry("wifi/joins", "2026-06-14"))
    assert message == (
        "quarantine.yml:1:9: the quarantine of 'wifi/joins' ended on 2026-06-14 (PROJ-7), and today is 2026-06-15: "
        "mend the case and remove the entry, or give it a later day"
    )


def test_a_case_that_is_nowhere_is_told_with_the_nearest() -> None:
    assert wrong(entry("wifi/jions")) == [
        "quarantine.yml:1:9: there is no case 'wifi/jions'; did you mean 'wifi/joins'?"
    ]
    assert len(wrong(entry("elsewhere/case"))) == 1
    assert not wrong(entry("elsewhere/case"), all_known=False)
    assert len(wrong(entry("wifi/jions"), all_known=False)) == 1  # the scenario is known


def test_the_case_a_scenario_and_parts() -> None:
    assert not wrong(entry("wifi"), entry("wifi/joins"), entry("wifi/joins / a part / of it"))
    assert len(wrong(entry("wifi / a part"), entry("wifi/none / a part"))) == 2


def test_what_is_planned_carries_it() -> None:
    other = Quarantine(reason="r", ticket="T", until="2027-01-01")
    marked = in_quarantine(
        ALL,
        (
            entry("wifi"),
            Entry(case="wifi/joins", quarantine=other, source=Source(file="q")),
            entry("wifi/joins / x"),
            entry("gone"),
        ),
    )
    cases = {f"{scenario.name}/{case.name}": case for scenario in announced(plan(marked)) for case in scenario.cases}
    assert cases["wifi/joins"].quarantine == other
    assert cases["wifi/flood"].quarantine == UNTIL
    assert cases["wifi/joins"].quarantine_of("x") == UNTIL
    assert cases["wifi/joins"].quarantine_of("y") == other
    assert all(case.quarantine is None for name, case in cases.items() if not name.startswith("wifi/"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "scenarios/more").mkdir(parents=True)
    for name in ("one", "more/two"):
        body = '<machine kind="command" command="cat"/><case name="c"><reset/></case>'
        text = f'<scenario name="{name[-3:]}">{body}</scenario>'
        (tmp_path / f"scenarios/{name}.xml").write_text(text)
    return tmp_path


def quarantined(folder: Path, text: str, *scenarios: str) -> Settings:
    path = folder / "quarantine.yml"
    path.write_text(text)
    return Settings(quarantine=NamedFile(path=path, place=""), scenarios=scenarios or ("scenarios",))


def test_scenarios_are_loaded_with_their_quarantine(project: Path) -> None:
    settings = quarantined(project, RIGHT.replace("wifi/joins", "one/c"))
    one, two = sorted(load_judged(settings, language(settings, project), project, TODAY), key=lambda it: it.name)
    assert (one.cases[0].quarantine, two.cases[0].quarantine) == (UNTIL, None)


def test_an_expired_entry_ends_a_run_before_it_begins_and_a_list_shows_it(project: Path) -> None:
    settings = quarantined(project, RIGHT.replace("wifi/joins", "one/c"))
    known = language(settings, project)
    with pytest.raises(SettingsErrors, match=r"^quarantine.yml:1:9: the quarantine of 'one/c' ended") as caught:
        load_judged(settings, known, project, TODAY + dt.timedelta(days=1))
    assert caught.value.exit_code == 2
    assert any(scenario.cases[0].quarantine for scenario in load_marked(settings, known, project))


def test_what_is_wrong_with_scenarios_and_quarantine_is_told_at_once(project: Path) -> None:
    (project / "scenarios/bad.xml").write_text("<scenario/>")
    settings = quarantined(project, RIGHT + "- x\n")
    with pytest.raises(ScenarioErrors) as caught:
        load_judged(settings, language(settings, project), project, TODAY + dt.timedelta(days=1))
    files = [problem.source.file for problem in caught.value.problems]
    assert files.count("quarantine.yml") == 2
    assert any(file.endswith("bad.xml") for file in files)


@pytest.mark.parametrize(
    "given, of_project, everything",
    [
        ("scenarios", "scenarios", True),
        (".", "scenarios", True),
        ("scenarios/more", "scenarios", False),
        ("scenarios/one.xml", "scenarios", False),
        ("scenarios", "scenarios/more", True),
        ("scenarios", "elsewhere", True),
        ("scenarios/one.xml", "elsewhere", False),
    ],
)
def test_when_all_scenarios_are_known(project: Path, given: str, of_project: str, everything: bool) -> None:
    assert all_known(Settings(scenarios=(given,), of_project=(of_project,)), project) is everything
