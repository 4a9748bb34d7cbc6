"""Step `power-cut`: takes the device's power in the middle of what it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tpf.scenario.declare import Element
from tpf.steps.base import StepContext
from tpf.steps.power import switch_off


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerCut:
    """Takes the device's power between two instructions, as when the mains fail: it can't finish anything.

    Flash keeps what has reached it, memory nothing. Until `<power-on/>`, no step can do anything with the device.
    """

    element: ClassVar[Element] = Element(name="power-cut", example="<power-cut/>")

    def summary(self) -> str:
        return "cut the power"

    async def run(self, context: StepContext) -> None:
        await switch_off(context, "-- power cut", cut=True)
