"""Step `wait`: the device's time goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tpf.console.quoting import seconds
from tpf.scenario.declare import Element, attribute
from tpf.scenario.types import DURATION
from tpf.steps.base import StepContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The device's time goes on for that long. To wait for something to happen, use `expect`: it goes on at once."""

    element: ClassVar[Element] = Element(name="wait", example='<wait for="500ms"/>')
    for_: float = attribute(DURATION, name="for", doc="how long")

    def summary(self) -> str:
        return f"wait for {seconds(self.for_)}"

    async def run(self, context: StepContext) -> None:
        await context.console.time.go_on(None, self.for_)
