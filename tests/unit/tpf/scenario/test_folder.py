"""Paths in scenarios stay in the checkout, also when links lead out, and files that must be there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.language import HEAD, Files
from tpf.scenario.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    inside = tmp_path / "checkout" / "tests"
    inside.mkdir(parents=True)
    (inside / "image.bin").touch()
    (tmp_path / "outside").mkdir()
    (tmp_path / "secret").touch()
    (inside / "out").symlink_to(tmp_path / "outside")
    return Folder.of(inside, tmp_path / "checkout")


@pytest.mark.parametrize("path", ["image.bin", "./image.bin", "new/file", "..", "../tests/image.bin"])
def test_paths_inside_are_right(folder: Folder, path: str) -> None:
    folder.check(path, must_exist=False)


@pytest.mark.parametrize(
    "path", ["../../secret", "out/file", "../../../etc/passwd", "out/../secret", "../../checkout2"]
)
def test_paths_that_leave_are_refused(folder: Folder, path: str) -> None:
    with pytest.raises(ValueError, match="leaves the checkout"):
        folder.check(path, must_exist=False)


@pytest.mark.parametrize(
    "path, wanted",
    [
        ("imag.bin", r"no file 'imag.bin': the checkout has no 'tests/imag.bin'; did you mean 'image.bin'\?"),
        ("absent/file", r"no file 'absent/file': the checkout has no 'tests/absent/file'$"),
        ("../tests", r"'../tests' is a folder, not a file"),
        ("x" * 300, "no file 'xxx"),
    ],
)
def test_files_that_must_be_there_are_looked_for(folder: Folder, path: str, wanted: str) -> None:
    folder.check("image.bin", must_exist=True)
    with pytest.raises(ValueError, match=wanted):
        folder.check(path, must_exist=True)


def test_a_scenario_outside_of_the_checkout_is_bound_to_its_own_folder(tmp_path: Path) -> None:
    folder = Folder.of(tmp_path / "outside", tmp_path / "checkout")
    folder.check("file", must_exist=False)
    with pytest.raises(ValueError, match="leaves"):
        folder.check("../file", must_exist=False)


def test_firmware_must_be_there_unless_a_command_makes_it(files: Files) -> None:
    text = f'{HEAD}<firmware image="a.bin" {{}}/><case name="c"><say/></case></scenario>'
    (problem,) = files.problems(text.format(""))
    assert problem.startswith("play.xml:1:47: attribute image: no file 'a.bin': the checkout has no ")
    assert problem.endswith("; or say with command=... how it is built")
    files.load(text.format('command="make"'))
    (files.folder / "a.bin").touch()
    files.load(text.format(""))


def test_steps_can_ask_for_files(files: Files) -> None:
    (problem,) = files.problems(f'{HEAD}<case name="c"><play file="a.wav"/></case></scenario>')
    assert problem.startswith("play.xml:1:58: attribute file: no file 'a.wav'")
    (problem,) = files.problems(f'{HEAD}<case name="c"><play to="../../x"/></case></scenario>')
    assert problem.startswith("play.xml:1:58: attribute to: '../../x' leaves the checkout")
    assert files.steps('<play to="new.wav"/>')
