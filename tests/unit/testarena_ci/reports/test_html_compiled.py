"""Compiled templates are kept, and nothing depends on them."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from testarena_ci.reports.html.compiled import TemplateCache


def rendered(folder: Path, text: str = "{{ 6 * 7 }}") -> str:
    environment = Environment(loader=DictLoader({"page": text}), autoescape=True, bytecode_cache=TemplateCache(folder))
    return environment.get_template("page").render()


@pytest.fixture
def writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have forbidden it."""
    monkeypatch.setattr("sys.dont_write_bytecode", False)


@pytest.mark.usefixtures("writing")
def test_what_was_compiled_is_kept_and_used_again(tmp_path: Path) -> None:
    assert rendered(tmp_path) == "42"
    (kept,) = tmp_path.iterdir()
    made = kept.stat().st_mtime_ns
    assert rendered(tmp_path) == "42"
    assert kept.stat().st_mtime_ns == made
    assert rendered(tmp_path, "another text") == "another text"


@pytest.mark.usefixtures("writing")
@pytest.mark.parametrize("keep", [0, 5, 40, -1])
def test_a_broken_file_is_made_anew(tmp_path: Path, keep: int) -> None:
    rendered(tmp_path)
    (kept,) = tmp_path.iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[:keep])
    assert rendered(tmp_path) == "42"
    assert kept.read_bytes() == whole


@pytest.mark.usefixtures("writing")
def test_it_needs_no_folder(tmp_path: Path) -> None:
    assert rendered(tmp_path / "absent") == "42"


def test_nothing_is_written_where_python_may_write_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    assert rendered(tmp_path) == "42"
    assert not list(tmp_path.iterdir())
