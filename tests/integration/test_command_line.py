"""The command line as its users meet it: what commands say, leave behind and exit with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from lxml import etree

from tests.support.command_line import CommandLine
from tpf.fold import fold
from tpf.journal import FILE_NAME, read
from tpf.result import RunResult

LAMP = """\
<scenario name="lamp" boot="%s">
  <requirement id="REQ-1"/>
  <machine kind="command" command="sh lamp.sh"/>
  <case name="shines"><send>on</send><expect within="2s">on</expect></case>
  <case name="counts"><send>count</send><expect within="300ms">count 1</expect></case>
  <case name="rests" skip="no need"><send>off</send></case>
</scenario>
"""
# Counts its starts in a file: from the second on, `count 1` is not what it says.
DEVICE = """\
echo x >> starts
while read -r word; do
  case $word in count) echo "count $(wc -l < starts)";; *) echo "$word";; esac
done
"""
BROKEN = (
    '<scenario name="x">\n  <machine kind="command" command="true"/>\n  <case name="a"><sned/></case>\n</scenario>\n'
)


@pytest.fixture
def testarena(tmp_path: Path, environment: Mapping[str, str]) -> CommandLine:
    """In a folder with a lamp that works at its first start and fails from the second on."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "lamp.xml").write_text(LAMP % "scenario")
    (tmp_path / "scenarios" / "lamp.sh").write_text(DEVICE)
    return CommandLine(folder=tmp_path, environment=environment)


def result(testarena: CommandLine) -> RunResult:
    return fold(read(testarena.folder / "testarena-report" / FILE_NAME))


def verdicts(testarena: CommandLine) -> list[str]:
    return [f"{one.name}/{case.name} {case.verdict}" for one in result(testarena).scenarios for case in one.cases]


# ---- choosing


def test_an_exact_case_several_times(testarena: CommandLine) -> None:
    done = testarena("run", "--case", "lamp/shines", "--repeat", "3", "--jobs", "1")
    assert done.returncode == 0, done.stdout
    assert verdicts(testarena) == [f"lamp [{number}/3]/shines passed" for number in (1, 2, 3)]


def test_a_slip_in_an_exact_case_runs_nothing(testarena: CommandLine) -> None:
    done = testarena("run", "--case", "lamp/shins")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no case 'lamp/shins'; did you mean 'lamp/shines'?" in done.stderr
    assert not (testarena.folder / "testarena-report").exists()


def test_what_failed_is_run_again_until_nothing_has(testarena: CommandLine) -> None:
    (testarena.folder / "scenarios" / "starts").write_text("x\n")
    done = testarena("run", "scenarios", "--set", "a=b c")
    assert done.returncode == 1
    assert "The failed ones again: testarena run scenarios --set 'a=b c' --failed" in done.stdout.splitlines()
    (testarena.folder / "scenarios" / "starts").unlink()
    again = testarena("run", "scenarios", "--failed")
    assert again.returncode == 0, again.stdout
    assert verdicts(testarena) == ["lamp/counts passed"]
    assert "The failed ones" not in again.stdout
    nothing = testarena("run", "scenarios", "--failed", "testarena-report")
    assert (nothing.returncode, nothing.stdout) == (0, "nothing to run: no case failed in testarena-report\n")
    assert verdicts(testarena) == ["lamp/counts passed"]  # the report is left as it is


def test_failed_without_a_report_and_without_its_folder(testarena: CommandLine) -> None:
    done = testarena("run", "--failed")
    assert done.returncode == 2
    assert "--failed: testarena-report holds no report of a run" in done.stderr
    swallowed = testarena("run", "--failed", "scenarios")
    assert "put --failed behind the paths" in swallowed.stderr


def test_a_seed_makes_an_order_again_and_stands_in_the_report(testarena: CommandLine) -> None:
    cases = "".join(f'<case name="{number}"><send>on</send><expect>on</expect></case>' for number in range(8))
    lamp = testarena.folder / "scenarios" / "lamp.xml"
    lamp.write_text((LAMP % "case").split("<case")[0] + cases + "</scenario>")
    first = testarena("run", "--shuffle", "5")
    assert first.returncode == 0, first.stdout
    assert "the order is shuffled: --shuffle 5 makes it again" in first.stdout
    order = verdicts(testarena)
    assert dict(result(testarena).properties)["shuffle"] == "5"
    assert testarena("run", "--shuffle", "5").returncode == 0
    assert verdicts(testarena) == order
    assert order != sorted(order)
    assert testarena("run", "scenarios", "--shuffle").returncode == 0
    picked = dict(result(testarena).properties)["shuffle"]
    assert picked.isdigit()
    no_seed = testarena("run", "--shuffle", "scenarios")
    assert no_seed.returncode == 2
    assert "'scenarios' is not a seed" in no_seed.stderr


