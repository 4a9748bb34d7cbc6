"""Settings come from three places, and a wrong one is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from testarena_ci.settings import Settings, declared, pair, resolve
from testarena_ci.settings_file import read_file
from tpf.errors import SettingsError


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "testarena.yml"
    path.write_text(text)
    return path


def test_a_file_gives_typed_settings(tmp_path: Path) -> None:
    text = "scenarios: [a, b]\njobs: 4\ntimeout: 20min\nstatus: false\ntag: smoke !slow\nset:\n  wifi: 'off'\n"
    settings = resolve(read_file(write(tmp_path, text)), {}, {})
    assert settings == Settings(
        scenarios=("a", "b"), jobs=4, timeout=1200.0, status=False, tag=("smoke", "!slow"), set=(("wifi", "off"),)
    )


def test_flags_win_over_inputs_and_inputs_over_the_file(tmp_path: Path) -> None:
    file = read_file(write(tmp_path, "jobs: 1\nretries: 1\ntarget: esp32\n"))
    settings = resolve(file, {"jobs": "2", "retries": "2", "status_context": ""}, {"jobs": 3, "tag": ()})
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
        ("- a\n", r"testarena.yml:1: the settings are"),
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
    with pytest.raises(SettingsError):
        pair(text, "--set")


def test_every_setting_explains_itself() -> None:
    for setting in declared():
        assert setting.doc.endswith("."), setting.name
        assert setting.variable.startswith("TESTARENA_")
