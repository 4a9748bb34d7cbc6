"""The step itself: takes pictures until one is right, keeps the last one and what it differs by."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from tpf.console.quoting import quote, seconds
from tpf.device_time import DeviceTime
from tpf.errors import DeviceFailure, StepError
from tpf.machines.base import HasScreen
from tpf.result import FailureKind
from tpf.scenario.declare import Element, attribute
from tpf.scenario.model import Step
from tpf.scenario.types import DURATION, PATH, Type, integer
from tpf.steps.base import StepContext
from tpf.steps.extras import need
from tpf.steps.places import within_checkout
from tpf.steps.screenshot.shots import Shots
from tpf.steps.wanted import WITHIN

_PAUSE: Final = 0.1  # seconds between two pictures
_SHARE: Final = r"([0-9]{1,3}(\.[0-9]{1,6})?)%"
_COORDINATE: Final = integer(0, 100_000)


def _share(text: str) -> float:
    found = re.fullmatch(_SHARE, text.strip())
    if found is None or float(found[1]) > 100:
        raise ValueError(f"{quote(text)} is not a share: write it as in '0.5%', from 0% to 100%")
    return float(found[1]) / 100


SHARE: Final = Type(name="share", doc="a share of the whole: `0.5%`", convert=_share, pattern=rf"\s*{_SHARE}\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """A rectangle of the picture that is not compared: a clock, a blinking cursor."""

    element: ClassVar[Element] = Element(name="mask", example='<mask x="560" y="0" width="80" height="16"/>')
    x: int = attribute(_COORDINATE, doc="its left edge, in pixels from the picture's left one")
    y: int = attribute(_COORDINATE, doc="its upper edge, in pixels from the picture's upper one")
    width: int = attribute(_COORDINATE, doc="how many pixels it is wide")
    height: int = attribute(_COORDINATE, doc="how many pixels it is high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Screenshot:
    """Takes a picture of the display into the report, and compares it with one that is right when there is one.

    Pictures are taken until one is right, for `within` at most: displays follow the device with a delay. Of one that
    stays wrong the report has the picture, the wanted one, and one that shows in red where they differ. When there is
    no picture to compare with yet, the step says where to copy this one from. Comparing needs
    `pip install 'testarena-ci[screenshot]'`. The machine must have a display.
    """

    element: ClassVar[Element] = Element(
        name="screenshot",
        children=(Mask,),
        example='<screenshot file="menu.png" compare="pictures/menu.png" tolerance="0.5%"/>',
    )
    file: str = attribute(
        PATH, default="screen.png", doc="what the picture is called in the report, below `${artifacts}`"
    )
    compare: str = attribute(PATH, default="", doc="the picture that it must look like")
    tolerance: float = attribute(SHARE, default=0.0, shown="0%", doc="how many of all pixels may differ")
    within: float = attribute(
        DURATION, default=WITHIN, shown="10s", doc="how long to wait for the right picture at most"
    )
    children: tuple[Step, ...] = ()

    def check(self) -> Iterator[str | tuple[str, str]]:
        if not self.file.strip().lower().endswith(".png"):
            yield "file", f"attribute file: {quote(self.file)} must end with .png: that is what the picture is"
        if not self.compare and (self.tolerance or self.children):
            yield "tolerance and masks are for comparing: say compare=..., the picture that is right"

    def summary(self) -> str:
        wanted = f" like {self.compare} within {seconds(self.within)}" if self.compare else ""
        return f"screenshot {self.file}{wanted}"

    async def run(self, context: StepContext) -> None:
        if not isinstance(context.machine, HasScreen):
            raise StepError("this machine has no display to take a picture of; machines of kind qemu may have one")
        shots = Shots(context.machine, self.file, context)
        if not self.compare:
            await shots.take()
            shots.keep(shots.path)
            return
        wanted = within_checkout(self.compare, context)
        if not wanted.is_file():
            await shots.take()
            shots.keep(shots.path)
            missing = f"there is no picture {quote(self.compare)} to compare with yet"
            raise StepError(f"{missing}; the report has one of now, {shots.shown}: when it is right, copy it there")
        await self._compare(shots, wanted, [context.bind(child) for child in self.children], context.console.time)

    async def _compare(self, shots: Shots, wanted: Path, masks: list[Mask], time: DeviceTime) -> None:
        need("PIL", "screenshot", "comparing pictures")
        from tpf.steps.screenshot.pictures import compare  # lazy: it needs an extra

        regions = [(mask.x, mask.y, mask.x + mask.width, mask.y + mask.height) for mask in masks]
        deadline = time.now() + self.within
        while True:
            await shots.take()
            found = await asyncio.to_thread(compare, shots.path, wanted, regions)
            if found.share <= self.tolerance or time.now() + _PAUSE > deadline:
                break
            await time.go_on(None, _PAUSE)
        shots.keep(shots.path)
        if found.share > self.tolerance:
            places = shots.keep_difference(wanted, found.save)
            raise DeviceFailure(FailureKind.MISMATCH, "\n".join((found.told(self.compare, self.tolerance), *places)))
