"""Step `power-off`: switches the device off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tpf.scenario.declare import Element
from tpf.steps.base import StepContext
from tpf.steps.power import switch_off


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerOff:
    """Switches the device off, in order: what an emulator still has to write, it writes.

    Flash keeps what it holds, memory doesn't. Until `<power-on/>`, no step can do anything with the device.
    """

    element: ClassVar[Element] = Element(name="power-off", example="<power-off/>")

    def summary(self) -> str:
        return "power off"

    async def run(self, context: StepContext) -> None:
        await switch_off(context, "-- power off", cut=False)
