"""Which ESP-IDF is taken, and what is said when there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.idf import FakeIdf, fake_idf, program
from tpf.errors import EnvironmentLacks
from tpf.firmware.idf.find import Idf, find_idf

USUAL = ("~/esp/esp-idf", "~/esp/*/esp-idf", "~/.espressif/*/esp-idf")


def find(environment: dict[str, str]) -> Idf:
    return find_idf(environment, "esp32c3", USUAL)


@pytest.fixture
def idf(tmp_path: Path) -> FakeIdf:
    return fake_idf(tmp_path)


def test_an_activated_one_comes_first(idf: FakeIdf, tmp_path: Path) -> None:
    other = tmp_path / "home" / "esp" / "esp-idf" / "tools" / "idf.py"
    program(other, "exit 1")
    found = find(
        {
            "PATH": f"{idf.path}/tools:/bin",
            "IDF_PATH": str(idf.path),
            "ESP_IDF_VERSION": "5.3",
            "HOME": str(tmp_path / "home"),
        }
    )
    assert (found.path, found.activated, found.version) == (idf.path, True, "5.3.2")


def test_with_idf_py_on_path_alone_it_is_activated_first(idf: FakeIdf) -> None:
    environment = {"PATH": f"{idf.path}/tools:/bin", "IDF_TOOLS_PATH": str(idf.tools)}
    found = find(environment)
    assert (found.path, found.activated) == (idf.path, False)
    assert not find({**environment, "IDF_PATH": str(idf.path)}).activated


def test_then_that_of_idf_path(idf: FakeIdf) -> None:
    found = find(idf.environment)
    assert (found.path, found.found, found.activated, found.tools) == (idf.path, "IDF_PATH", False, idf.tools)
    assert found.python is not None
    assert found.python.is_relative_to(idf.tools / "python_env")


def test_a_wrong_idf_path_is_told_and_no_other_one_taken(idf: FakeIdf, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentLacks, match=r"IDF_PATH is /nowhere/idf, which is no ESP-IDF .*correct or unset it"):
        find({**idf.environment, "IDF_PATH": "/nowhere/idf"})


@pytest.mark.parametrize(
    "there, taken",
    [
        (("esp/esp-idf", "esp/v5.3/esp-idf"), "esp/esp-idf"),
        (("esp/v5.9/esp-idf", "esp/v5.10/esp-idf"), "esp/v5.10/esp-idf"),
        ((".espressif/v5.4/esp-idf", ".espressif/v6.0/esp-idf"), ".espressif/v6.0/esp-idf"),
    ],
)
def test_then_those_in_usual_folders_the_newest_first(there: tuple[str, ...], taken: str, tmp_path: Path) -> None:
    for folder in there:
        program(tmp_path / folder / "tools" / "idf.py", "exit 1")
    assert find({"PATH": "/bin", "HOME": str(tmp_path)}).path == tmp_path / taken


def test_without_any_all_places_and_the_way_out_are_told() -> None:
    with pytest.raises(EnvironmentLacks) as caught:
        find({"PATH": "/bin", "HOME": "/nowhere"})
    for word in ("idf.py on PATH", "IDF_PATH", *USUAL, "testarena doctor --target esp32c3", "espressif/idf"):
        assert word in str(caught.value)


def test_tools_beside_an_image_of_espressif_are_found_without_idf_tools_path(tmp_path: Path) -> None:
    idf = fake_idf(tmp_path)
    idf.tools.joinpath("python_env").rename(tmp_path / "python_env")
    assert find({"PATH": "/bin", "IDF_PATH": str(idf.path)}).tools == tmp_path


def test_what_the_installation_manager_wrote_down_is_used(tmp_path: Path) -> None:
    path = tmp_path / ".espressif" / "v5.4" / "esp-idf"
    program(path / "tools" / "idf.py", "exit 1")
    python = tmp_path / ".espressif" / "tools" / "python" / "v5.4" / "venv" / "bin" / "python"
    program(python, "exit 1")
    file = tmp_path / ".espressif" / "tools" / "eim_idf.json"
    known = {"path": str(path), "python": str(python), "idfToolsPath": str(tmp_path / ".espressif" / "tools")}
    file.write_text(json.dumps({"idfInstalled": [known]}))
    found = find({"PATH": "/bin", "HOME": str(tmp_path)})
    assert (found.path, found.python, found.tools) == (path, python, tmp_path / ".espressif" / "tools")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"idfInstalled": 5}', '{"idfInstalled": [5]}'])
def test_a_broken_list_of_installations_does_no_harm(text: str, tmp_path: Path) -> None:
    path = tmp_path / ".espressif" / "v5.4" / "esp-idf"
    program(path / "tools" / "idf.py", "exit 1")
    (tmp_path / ".espressif" / "tools").mkdir()
    (tmp_path / ".espressif" / "tools" / "eim_idf.json").write_text(text)
    assert find({"PATH": "/bin", "HOME": str(tmp_path)}).path == path
