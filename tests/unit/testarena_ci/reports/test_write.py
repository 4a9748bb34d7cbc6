"""Reports on disk: whole or not at all, whatever lies in the report folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from testarena_ci.reports import KINDS
from testarena_ci.reports.console import ConsoleText
from testarena_ci.reports.write import log_reader, write_reports
from tests.support import runs
from tpf.errors import EnvironmentLacks
from tpf.result import DeviceLog


def read(folder: Path, path: str) -> ConsoleText:
    return log_reader(folder)(DeviceLog(device="", path=path))


def test_all_reports_are_written(tmp_path: Path) -> None:
    made = runs.mixed()
    for path, text in made.logs.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    written = write_reports(tmp_path, made.result)
    assert [path.name for path in written] == [kind.file for kind in KINDS.values()]
    assert all(path.stat().st_size > 100 for path in written)
    assert "Rebooting..." in (tmp_path / "junit.xml").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"logs", *(path.name for path in written)}


def test_a_report_is_replaced(tmp_path: Path) -> None:
    write_reports(tmp_path, runs.mixed().result)
    write_reports(tmp_path, runs.passed().result, kinds=["summary"])
    assert "Both cases passed" in (tmp_path / "summary.md").read_text()
    assert "6 did not run" in (tmp_path / "index.html").read_text()


def test_the_folder_is_made(tmp_path: Path) -> None:
    (path,) = write_reports(tmp_path / "a" / "b", runs.passed().result, kinds=["junit"])
    assert path == tmp_path / "a" / "b" / "junit.xml"


def test_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentLacks, match=r"junit\.xml: cannot write the report"):
        write_reports(tmp_path / "file", runs.passed().result, kinds=["junit"])


def test_missing_logs_do_no_harm(tmp_path: Path) -> None:
    assert len(write_reports(tmp_path, runs.mixed().result)) == len(KINDS)
    assert read(tmp_path, "logs/gone").problem == "logs/gone: No such file or directory"


@pytest.mark.parametrize("path", ["../secret", "/etc/hostname", "logs/../../secret", "link", "", "\x00", "a/" * 5000])
def test_a_path_that_leaves_the_folder_is_not_read(path: str, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    folder.mkdir()
    (tmp_path / "secret").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "secret")
    text = read(folder, path)
    assert text.problem
    assert not text.head


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read(tmp_path, "pipe").problem == "pipe: is not a file"
    assert read(tmp_path, ".").problem == ".: is not a file"


def test_a_binary_log_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(bytes(range(256)) * 10)
    assert read(tmp_path, "log").head == bytes(range(256)) * 10


def test_a_huge_log_keeps_head_and_tail_and_the_numbers_of_its_lines(tmp_path: Path) -> None:
    line = b"%10.3f  " + b"x" * 88 + b" %9d\n"
    many = 500_000  # 55 MB
    with (tmp_path / "log").open("wb") as file:
        for start in range(0, many, 10_000):
            file.write(b"".join(line % (number / 1000, number) for number in range(start + 1, start + 10_001)))
    text = read(tmp_path, "log")
    log = text.lines()
    assert text.left_out > 100_000
    assert len(text.head) + len(text.tail) <= 32 << 20
    assert log.total == many
    for number in (1, len(log.head), log.total - len(log.tail) + 1, many):
        (found,) = log.between(number, number)
        assert int(found.text.split()[-1]) == number


def test_a_huge_log_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" * (40 << 20))
    text = read(tmp_path, "log")
    assert (text.head, len(text.tail), text.lines().total) == (b"", 24 << 20, 1)
