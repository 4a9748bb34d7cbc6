"""Files are put in place whole, with the folders that they need, and ours is hidden from git."""

from __future__ import annotations

from pathlib import Path

import pytest

from tpf.files import keep_out_of_git, write_atomically, write_new


def test_a_file_replaces_the_one_before_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    for data in (b"first", b"second"):
        write_atomically(file, data)
        assert file.read_bytes() == data
    assert file.stat().st_mode & 0o777 == 0o644
    assert [one.name for one in tmp_path.iterdir()] == ["report.json"]


def test_a_write_that_fails_names_the_file_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="directory") as told:
        write_atomically(tmp_path / "taken", b"")
    assert told.value.filename == str(tmp_path / "taken")
    assert [one.name for one in tmp_path.iterdir()] == ["taken"]


def test_missing_folders_are_made_when_asked_only(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "a" / "b", b"")
    write_atomically(tmp_path / "a" / "b", b"there", parents=True)
    assert (tmp_path / "a" / "b").read_bytes() == b"there"


def test_a_new_file_never_replaces_another(tmp_path: Path) -> None:
    write_new(tmp_path / "tool", b"first", executable=True)
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "tool", b"second")
    assert (tmp_path / "tool").read_bytes() == b"first"
    assert (tmp_path / "tool").stat().st_mode & 0o777 == 0o755
    assert [one.name for one in tmp_path.iterdir()] == ["tool"]


def test_git_does_not_see_our_folder_whatever_in_it_is_made_first(tmp_path: Path) -> None:
    deep = tmp_path / ".testarena" / "build" / "one"
    deep.mkdir(parents=True)
    keep_out_of_git(deep)
    assert (tmp_path / ".testarena" / ".gitignore").read_text() == "*\n"


def test_what_a_user_wrote_into_our_folder_s_gitignore_stays(tmp_path: Path) -> None:
    ours = tmp_path / ".testarena"
    ours.mkdir()
    (ours / ".gitignore").write_text("images\n")
    keep_out_of_git(ours)
    assert (ours / ".gitignore").read_text() == "images\n"


def test_folders_of_others_get_no_gitignore(tmp_path: Path) -> None:
    keep_out_of_git(tmp_path)
    assert not any(tmp_path.iterdir())
