from __future__ import annotations

import os
from pathlib import Path

import pytest

from testarena_ci.viewing.files import headers_for, opened
from testarena_ci.viewing.request import Refused


def test_a_file_is_opened(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_text("text")
    with opened(tmp_path, ("logs", "a.log")) as file:
        assert os.read(file, 10) == b"text"


def test_links_folders_and_pipes_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    folder.mkdir()
    (tmp_path / "secret").write_text("x")
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "up").symlink_to(tmp_path)
    (folder / "inner").mkdir()
    os.mkfifo(folder / "pipe")
    for parts in (("link",), ("up", "secret"), ("inner",), ("pipe",), ("absent",), ("link", "x"), ("x" * 5000,)):
        with pytest.raises(Refused), opened(folder, parts):
            pass


def test_descriptors_are_given_back(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  of this very moment
    for parts in (("a", "absent"), ("a",)):
        with pytest.raises(Refused), opened(tmp_path, parts):
            pass
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208  as above


@pytest.mark.parametrize(
    "name, kind",
    [
        ("a.log", "text/plain"),
        ("junit.xml", "text/plain"),
        ("shot.PNG", "image/png"),
        ("page.html", "application/octet-stream"),
        ("index.html", "application/octet-stream"),
        ("drawing.svg", "application/octet-stream"),
        ("script.js", "application/octet-stream"),
        ("core", "application/octet-stream"),
    ],
)
def test_artifacts_never_act(name: str, kind: str) -> None:
    headers = headers_for(("artifacts", name))
    assert headers["Content-Type"].split(";")[0] == kind
    assert headers["Content-Security-Policy"].startswith("sandbox;")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers.get("Content-Disposition", "") == ("attachment" if kind == "application/octet-stream" else "")


def test_the_report_is_a_page_that_reaches_nothing_outside() -> None:
    headers = headers_for(("index.html",))
    assert headers["Content-Type"].startswith("text/html")
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
