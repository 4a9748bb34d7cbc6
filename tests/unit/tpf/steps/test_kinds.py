"""The kinds of steps: what each must have, and what an extension may not do."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from tpf.errors import UsageError
from tpf.scenario.declare import attributes_of, doc_of
from tpf.steps import KINDS, kinds
from tpf.steps.base import StepKind

STEP = """
from dataclasses import dataclass
from typing import ClassVar
from tpf.scenario.declare import Element

@dataclass(frozen=True, slots=True, kw_only=True)
class Blink:
    '''Blinks.'''
    element: ClassVar[Element] = Element(name="blink", example="<blink/>")
    def summary(self): return "blink"
    async def run(self, context): pass

@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    '''Does nothing.'''
    element: ClassVar[Element] = Element(name="idle")
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """An installed package that adds entry points to the step kinds."""
    info = tmp_path / "blink-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: blink\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[testarena.steps]\n{request.param}\n")
    (tmp_path / "blink_steps.py").write_text(STEP)
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("blink_steps", None)


@pytest.mark.parametrize("name, kind", KINDS.items())
def test_each_kind_is_documented(name: str, kind: type[StepKind]) -> None:
    assert kind.element.name == name
    assert f"<{name}" in kind.element.example
    assert doc_of(kind).endswith(".")
    assert all(attribute.doc for attribute in attributes_of(kind).values())
    assert dataclasses.is_dataclass(kind)


def test_only_kinds_that_are_used_are_imported() -> None:
    """A run's start must not take longer with each kind that there is."""
    asks = (
        f"import sys; sys.path[:] = {sys.path}; from tpf.language import default_vocabulary; "
        "steps = default_vocabulary().steps; 'http' in steps; list(steps); steps['wait']; "
        "print([name for name in sys.modules if name.startswith('tpf.steps.')])"
    )
    told = subprocess.run([sys.executable, "-S", "-c", asks], capture_output=True, text=True, check=True)
    assert "tpf.steps.wait" in told.stdout
    assert "tpf.steps.http" not in told.stdout
    assert "tpf.steps.send" not in told.stdout


def test_the_file_or_folder_of_a_kind_is_named_like_it() -> None:
    for name, kind in KINDS.items():
        assert kind.__module__.split(".")[2] == name.replace("-", "_")


@pytest.mark.parametrize("install", ["blink = blink_steps:Blink"], indirect=True)
@pytest.mark.usefixtures("install")
def test_an_extension_adds_its_kinds() -> None:
    assert kinds()["blink"].element.name == "blink"
    assert set(KINDS) < set(kinds())


@pytest.mark.parametrize(
    "install, words",
    [
        ("send = blink_steps:Blink", "there is a step kind 'send' already; rename it"),
        ("flash = blink_steps:Blink", "its element is named 'blink', its entry point 'flash': name both alike"),
        ("idle = blink_steps:Idle", "is no step kind: it has no summary and no run"),
        ("text = blink_steps:STEP", "can't be loaded"),
        ("data = blink_steps:dataclass", "it is not a dataclass with an `element`"),
        ("gone = no_such_module:Gone", "can't be loaded: No module named 'no_such_module'"),
    ],
    indirect=["install"],
)
@pytest.mark.usefixtures("install")
def test_an_extension_that_is_no_use_is_told(words: str) -> None:
    with pytest.raises(UsageError, match=words):
        kinds()
