"""The environment of an activated ESP-IDF, made by the stand-in's idf_tools.py, which is a program of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.support.idf import FakeIdf, fake_idf
from tpf.errors import EnvironmentLacks
from tpf.firmware.idf.activate import activate, merged, parsed
from tpf.firmware.idf.find import Idf, find_idf
from tpf.process import Processes


def activated(environment: dict[str, str], cache: Path) -> dict[str, str]:
    async def main() -> dict[str, str]:
        async with asyncio.timeout(60), Processes(environment) as processes:
            return dict(await activate(find_idf(environment, "esp32c3", ()), processes, cache))

    return asyncio.run(main())


@pytest.fixture
def idf(tmp_path: Path) -> FakeIdf:
    return fake_idf(tmp_path)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_tools_and_interpreter_stand_first_on_path(idf: FakeIdf, cache: Path) -> None:
    made = activated(idf.environment, cache)
    assert shutil.which("fake-esp-elf-gcc", path=made["PATH"]) is not None
    assert shutil.which("idf.py", path=made["PATH"]) == str(idf.path / "tools" / "idf.py")
    assert shutil.which("python", path=made["PATH"]) == f"{made['IDF_PYTHON_ENV_PATH']}/bin/python"
    assert made["PATH"].endswith(idf.environment["PATH"])
    assert (made["IDF_PATH"], made["ESP_IDF_VERSION"]) == (str(idf.path), "5.3")
    assert made["ESP_ROM_ELF_DIR"].startswith(str(idf.tools))


def test_the_second_time_nothing_is_started(idf: FakeIdf, cache: Path) -> None:
    first = activated(idf.environment, cache)
    idf_tools = idf.path / "tools" / "idf_tools.py"
    times = idf_tools.stat()
    idf_tools.write_text("x" * times.st_size)  # it would fail now
    os.utime(idf_tools, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert activated(idf.environment, cache) == first


@pytest.mark.parametrize("text", ["", "{", "[]", '{"PATH": "/nowhere/bin:$PATH"}'])
def test_a_cache_that_is_broken_or_out_of_date_is_made_again(text: str, idf: FakeIdf, cache: Path) -> None:
    first = activated(idf.environment, cache)
    (file,) = cache.iterdir()
    file.write_text(text)
    assert activated(idf.environment, cache) == first
    assert file.read_text() != text


def test_nothing_is_left_in_the_folder_for_temporary_files(idf: FakeIdf, cache: Path, tmp_path: Path) -> None:
    before = set(Path(tempfile.gettempdir()).glob("*idf_*"))
    activated(idf.environment, cache)
    assert set(Path(tempfile.gettempdir()).glob("*idf_*")) <= before


def test_missing_tools_are_told_with_the_command_that_installs_them(idf: FakeIdf, cache: Path) -> None:
    shutil.rmtree(idf.tools / "tools")
    with pytest.raises(EnvironmentLacks) as caught:
        activated(idf.environment, cache)
    assert "tool fake-toolchain has no installed versions" in str(caught.value)
    assert f"{idf.path}/install.sh" in str(caught.value)
    assert not cache.exists()


def test_an_activated_one_is_taken_as_it_is(idf: FakeIdf, cache: Path) -> None:
    environment = {
        **idf.environment,
        "PATH": f"{idf.path}/tools:{idf.environment['PATH']}",
        "ESP_IDF_VERSION": "5.3",
        "IDF_PYTHON_ENV_PATH": "/venv",
    }
    made = activated(environment, cache)
    assert {name: environment[name] for name in made} == made
    assert {"PATH", "IDF_PATH", "IDF_PYTHON_ENV_PATH", "ESP_IDF_VERSION"} <= set(made)
    assert not cache.exists()


def test_warnings_among_the_variables_are_no_variables() -> None:
    said = "WARNING: something old\nA=1\nnot a variable\nPATH=/x:$PATH\n"
    assert parsed(said) == {"A": "1", "PATH": "/x:$PATH"}


def test_the_virtual_environment_of_ours_is_not_passed_on() -> None:
    idf = Idf(path=Path("/idf"), found="IDF_PATH")
    made = merged(
        idf,
        {"IDF_PYTHON_ENV_PATH": "/env", "PATH": "/gcc:$PATH", "IDF_DEACTIVATE_FILE_PATH": "/tmp/x"},
        {"PATH": "/bin", "VIRTUAL_ENV": "/ours", "SECRET": "x"},
    )
    assert made == {
        "IDF_PATH": "/idf",
        "IDF_PYTHON_ENV_PATH": "/env",
        "PATH": "/env/bin:/idf/tools:/gcc:/bin",
        "VIRTUAL_ENV": "/env",
    }
