"""The tutorial is done as its reader would do it: its files are written, its commands run, their output compared."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from testarena_ci.reports.status import Place, run_status
from tests.support.documents import Block, alike, blocks, commands
from tpf.fold import fold
from tpf.journal import FILE_NAME, read


class Reader:
    """Follows a page in `folder`, which the page's scenarios see beside the examples."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        path = f"{Path(sys.executable).parent}:{environment['PATH']}"
        self._environment = {**environment, "PATH": path, "PYTHONPATH": str(folder)}
        self._file = folder / "none"
        self._code = 0
        self._statuses: list[str] = []

    def follow(self, block: Block) -> None:
        """Do what the directives of a block say."""
        for test in block.tests:
            word, _, rest = test.partition(" ")
            match word:
                case "file":
                    self._write(self._folder / rest, block.text)
                case "append":
                    self._append(self._folder / rest, block.text)
                case "replace":
                    self._replace(*rest.split(" | "))
                case "entry_points":
                    self._install(block.text)
                case "run":
                    self._run(block)
                case "status":
                    assert any(alike(block.text, status) for status in self._statuses), self._statuses
                case _:
                    raise AssertionError(f"{block}: unknown directive {word!r}")

    def _write(self, file: Path, text: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        self._file = file

    def _append(self, file: Path, cases: str) -> None:
        before, end, _ = file.read_text().partition("</scenario>")
        self._write(file, f"{before}\n{cases}{end}\n")

    def _replace(self, old: str, new: str) -> None:
        text = self._file.read_text()
        assert text.count(old) == 1, f"{old!r} should stand once in\n{text}"
        self._file.write_text(text.replace(old, new))

    def _install(self, project: str) -> None:
        """As pip would: `importlib.metadata` finds the entry points on the path."""
        info = self._folder / "acme_steps-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-steps\nVersion: 1.0\n")
        groups = tomllib.loads(project)["project"]["entry-points"].items()
        lines = (
            f"[{group}]\n" + "".join(f"{name} = {place}\n" for name, place in found.items()) for group, found in groups
        )
        (info / "entry_points.txt").write_text("".join(lines))

    def _run(self, block: Block) -> None:
        for command in commands(block):
            done = subprocess.run(
                ["bash", "-c", f"(exit {self._code}); {command.line}"],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=60,
                check=False,
            )
            self._code = done.returncode
            assert alike(command.output, done.stdout), f"{block}: $ {command.line}\n{done.stdout}"
            self._keep_status()

    def _keep_status(self) -> None:
        journal = self._folder / "testarena-report" / FILE_NAME
        if journal.is_file():
            status = run_status(fold(read(journal)), Place(sha="0" * 40))
            self._statuses.append(f"{status.context} — {status.description}")


@pytest.fixture
def clone(checkout: Path, tmp_path: Path) -> Path:
    """The examples as in a fresh clone."""
    folder = tmp_path / "testarena"
    shutil.copytree(checkout / "examples", folder / "examples", ignore=shutil.ignore_patterns("build"))
    (folder / ".git").mkdir()
    return folder


@pytest.mark.parametrize("name", ["tutorial", "how-to"])
def test_a_page_works_as_it_is_written(name: str, checkout: Path, clone: Path, environment: dict[str, str]) -> None:
    folder = clone / "tutorial"
    folder.mkdir()
    reader = Reader(folder, environment)
    steps = [block for block in blocks(checkout / "docs" / f"{name}.md") if block.tests]
    assert steps
    for block in steps:
        reader.follow(block)
