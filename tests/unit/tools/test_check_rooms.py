"""Each rule of the house catches what it is for, and lets go what is fine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.check_rooms.__main__ import findings, main
from tools.check_rooms.tree import SourceFile


def source(path: str, text: str) -> SourceFile:
    return SourceFile(path=path, lines=tuple(text.splitlines()))


def found(*sources: SourceFile) -> list[str]:
    return sorted(str(finding) for finding in findings(list(sources)))


def function_of(lines: int, head: str = "def f():") -> str:
    return "\n".join([head, *["    pass"] * (lines - 1)])


def class_of(methods: int, head: str = "class C:") -> str:
    return "\n".join([head, *[f"    def m{number}(self): ..." for number in range(methods)]])


@pytest.mark.parametrize(
    "path, lines, fine",
    [
        ("tpf/a.py", 400, True),
        ("tpf/a.py", 401, False),
        ("testarena_ci/page.css", 401, False),
        ("tests/unit/test_a.py", 600, True),
        ("tests/unit/test_a.py", 601, False),
    ],
)
def test_a_file_has_an_end(path: str, lines: int, fine: bool) -> None:
    assert (not found(source(path, "\n" * lines))) is fine


@pytest.mark.parametrize(
    "text, fine",
    [
        (function_of(40), True),
        (function_of(41), False),
        (function_of(41, "async def f():"), False),
        (function_of(41, "def f():  # rooms: a table"), True),
        (function_of(41, "def f():  # rooms:"), False),
        (class_of(12), True),
        (class_of(13), False),
        (class_of(13, "class C:  # rooms: one method a key"), True),
    ],
)
def test_functions_and_classes_are_small(text: str, fine: bool) -> None:
    assert (not found(source("tpf/a.py", text))) is fine


@pytest.mark.parametrize(
    "text, name",
    [
        ("import subprocess", "subprocess"),
        ("from subprocess import run", "subprocess.run"),
        ("import asyncio as a\na.create_subprocess_exec()", "asyncio.create_subprocess_exec"),
        ("import os\nos.environ['A']", "os.environ"),
        ("from os import environ as e", "os.environ"),
        ("import os.path\nos.getenv('A')", "os.getenv"),
        ("import urllib.request", "urllib.request"),
        ("from urllib import request", "urllib.request"),
        ("import github", "github"),
        ("import time\ntime.sleep(1)", "time.sleep"),
    ],
)
def test_only_some_rooms_may_do_some_things(text: str, name: str) -> None:
    (finding,) = found(source("tpf/a.py", text))
    assert f" {name}: " in finding


@pytest.mark.parametrize(
    "path, text",
    [
        ("tpf/process.py", "import subprocess\nimport asyncio\nasyncio.create_subprocess_exec()"),
        ("testarena_ci/context.py", "import os\nos.environ"),
        ("testarena_ci/forges/github.py", "import github"),
        ("tests/unit/test_a.py", "import subprocess"),
        ("tpf/a.py", "import os\nfrom urllib.parse import quote\nos.path.join\nos.fspath(1).environ"),
    ],
)
def test_the_right_room_may(path: str, text: str) -> None:
    assert found(source(path, text)) == []


@pytest.mark.parametrize(
    "there",
    [
        "import tpf.a",
        "from tpf import a",
        "from tpf.a import x",
        "def f():\n    from tpf.a import x  # lazy: slow",
        "if TYPE_CHECKING:\n    import tpf.a",
        "import_module('tpf.a')",
    ],
)
def test_no_cycle_however_it_hides(there: str) -> None:
    (finding,) = found(source("tpf/a.py", "from tpf.b import f"), source("tpf/b.py", there))
    assert "import cycle: " in finding
    assert "tpf.a" in finding
    assert "tpf.b" in finding


def test_what_is_no_python_is_said_so() -> None:
    assert found(source("tpf/a.py", "def f(:")) == ["tpf/a.py:1: not Python: invalid syntax"]


def test_a_package_may_list_its_modules() -> None:
    package = source("tpf/steps/__init__.py", "from tpf.steps import send\nKINDS = {'send': send}")
    assert (
        found(package, source("tpf/steps/send.py", "from tpf.steps.base import X"), source("tpf/steps/base.py", ""))
        == []
    )


def test_an_import_in_a_function_says_why() -> None:
    assert "lazy: reason" in found(source("tpf/a.py", "def f():\n    import jinja2"))[0]
    assert found(source("tpf/a.py", "def f():\n    import jinja2  # lazy: 40 ms")) == []


def test_patches_are_rationed() -> None:
    tests = "\n".join(f"def test_{number}(): ..." for number in range(19))
    patching = "def test_p(monkeypatch): ..."
    assert found(source("tests/test_a.py", f"{tests}\n{patching}")) == []
    assert len(found(source("tests/test_a.py", f"{tests}\nfrom unittest import mock\n{patching}"))) == 2
    assert len(found(source("tests/test_a.py", f"{tests}\nimport unittest.mock as m\nm.patch()"))) == 2


def test_the_program_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tpf").mkdir()
    (tmp_path / "tpf" / "a.py").write_text("import time\ntime.sleep(1)\n")
    assert main(tmp_path) == 1
    assert capsys.readouterr().out.startswith("tpf/a.py:2: time.sleep: ")
    (tmp_path / "tpf" / "a.py").write_text("import time\n")
    assert main(tmp_path) == 0
    assert capsys.readouterr().out == "rooms: 1 files, 1 lines, longest tpf/a.py (1)\n"