def test_until_fail_goes_round_until_one_fails(testarena: CommandLine) -> None:
    done = testarena("run", "--until-fail", "--filter", "lamp")
    assert done.returncode == 1, done.stdout
    assert "Round 2 of --until-fail did not pass, 1 before it passed; the report is of this one" in done.stdout
    assert dict(result(testarena).properties)["round"] == "2"
    assert verdicts(testarena) == ["lamp/shines passed", "lamp/counts failed", "lamp/rests skipped"]


def test_until_fail_ends_with_its_rounds_or_its_time(testarena: CommandLine) -> None:
    counted = testarena("run", "--until-fail", "--repeat", "3", "--case", "lamp/shines")
    assert counted.returncode == 0, counted.stdout
    assert "3 rounds, and all passed" in counted.stdout
    lamp = testarena.folder / "scenarios" / "lamp.xml"
    lamp.write_text(lamp.read_text().replace("<send>on</send>", '<wait for="6s"/><send>on</send>'))
    timed = testarena("run", "--until-fail", "--timeout", "11s", "--case", "lamp/shines")
    assert timed.returncode == 0, timed.stdout
    assert "1 round, and all passed" in timed.stdout
    assert (testarena.folder / "testarena-report" / "index.html").is_file()


def test_numbers_of_setup_and_teardown_stand_in_all_reports(testarena: CommandLine) -> None:
    lamp = testarena.folder / "scenarios" / "lamp.xml"
    setup = '<setup><metric name="boot.time" unit="ms" max="300">250</metric></setup>'
    teardown = '<teardown><metric name="left" min="1">0</metric></teardown></scenario>'
    lamp.write_text(lamp.read_text().replace("<case", f"{setup}<case", 1).replace("</scenario>", teardown))
    done = testarena("run", "--case", "lamp/shines")
    assert done.returncode == 1, done.stdout
    assert "metric left is 0: less than its limit, 1" in done.stdout
    report = testarena.folder / "testarena-report"
    (scenario,) = json.loads((report / "results.json").read_text())["scenarios"]
    measured = [(metric["name"], metric["value"], metric["unit"]) for metric in scenario["metrics"]]
    assert measured == [("boot.time", 250.0, "ms"), ("left", 0.0, "")]
    suite = etree.parse(report / "junit.xml").find("testsuite")
    assert suite is not None
    properties = {one.get("name"): one.get("value") for one in suite.iterfind("properties/property")}
    assert (properties["metric.boot.time"], properties["metric.left"]) == ("250 ms", "0")
    page = (report / "index.html").read_text()
    assert "boot.time" in page[page.index("metrics-title") :]


# ---- looking


def test_list_shows_requirements_and_json(testarena: CommandLine) -> None:
    shown = testarena("list", "--requirements").stdout.splitlines()
    assert shown[0] == "REQ-1"
    assert shown[-1] == "1 requirement; cases without one: 0 of 3"
    document = json.loads(testarena("list", "--format", "json").stdout)
    assert [case["name"] for case in document["scenarios"][0]["cases"]] == ["shines", "counts", "rests"]
    assert "SCENARIO" in testarena("list", "--format", "table").stdout


def test_validate_tells_every_problem_and_counts_them(testarena: CommandLine) -> None:
    fine = testarena("validate")
    assert (fine.returncode, fine.stdout) == (0, "1 scenario with 3 cases: no problems found\n")
    assert json.loads(testarena("validate", "--format", "json").stdout) == []
    (testarena.folder / "scenarios" / "broken.xml").write_text(BROKEN)
    done = testarena("validate")
    assert done.returncode == 2
    first, count = done.stdout.splitlines()
    assert first.startswith("scenarios/broken.xml:3:18: unknown step <sned>; did you mean <send>?")
    assert count == "1 problem in 1 file"
    assert done.stderr == ""
    machine = testarena("validate", "--format", "json")
    assert machine.returncode == 2
    (problem,) = json.loads(machine.stdout)
    assert (problem["file"], problem["line"], problem["column"]) == ("scenarios/broken.xml", 3, 18)
    assert problem["message"].startswith("unknown step <sned>")


