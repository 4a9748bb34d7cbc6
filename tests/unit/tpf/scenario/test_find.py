"""Paths on the command line: what is searched, skipped, and told when there is nothing or no way in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.language import WORDS, Files
from tpf.errors import ScenarioErrors
from tpf.scenario.find import shown
from tpf.scenario.parse import NO_SCENARIO, load_scenarios

ONE = '<scenario name="{}" target="hall"><case name="c"><say/></case></scenario>'


def names(files: Files, *paths: str) -> list[str]:
    found = load_scenarios([Path(path) for path in paths], WORDS, files.options())
    return [scenario.name for scenario in found]


def problem(files: Files, *paths: str) -> str:
    with pytest.raises(ScenarioErrors) as caught:
        names(files, *paths)
    return str(caught.value)


def test_folders_are_searched_in_the_order_of_names(files: Files) -> None:
    for name in ("b/two", "b/one", "a/three", "four", "b/c/five"):
        files.write(ONE.format(name), f"{name}.xml")
    assert names(files, ".") == ["four", "a/three", "b/one", "b/two", "b/c/five"]
    assert names(files, "b/two.xml", "a") == ["b/two", "a/three"]


def test_hidden_and_other_files_are_left_out(files: Files) -> None:
    for name in (".git/one.xml", ".hidden.xml", "two.txt", "three.xml.bak"):
        files.write(ONE.format(name), name)
    files.write("<testsuites/>", "junit.xml")
    files.write("<!DOCTYPE html><html>", "page.xml")
    files.write(ONE.format("yes"), "four.xml")
    assert names(files, ".") == ["yes"]


def test_a_file_of_another_kind_is_wrong_when_it_is_named(files: Files) -> None:
    files.write("<testsuites/>", "junit.xml")
    wanted = "its root element is <testsuites>, and such a file begins with <scenario>"
    assert problem(files, "junit.xml") == f"junit.xml:1:1: this is no scenario file: {wanted}"


def test_a_slip_in_the_roots_name_hides_nothing(files: Files) -> None:
    files.write("<Scenarios/>", "slip.xml")
    assert problem(files, ".").startswith("slip.xml:1:1: this is no scenario file: its root element is <Scenarios>")


def test_broken_files_in_a_folder_are_told(files: Files) -> None:
    files.write("", "empty.xml")
    assert problem(files, ".") == "empty.xml:1:1: the file is empty: a scenario begins with <scenario>"


def test_nothing_found_says_where_it_looked(files: Files) -> None:
    files.write("<testsuites/>", "out/junit.xml")
    where = NO_SCENARIO
    assert problem(files, "out") == f"out: {where}"
    assert problem(files, ".") == f".: {where}"


def test_no_path_is_told(files: Files) -> None:
    assert problem(files).endswith("no path given: name scenario files, or folders that hold some")


def test_paths_that_are_not_there_are_told(files: Files) -> None:
    assert (
        problem(files, "no.xml")
        == "no.xml: no such file or folder: name scenario files or folders, or let `testarena new` make a first one"
    )
    assert "can't be read" in problem(files, "nul\0.xml")
    assert "can't be read" in problem(files, "x" * 5000)


def test_special_files_do_not_stop_us(files: Files, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xml")
    assert problem(files, "pipe.xml") == "pipe.xml: is not a regular file"
    assert problem(files, ".") == "pipe.xml: is not a regular file"


def test_links_that_go_in_circles_are_told(files: Files, tmp_path: Path) -> None:
    (tmp_path / "loop.xml").symlink_to("loop.xml")
    assert "loop.xml: can't be read: too many levels of symbolic links" in problem(files, "loop.xml")


def test_a_folder_named_like_a_file_is_searched(files: Files) -> None:
    files.write(ONE.format("in"), "folder.xml/in.xml")
    assert names(files, "folder.xml") == ["in"]


def test_paths_are_shown_relative_and_printable(tmp_path: Path) -> None:
    assert shown(tmp_path / "a" / ".." / "b.xml", tmp_path) == "b.xml"
    assert shown(Path("b.xml"), tmp_path) == "b.xml"
    assert shown(tmp_path, tmp_path) == "."
    assert shown(tmp_path.parent / "c.xml", tmp_path) == f"{tmp_path.parent}/c.xml"
    assert shown(Path("a\nb\x1b.xml"), tmp_path) == "a\\nb\\x1b.xml"
    assert shown(Path(os.fsdecode(b"\xff.xml")), tmp_path).isprintable()
