"""Step kinds of a project's own, and what may be wrong with them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from testarena_ci.extensions import step_kinds
from testarena_ci.settings import NamedFile, resolve
from testarena_ci.settings_file import read_file
from tests.support.steps import Bench, on_bench
from tpf.errors import DeviceFailure, SettingsError, StepError
from tpf.steps import KINDS

HEAD = """
from __future__ import annotations
from dataclasses import dataclass
from typing import ClassVar
from tpf.errors import DeviceFailure
from tpf.result import FailureKind
from tpf.scenario.declare import Element, attribute
from tpf.scenario.types import NAME
"""
BLINK = """
@dataclass(frozen=True, slots=True, kw_only=True)
class Blink:
    '''Blinks.'''

    element: ClassVar[Element] = Element(name="blink", example='<blink lamp="red"/>')
    lamp: str = attribute(NAME, doc="which")

    def check(self):
        if self.lamp == "odd":
            raise KeyError(self.lamp)
        yield from ()

    def summary(self) -> str:
        return f"blink {self.lamp}" if self.lamp != "green" else 1 / 0

    async def run(self, context) -> None:
        if self.lamp == "red":
            raise DeviceFailure(FailureKind.MISMATCH, "it is dark")
        context.record.note({}["lamp"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    '''A part of another element: no step.'''

    element: ClassVar[Element] = Element(name="part")
"""


def named(tmp_path: Path, text: str, name: str = "steps.py") -> NamedFile:
    path = tmp_path / name
    path.write_text(text)
    return NamedFile(path=path, place="testarena.yml:2:9")


def problem(tmp_path: Path, *files: NamedFile) -> str:
    with pytest.raises(SettingsError) as caught:
        step_kinds(files, tmp_path, tmp_path)
    return str(caught.value)


def blink(tmp_path: Path, lamp: str) -> Any:
    kinds = step_kinds([named(tmp_path, HEAD + BLINK)], tmp_path, tmp_path)
    assert set(kinds) == {*KINDS, "blink"}
    return cast(Any, kinds["blink"])(lamp=lamp)


def test_a_file_adds_its_steps_and_leaves_nothing_behind(tmp_path: Path) -> None:
    assert blink(tmp_path, "blue").summary() == "blink blue"
    assert [path.name for path in tmp_path.iterdir()] == ["steps.py"]


def test_the_settings_file_names_them_relative_to_itself(tmp_path: Path) -> None:
    (tmp_path / "testarena.yml").write_text("jobs: 1\nsteps:\n  - ci/steps.py\n")
    (file,) = resolve(read_file(tmp_path / "testarena.yml"), {"steps": "evil.py"}, {}).steps
    assert file.path == tmp_path / "ci" / "steps.py"
    assert file.place == f"{tmp_path}/testarena.yml:3:5"


@pytest.mark.parametrize(
    "text, words",
    [
        ("import no_such_thing", "testarena.yml:2:9: steps: steps.py:1: ModuleNotFoundError: No module named 'no_such"),
        ("\n\ndef broken(:", "testarena.yml:2:9: steps: steps.py:3: SyntaxError: invalid syntax"),
        ("\x00", "testarena.yml:2:9: steps: steps.py: SyntaxError: source code string cannot contain null bytes"),
        ("\nraise SystemExit(3)", "testarena.yml:2:9: steps: steps.py:2: SystemExit: 3"),
        ("x = 1", "steps.py declares no step kind: a dataclass with `element`, `summary` and `run`"),
        (HEAD + BLINK.replace("blink", "send"), "there is a step kind 'send' already; rename it"),
        (HEAD + BLINK.replace("    def summary", "    def describe"), "Blink is no step kind: it has no summary()"),
        (HEAD + BLINK.replace("async def run", "def run"), "its run() is no coroutine; write `async def run`"),
        (HEAD + BLINK.replace("@dataclass(frozen=True, slots=True, kw_only=True)", ""), "it is not a dataclass"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_use_is_told_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    assert words in problem(tmp_path, named(tmp_path, text))


def test_a_class_is_told_with_its_line(tmp_path: Path) -> None:
    said = problem(tmp_path, named(tmp_path, HEAD + BLINK.replace("blink", "send")))
    assert said.startswith("steps.py:")
    assert int(said.split(":")[1]) > 10


def test_two_files_can_not_declare_the_same(tmp_path: Path) -> None:
    files = [named(tmp_path, HEAD + BLINK, name) for name in ("a.py", "b.py")]
    said = problem(tmp_path, *files)
    assert said.startswith("b.py:")
    assert "there is a step kind 'blink' already" in said


def test_files_outside_of_the_checkout_or_not_there(tmp_path: Path) -> None:
    outside = named(tmp_path, HEAD + BLINK)
    inside = tmp_path / "checkout"
    inside.mkdir()
    (inside / "link.py").symlink_to(outside.path)
    for path in (outside.path, inside / "link.py", inside / ".." / "steps.py"):
        with pytest.raises(SettingsError, match=r"testarena\.yml:2:9: steps: .*: leaves the checkout"):
            step_kinds([NamedFile(path=path, place=outside.place)], inside, inside)
    with pytest.raises(SettingsError, match=r"testarena\.yml:2:9: steps: gone\.py: can't be read: no such file"):
        step_kinds([NamedFile(path=inside / "gone.py", place=outside.place)], inside, inside)
    with pytest.raises(SettingsError, match=r"testarena\.yml:2:9: steps: .*null byte"):
        step_kinds([NamedFile(path=inside / "a\0.py", place=outside.place)], inside, inside)


# ---- what breaks in a step of a project is the project's


def run(tmp_path: Path, lamp: str) -> None:
    step = blink(tmp_path, lamp)

    async def work(bench: Bench) -> None:
        await step.run(bench.context)

    on_bench(tmp_path, work)


def test_a_step_fails_the_firmware(tmp_path: Path) -> None:
    with pytest.raises(DeviceFailure, match="it is dark"):
        run(tmp_path, "red")


def test_a_step_that_breaks_is_to_blame_itself(tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r"<blink> broke: .*steps\.py:\d+: KeyError: 'lamp'"):
        run(tmp_path, "blue")


def test_a_summary_or_check_that_breaks_too(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"its summary\(\) broke: .*steps\.py:\d+: ZeroDivisionError"):
        blink(tmp_path, "green").summary()
    (said,) = blink(tmp_path, "odd").check()
    assert said.startswith("<blink> can't be checked: ")
    assert "KeyError: 'odd'" in said


def test_being_stopped_is_no_fault(tmp_path: Path) -> None:
    text = HEAD + BLINK.replace('context.record.note({}["lamp"])', "import asyncio; await asyncio.Event().wait()")
    kind: Any = step_kinds([named(tmp_path, text)], tmp_path, tmp_path)["blink"]

    async def work(bench: Bench) -> None:
        task = asyncio.create_task(kind(lamp="blue").run(bench.context))
        await asyncio.wait((task,), timeout=0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    on_bench(tmp_path, work)