def test_problems_are_annotations_on_github_and_lines_elsewhere(testarena: CommandLine) -> None:
    (testarena.folder / "scenarios" / "broken.xml").write_text(BROKEN)
    for command in ("validate", "run"):
        done = testarena(command, GITHUB_ACTIONS="true", CI="true", TESTARENA_STATUS="false")
        assert done.returncode == 2
        wanted = "::error file=scenarios/broken.xml,line=3,col=18,title=TestArena::unknown step <sned>"
        assert any(line.startswith(wanted) for line in done.stdout.splitlines()), done.stdout
    forge = testarena("validate", GITEA_ACTIONS="true", GITHUB_ACTIONS="true", CI="true")
    assert forge.stdout.startswith("scenarios/broken.xml:3:18: unknown step <sned>")
    local = testarena("run")
    assert local.stdout == ""
    assert local.stderr.startswith("scenarios/broken.xml:3:18: unknown step")
    assert local.stderr.endswith("testarena: nothing ran: 1 problem in 1 file\n")


def test_all_wrong_settings_are_told_at_once(testarena: CommandLine) -> None:
    (testarena.folder / "testarena.yml").write_text("jbos: 1\nretries: many\n")
    for command in ("run", "list"):
        done = testarena(command, "--set", "novalue", TESTARENA_TARGET="x" * 300, TESTARENA_TARGTE="esp32")
        assert (done.returncode, done.stdout) == (2, "")
        note, *lines = done.stderr.splitlines()
        assert note == "note: TESTARENA_TARGTE is no setting and not used; did you mean TESTARENA_TARGET?"
        assert lines[0] == "testarena.yml:1:1: unknown setting 'jbos'; did you mean 'jobs'?"
        assert lines[1].startswith("testarena.yml:2:1: retries: 'many' is not a whole number")
        assert lines[2].startswith("input target (TESTARENA_TARGET): ")
        assert lines[3] == "--set: 'novalue' is not of the form name=value"
        assert lines[4:] == ["testarena: nothing ran: 4 problems in the settings"]


QUARANTINED = "- case: lamp/counts\n  reason: counts starts\n  ticket: LAMP-1\n  until: {}\n"


def test_a_quarantined_failure_fails_no_run(testarena: CommandLine) -> None:
    (testarena.folder / "quarantine.yml").write_text(QUARANTINED.format("9999-12-31"))
    (testarena.folder / "scenarios/starts").write_text("x\n")
    done = testarena("run", "--retry-panics")
    assert done.returncode == 0, done.stdout
    assert verdicts(testarena) == ["lamp/shines passed", "lamp/counts failed", "lamp/rests skipped"]
    assert "PASSED: 1 quarantined, 1 passed, 1 skipped" in done.stdout
    assert "lamp/counts: quarantined until 9999-12-31, LAMP-1: expected" in done.stdout
    assert json.loads((testarena.folder / "testarena-report/queue_status.json").read_text())["state"] == "passed"
    valid = testarena("validate")
    assert valid.stdout.endswith(
        "no problems found\nlamp/counts: quarantined until 9999-12-31, LAMP-1: counts starts\n"
    )
    assert "counts  [quarantined until 9999-12-31, LAMP-1]" in testarena("list").stdout


def test_an_expired_quarantine_ends_validate_and_run(testarena: CommandLine) -> None:
    (testarena.folder / "testarena.yml").write_text("quarantine: ci/known.yml\n")
    (testarena.folder / "ci").mkdir()
    (testarena.folder / "ci/known.yml").write_text(QUARANTINED.format("2020-01-01") + "- case: lamp/conuts\n")
    valid = testarena("validate")
    assert (valid.returncode, valid.stderr) == (2, "")
    assert valid.stdout.startswith("ci/known.yml:1:9: the quarantine of 'lamp/counts' ended on 2020-01-01 (LAMP-1)")
    run = testarena("run")
    assert (run.returncode, run.stdout) == (2, "")
    assert "ci/known.yml:5:3: the entry needs reason and ticket and until, too" in run.stderr
    assert not (testarena.folder / "testarena-report").exists()


def test_validate_tells_wrong_settings_as_it_tells_all_else(testarena: CommandLine) -> None:
    (testarena.folder / "testarena.yml").write_text("jbos: 1\n")
    done = testarena("validate", "--set", "x")
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.splitlines() == [
        "testarena.yml:1:1: unknown setting 'jbos'; did you mean 'jobs'?",
        "--set: 'x' is not of the form name=value",
        "2 problems in the settings",
    ]
    machine = testarena("validate", "--format", "json", "--set", "x")
    assert machine.returncode == 2
    assert [(one["file"], one["line"], one["column"]) for one in json.loads(machine.stdout)] == [
        ("testarena.yml", 1, 1),
        ("", 0, 0),
    ]


def test_wrong_settings_are_annotations_at_their_places_on_github(testarena: CommandLine) -> None:
    (testarena.folder / "testarena.yml").write_text("jbos: 1\n")
    done = testarena("run", GITHUB_ACTIONS="true", CI="true", TESTARENA_JOBS="x")
    annotations = [line for line in done.stdout.splitlines() if line.startswith("::error")]
    assert annotations[0].startswith("::error file=testarena.yml,line=1,col=1,title=TestArena::unknown setting")
    assert annotations[1].startswith("::error title=TestArena::input jobs (TESTARENA_JOBS): ")


