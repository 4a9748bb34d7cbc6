"""First scenarios, for projects of every sort."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from testarena_ci.starter.facts import IdfProject
from testarena_ci.starter.look import look
from testarena_ci.starter.make import make, words
from testarena_ci.starter.sources import Sources
from tests.support.golden import Golden
from tpf.errors import SettingsError, UsageError
from tpf.language import LoadOptions, default_vocabulary, load_scenarios

CMAKE = "include($ENV{IDF_PATH}/tools/cmake/project.cmake)\nproject(%s)\n"
CONSOLE = '#define PROMPT_STR CONFIG_IDF_TARGET\nvoid app_main(void) {\n  config.prompt = PROMPT_STR ">";\n%s}\n'
MENU = "void app_main(void) { unity_run_menu(); }"

PROJECTS = {
    "idf-console": {
        "CMakeLists.txt": CMAKE % "console",
        "sdkconfig": 'CONFIG_IDF_TARGET="esp32c3"\nCONFIG_ESPTOOLPY_FLASHSIZE_8MB=y\n',
        "sdkconfig.ci": "CONFIG_X=y\n",
        "main/main.c": CONSOLE % "  esp_console_register_help_command();\n",
    },
    "idf-prompt-only": {
        "CMakeLists.txt": CMAKE % "console",
        "sdkconfig.defaults": 'CONFIG_IDF_TARGET="esp32s3"\n',
        "main/main.c": CONSOLE % "",
        "test_apps/x/CMakeLists.txt": CMAKE % "test",
        "test_apps/x/main/main.c": MENU,
        "build/main.c": MENU,
        "managed_components/a/a.c": MENU,
    },
    "idf-hello": {
        "CMakeLists.txt": CMAKE % '"hello world"',
        "README.md": "| Supported Targets | ESP32-C6 | ESP32 |\n",
        "main/hello.c": 'void app_main(void)\n{\n    printf("Hello <world> & \\"all\\"!\\n");\n}\n',
    },
    "idf-unity-menu": {
        "CMakeLists.txt": CMAKE % "unit_tests",
        "main/idf_component.yml": "targets:\n  - esp32c3\n",
        "main/test_app_main.c": MENU,
    },
    "idf-unity-run": {"CMakeLists.txt": CMAKE % "t", "main/t.c": "void app_main(void) { UNITY_BEGIN(); UNITY_END(); }"},
    "make": {"Makefile": "all: lamp\nlamp: lamp.c\n\tcc -o $@ $<\n", "lamp.c": 'int main(void) { puts("lamp here"); }'},
    "none": {"README.md": "nothing"},
}


def project(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / "lamp"
    for path, text in PROJECTS[name].items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


@pytest.mark.parametrize("name", PROJECTS)
def test_what_is_made_and_said(tmp_path: Path, golden: Golden, name: str) -> None:
    folder = project(tmp_path, name)
    result = make(folder)
    said = "\n".join(words(result, folder, tmp_path)).replace(f"{tmp_path}/", "")
    files = "".join(f"==> {path}\n{(folder / path).read_text()}" for path in result.made)
    golden.check(f"new/{name}.txt", f"{said}\n{files}")


@pytest.mark.parametrize("name", PROJECTS)
def test_what_is_made_is_right(tmp_path: Path, name: str) -> None:
    """`make` checks it as well; here it is checked without it."""
    folder = project(tmp_path, name)
    made = make(folder)
    options = LoadOptions(checkout=folder, cwd=folder)
    (scenario,) = load_scenarios([folder / made.scenario], default_vocabulary(), options)
    assert scenario.cases
    for script in folder.glob("scenarios/*.sh"):
        assert os.access(script, os.X_OK)
        subprocess.run(["sh", "-n", script], check=True, timeout=10)


def test_nothing_is_ever_overwritten(tmp_path: Path) -> None:
    folder = project(tmp_path, "none")
    (folder / "testarena.yml").write_text("# mine\n")
    made = make(folder)
    assert made.kept == ("testarena.yml",)
    assert (folder / "testarena.yml").read_text() == "# mine\n"
    before = (folder / made.scenario).read_bytes()
    with pytest.raises(UsageError, match=r"scenarios/lamp\.xml is there already, and nothing is overwritten"):
        make(folder)
    assert (folder / made.scenario).read_bytes() == before


def test_a_link_that_leads_nowhere_is_there_already(tmp_path: Path) -> None:
    folder = project(tmp_path, "none")
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "lamp.xml").symlink_to(tmp_path / "elsewhere.xml")
    with pytest.raises(UsageError, match="is there already"):
        make(folder)
    assert not (tmp_path / "elsewhere.xml").exists()


@pytest.mark.parametrize(
    "said, folder",
    [("tests/scenarios", "tests/scenarios"), ("one.xml", "scenarios"), ("../away", "scenarios"), ("/tmp", "scenarios")],
)
def test_scenarios_go_where_the_settings_say(tmp_path: Path, said: str, folder: str) -> None:
    place = project(tmp_path, "none")
    (place / "testarena.yml").write_text(f"scenarios: [{said}]\n")
    assert make(place).scenario == f"{folder}/lamp.xml"


def test_wrong_settings_and_folders_are_told(tmp_path: Path) -> None:
    folder = project(tmp_path, "none")
    (folder / "testarena.yml").write_text("jbos: 1\n")
    with pytest.raises(SettingsError, match=r"testarena\.yml:1:1: unknown setting 'jbos'"):
        make(folder)
    with pytest.raises(UsageError, match="no such folder"):
        make(tmp_path / "gone")


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    folder = project(tmp_path, "none")
    (folder / "scenarios").write_text("a file")
    with pytest.raises(UsageError, match="can't make the folder"):
        make(folder)


def test_other_projects_in_the_folder_and_what_was_built_are_not_looked_at(tmp_path: Path) -> None:
    found = look(project(tmp_path, "idf-prompt-only"))
    assert isinstance(found, IdfProject)
    assert found.console.unity is None


@pytest.mark.parametrize(
    "target, emulated",
    [("esp32", "esp32"), ("esp32s2", "esp32s3"), ("esp32c6", "esp32c3"), ("esp32p4", "esp32c3"), ("linux", "esp32")],
)
def test_a_target_that_nothing_emulates_gets_its_nearest(tmp_path: Path, target: str, emulated: str) -> None:
    folder = project(tmp_path, "idf-hello")
    (folder / "sdkconfig").write_text(f'CONFIG_IDF_TARGET="{target}"\n')
    found = look(folder)
    assert isinstance(found, IdfProject)
    assert (found.target.value, found.board.value) == (target, emulated)
    assert found.config is None


@pytest.mark.parametrize(
    "target, config",
    [("esp32c3", "sdkconfig.defaults;sdkconfig;sdkconfig.ci"), ("esp32c6", "sdkconfig.defaults;sdkconfig.ci")],
)
def test_settings_for_tests_come_on_top_of_the_others(tmp_path: Path, target: str, config: str) -> None:
    """An sdkconfig for another target is of no use."""
    folder = project(tmp_path, "idf-hello")
    (folder / "sdkconfig").write_text(f'CONFIG_IDF_TARGET="{target}"\n')
    for name in ("sdkconfig.defaults", "sdkconfig.ci"):
        (folder / name).write_text("CONFIG_X=y\n")
    found = look(folder)
    assert isinstance(found, IdfProject)
    assert found.config is not None
    assert found.config.value == config


def test_files_that_are_anything_are_taken_for_empty(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "CMakeLists.txt")
    (tmp_path / "a.c").write_bytes(b"\xff\x00" * 100)
    (tmp_path / "b.c").symlink_to(tmp_path / "b.c")
    sources = Sources(tmp_path)
    assert sources.get("CMakeLists.txt").text == ""
    assert [text.name for text in sources.code] == ["a.c", "b.c"]
