"""A report folder is whole or absent, is held by one run, and never eats what isn't ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from testarena_ci.report_folder import is_held, open_report_folder
from tpf.errors import SettingsError


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_a_new_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    with open_report_folder(tmp_path / "a/b/report") as folder:
        assert folder.is_dir()
    assert leftovers(tmp_path / "a/b") == []


def test_an_earlier_report_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "report"
    with open_report_folder(path) as folder:
        (folder / "events.jsonl").write_text("old")
        (folder / "logs").mkdir()
    with open_report_folder(path) as folder:
        assert not (folder / "events.jsonl").exists()
        assert not (folder / "logs").exists()
    assert leftovers(tmp_path) == []


def test_two_runs_never_share_a_folder(tmp_path: Path) -> None:
    with (
        open_report_folder(tmp_path / "report"),
        pytest.raises(SettingsError, match="another run is writing here"),
        open_report_folder(tmp_path / "report"),
    ):
        pass


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("data")
    with pytest.raises(SettingsError, match="files that no run of ours wrote"), open_report_folder(tmp_path):
        pass
    assert (tmp_path / "precious.txt").read_text() == "data"


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    with open_report_folder(tmp_path / "report") as folder:
        assert folder.is_dir()


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "report").write_text("x")
    with pytest.raises(SettingsError, match="is a file"), open_report_folder(tmp_path / "report"):
        pass


def test_a_place_that_cannot_be_written_is_told() -> None:
    with pytest.raises(SettingsError, match="can't make the report folder"), open_report_folder(Path("/proc/report")):
        pass


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "report").symlink_to("disk")
    for _ in range(2):
        with open_report_folder(tmp_path / "report") as folder:
            (folder / "events.jsonl").touch()
    assert (tmp_path / "report").is_symlink()
    assert (tmp_path / "disk/events.jsonl").exists()
    assert leftovers(tmp_path) == []


def test_a_link_that_leads_nowhere_yet_leads_to_the_report(tmp_path: Path) -> None:
    (tmp_path / "report").symlink_to("disk")
    with open_report_folder(tmp_path / "report"):
        assert (tmp_path / "disk").is_dir()


def test_links_in_a_circle_are_told(tmp_path: Path) -> None:
    (tmp_path / "report").symlink_to("report")
    with pytest.raises(SettingsError, match="can't make the report folder"), open_report_folder(tmp_path / "report"):
        pass


def test_the_folder_that_one_is_in_is_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "events.jsonl").touch()
    (tmp_path / "precious.txt").touch()
    monkeypatch.chdir(tmp_path / "inner")
    with pytest.raises(SettingsError, match="the folder that you are in"), open_report_folder(tmp_path):
        pass
    assert (tmp_path / "precious.txt").exists()


def test_a_folder_is_held_while_its_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "report"
    assert not is_held(path)
    with open_report_folder(path):
        assert is_held(path)
    assert not is_held(path)