# ---- editing


def test_the_schema_is_printed_with_steps_of_ones_own(example: CommandLine) -> None:
    printed = example("schema")
    assert (printed.returncode, printed.stderr) == (0, "")
    written = example("schema", "-o", "scenarios/testarena.xsd")
    assert (written.returncode, written.stdout) == (0, "wrote scenarios/testarena.xsd\n")
    path = example.folder / "scenarios" / "testarena.xsd"
    assert path.read_text() == printed.stdout
    xsd = etree.XMLSchema(file=str(path))
    weather = etree.parse(example.folder / "scenarios" / "weather.xml")
    assert xsd.validate(weather), xsd.error_log
    (step, *_) = weather.iterfind(".//expect-json")
    step.tag = "expect-jsno"
    assert not xsd.validate(weather)
    assert "<xs:documentation>" in printed.stdout


def test_a_schema_that_can_not_be_written_is_told(example: CommandLine) -> None:
    for output in ("scenarios", "gone/testarena.xsd"):
        done = example("schema", "-o", output)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"testarena: {output}: can't be written: ")
    assert sorted(path.name for path in example.folder.iterdir()) == ["ci", "scenarios", "testarena.yml"]


# ---- making


def test_a_new_scenario_runs_at_once(tmp_path: Path, environment: Mapping[str, str]) -> None:
    testarena = CommandLine(folder=tmp_path, environment=environment)
    made = testarena("new")
    assert made.returncode == 0, made.stderr
    assert (tmp_path / "testarena.yml").is_file()
    assert testarena("validate").returncode == 0
    done = testarena("run")
    assert done.returncode == 0, done.stdout
    again = testarena("new")
    assert again.returncode == 2
    assert "is there already, and nothing is overwritten" in again.stderr


def test_a_new_scenario_for_a_program_of_make_runs_at_once(tmp_path: Path, environment: Mapping[str, str]) -> None:
    if shutil.which("cc") is None or shutil.which("make") is None:
        pytest.skip("no C compiler here")
    testarena = CommandLine(folder=tmp_path, environment=environment)
    (tmp_path / "Makefile").write_text("TARGET = lamp\n$(TARGET): lamp.c\n\tcc -o $@ $<\n")
    (tmp_path / "lamp.c").write_text(
        '#include <stdio.h>\nint main(void) {\n  const char *prompt = "lamp> ";\n  char line[80];\n'
        '  do { printf("%s", prompt); fflush(stdout); } while (fgets(line, sizeof line, stdin));\n  return 0;\n}\n'
    )
    made = testarena("new")
    assert "  prompt     lamp>                    lamp.c:3" in made.stdout.splitlines()
    done = testarena("run")
    assert done.returncode == 0, done.stdout


# ---- extending


@pytest.fixture
def example(checkout: Path, tmp_path: Path, environment: Mapping[str, str]) -> CommandLine:
    """The example of a step of a project's own."""
    folder = tmp_path / "extension"
    shutil.copytree(checkout / "examples" / "extension", folder, ignore=shutil.ignore_patterns("testarena-report"))
    return CommandLine(folder=folder, environment=environment)


def test_the_example_of_a_step_of_ones_own_works(example: CommandLine) -> None:
    done = example("run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(verdicts(example)) == 2
    assert not list(example.folder.rglob("__pycache__"))


def test_slips_in_a_step_of_ones_own_are_told_like_all_others(example: CommandLine) -> None:
    weather = example.folder / "scenarios" / "weather.xml"
    weather.write_text(weather.read_text().replace('save="degrees"', 'sav="degrees"'))
    done = example("validate")
    assert done.returncode == 2
    assert "unknown attribute sav; did you mean save?" in done.stdout


def test_a_step_of_ones_own_fails_the_firmware_and_breaks_by_itself(example: CommandLine) -> None:
    steps = example.folder / "ci" / "steps.py"
    steps.write_text(steps.read_text().replace("value = self._value(found.text)", "value = {}[found.text]"))
    done = example("run")
    assert done.returncode == 4
    assert "<expect-json> broke: " in done.stdout
    assert "ci/steps.py:" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "bug of ours" not in done.stdout + done.stderr


def test_a_file_of_steps_that_can_not_be_loaded_is_told_with_its_line(example: CommandLine) -> None:
    (example.folder / "ci" / "steps.py").write_text("\nimport no_such_thing\n")
    done = example("run")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "testarena: testarena.yml:3:9: steps: ci/steps.py:2: ModuleNotFoundError: No module named 'no_such_thing'\n"
    )
