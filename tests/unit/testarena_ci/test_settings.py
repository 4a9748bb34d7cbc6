"""Settings come from three places, and a wrong one is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from testarena_ci.context import inputs
from testarena_ci.settings import Settings, SettingsErrors, declared, pair, resolve, strangers
from testarena_ci.settings_file import look_into, read_file
from tpf.errors import SettingsError
from tpf.processes.reaper import MARK_VARIABLE


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "testarena.yml"
    path.write_text(text)
    return path


def test_a_file_gives_typed_settings(tmp_path: Path) -> None:
    text = "scenarios: [a, b]\njobs: 4\ntimeout: 20min\nstatus: false\ntag: smoke !slow\nset:\n  wifi: 'off'\n"
    settings = resolve(read_file(write(tmp_path, text)), {}, {})
    assert settings == Settings(
        scenarios=("a", "b"),
        jobs=4,
        timeout=1200.0,
        status=False,
        tag=("smoke", "!slow"),
        set=(("wifi", "off"),),
        of_project=("a", "b"),
    )


def test_flags_win_over_inputs_and_inputs_over_the_file(tmp_path: Path) -> None:
    file = read_file(write(tmp_path, "jobs: 1\nretries: 1\ntarget: esp32\n"))
    settings = resolve(file, {"jobs": "2", "retries": "2", "status_context": ""}, {"jobs": "3", "tag": ()})
    assert (settings.jobs, settings.retries, settings.target) == (3, 2, "esp32")
    assert settings.status_context == "testarena"


def test_inputs_of_several_lines_are_split() -> None:
    settings = resolve({}, {"scenarios": "a\n\n b \n", "tag": "x y", "set": "a=1\nb=2=3"}, {})
    assert settings.scenarios == ("a", "b")
    assert settings.tag == ("x", "y")
    assert settings.set == (("a", "1"), ("b", "2=3"))


@pytest.mark.parametrize(
    "text, message",
    [
        ("jbos: 1\n", r"testarena.yml:1:1: unknown setting 'jbos'; did you mean 'jobs'\?"),
        ("zzz: 1\n", r"known are scenarios, target"),
        ("jobs: many\n", r"testarena.yml:1:1: jobs: 'many' is not a whole number"),
        ("timeout: 20\n", r"timeout: '20' is not a duration.*did you mean '20s'"),
        ("jobs: [1]\n", r"jobs: needs one value"),
        ("set: [a]\n", r"set: needs `name: value` lines"),
        ("set:\n  a: [1]\n", r"set: needs plain values"),
        ("token: abc\n", r"a token doesn't belong into a file"),
        ("- a\n", r"testarena.yml:1:1: the settings are"),
        ("a: [\n", r"testarena.yml:2:1: not valid YAML"),
        ("jobs: *nothing\n", r"not valid YAML"),
        ("[" * 3000, r"not valid YAML"),
        ("\x00", r"not valid YAML"),
    ],
)
def test_a_wrong_file_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        read_file(write(tmp_path, text))


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert resolve(read_file(write(tmp_path, "# nothing\n")), {}, {}) == Settings()


def test_a_missing_or_unreadable_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        read_file(tmp_path / "testarena.yml")
    with pytest.raises(SettingsError, match="can't read it"):
        read_file(tmp_path)


def test_a_wrong_input_is_told() -> None:
    with pytest.raises(SettingsError, match=r"input jobs \(TESTARENA_JOBS\): '-1' is not between 0 and 512"):
        resolve({}, {"jobs": "-1"}, {})


@pytest.mark.parametrize("text", ["novalue", "=x", "a b=c"])
def test_pairs_have_a_name_and_a_value(text: str) -> None:
    with pytest.raises(ValueError, match="name"):
        pair(text)


def test_all_that_is_wrong_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    text = "jbos: 1\ntimeout: 20\nset:\n  a b: 1\n  c: [1]\nretries: x\nretries: 1\n"
    file, problems = look_into(write(tmp_path, text))
    with pytest.raises(SettingsErrors) as caught:
        resolve(file, {"jobs": "-1", "set": "x\ny=1"}, {"timeout": "1 day", "set": ("z",)}, problems)
    told = str(caught.value).replace(f"{tmp_path}/", "").splitlines()
    wanted = [
        "testarena.yml:1:1: unknown setting 'jbos'; did you mean 'jobs'?",
        "testarena.yml:2:1: timeout: '20' is not a duration",
        "testarena.yml:4:3: set: 'a b' is not a name",
        "testarena.yml:5:3: set: needs plain values",
        "testarena.yml:6:1: retries: 'x' is not a whole number",
        "testarena.yml:7:1: retries is set in line 6 already: keep one of both",
        "input jobs (TESTARENA_JOBS): '-1' is not between 0 and 512",
        "--timeout: '1 day' is not a duration",
        "input set (TESTARENA_SET): 'x' is not of the form name=value",
        "--set: 'z' is not of the form name=value",
    ]
    assert len(told) == len(wanted)
    for beginning in wanted:
        assert [line for line in told if line.startswith(beginning)], (beginning, told)


def test_a_file_that_can_not_be_read_hides_nothing_else(tmp_path: Path) -> None:
    file, problems = look_into(write(tmp_path, "a: [\n"))
    with pytest.raises(SettingsErrors, match=r"testarena\.yml:2:1: not valid YAML(.|\n)*--jobs: 'x' is not a whole"):
        resolve(file, {}, {"jobs": "x"}, problems)


def test_variables_that_are_no_settings_are_noted() -> None:
    notes = list(
        strangers({"jbos": "1", "jobs": "1", "steps": "evil.py", "home": "/opt", "python": "3", "zzzzzzz": "1"})
    )
    assert notes[0] == "TESTARENA_JBOS is no setting and not used; did you mean TESTARENA_JOBS?"
    assert notes[1] == "TESTARENA_STEPS is not used: only testarena.yml can say steps"
    assert notes[2].startswith("TESTARENA_ZZZZZZZ is no setting and not used; known are TESTARENA_SCENARIOS, ")
    assert len(notes) == 3
    assert list(strangers(inputs({MARK_VARIABLE: "1", "TESTARENA_TOKEN": "secret", "TESTARENA_JOBS": ""}))) == []


def test_every_setting_explains_itself() -> None:
    for setting in declared():
        assert setting.doc.endswith("."), setting.name
        assert setting.variable.startswith("TESTARENA_")
