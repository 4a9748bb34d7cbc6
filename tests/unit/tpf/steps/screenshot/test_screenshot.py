"""The step `screenshot`, on a display that shows one picture after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from tests.fakes.device import FakeDevice
from tests.support.steps import SOURCE, Bench, bound, on_bench, problems, step
from tpf.errors import DeviceFailure, StepError, TestArenaError
from tpf.result import FailureKind
from tpf.scenario.model import Step
from tpf.steps.screenshot.step import Mask


class Display(FakeDevice):
    """Shows colours, one after the other, the last one for ever."""

    def __init__(self, colours: Sequence[str]) -> None:
        super().__init__()
        self._colours = list(colours)

    async def screenshot(self, path: Path) -> None:
        colour = self._colours.pop(0) if len(self._colours) > 1 else self._colours[0]
        picture = Image.new("RGB", (10, 10), "white")
        picture.paste(colour, (0, 0, 10, 5))
        picture.save(path, format="PNG")


@dataclass(slots=True)
class Came:
    """What came of it."""

    artifacts: list[str] = field(default_factory=list)
    error: TestArenaError | None = None


def shoot(folder: Path, colours: Sequence[str], *masks: Step, **attributes: str) -> Came:
    came = Came()
    reference = Image.new("RGB", (10, 10), "white")
    reference.paste("blue", (0, 0, 10, 5))
    reference.save(folder / "menu.png")

    async def work(bench: Bench) -> None:
        try:
            await bench.run(step("screenshot", "", *masks, **attributes))
        except TestArenaError as error:
            came.error = error
        came.artifacts = [artifact.path for artifact in bench.record.artifacts]

    on_bench(folder, work, device=partial(Display, colours))
    assert {str(path.relative_to(folder / "report")) for path in folder.glob("report/**/*.*")} == set(came.artifacts)
    return came


def mask(**attributes: str) -> Step:
    return Step(kind="mask", source=SOURCE, attributes=tuple(attributes.items()), declared=Mask)


def test_a_picture_for_the_report(tmp_path: Path) -> None:
    came = shoot(tmp_path, ["red"], file="states/menu.png")
    assert (came.error, came.artifacts) == (None, ["artifacts/test/states/menu.png"])


def test_the_right_picture_may_come_late(tmp_path: Path) -> None:
    came = shoot(tmp_path, ["red", "green", "blue"], file="now.png", compare="menu.png")
    assert (came.error, came.artifacts) == (None, ["artifacts/test/now.png"])


def test_a_picture_that_stays_wrong(tmp_path: Path) -> None:
    came = shoot(tmp_path, ["red"], file="now.png", compare="menu.png", within="200ms", tolerance="49.5%")
    assert isinstance(came.error, DeviceFailure)
    assert came.error.kind is FailureKind.MISMATCH
    assert str(came.error).split("\n") == [
        "the display differs from menu.png in 50.00% of its pixels (50, all between 0,0 and 9,4); 49.5% may differ",
        "the picture: artifacts/test/now.png",
        "expected: artifacts/test/now.expected.png",
        "where they differ: artifacts/test/now.difference.png",
    ]
    assert len(came.artifacts) == 3


def test_a_tolerance(tmp_path: Path) -> None:
    assert shoot(tmp_path, ["red"], compare="menu.png", tolerance="50%").error is None


def test_a_mask(tmp_path: Path) -> None:
    assert shoot(tmp_path, ["red"], mask(x="0", y="0", width="10", height="5"), compare="menu.png").error is None


def test_pictures_of_one_name_are_all_kept(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        await bench.run(step("screenshot"), step("screenshot"))
        assert [artifact.name for artifact in bench.record.artifacts] == ["screen.png", "screen-2.png"]

    on_bench(tmp_path, work, device=partial(Display, ["red"]))


def test_no_picture_to_compare_with_yet(tmp_path: Path) -> None:
    came = shoot(tmp_path, ["red"], compare="pictures/new.png")
    assert isinstance(came.error, StepError)
    assert str(came.error) == (
        'there is no picture "pictures/new.png" to compare with yet; the report has one of now, '
        "artifacts/test/screen.png: when it is right, copy it there"
    )


def test_a_machine_without_a_display(tmp_path: Path) -> None:
    async def work(bench: Bench) -> None:
        await bench.run(step("screenshot"))

    with pytest.raises(StepError, match="this machine has no display"):
        on_bench(tmp_path, work)


@pytest.mark.parametrize("text", ["0.5", "101%", "-1%", "half"])
def test_what_is_no_share(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a share: write it as in '0\.5%'"):
        bound(step("screenshot", compare="a.png", tolerance=text))


def test_problems() -> None:
    assert problems(step("screenshot", file="a.jpg")) == [
        'attribute file: "a.jpg" must end with .png: that is what the picture is'
    ]
    (problem,) = problems(step("screenshot", tolerance="1%"))
    assert problem.startswith("tolerance and masks are for comparing")


def test_summary() -> None:
    assert bound(step("screenshot")).summary() == "screenshot screen.png"
    assert bound(step("screenshot", compare="a.png")).summary() == "screenshot screen.png like a.png within 10s"
