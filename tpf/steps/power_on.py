"""Step `power-on`: switches the device on again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tpf.errors import StepError
from tpf.machines.base import ports_of
from tpf.scenario.declare import Element
from tpf.steps.base import StepContext
from tpf.steps.power import power_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerOn:
    """Switches a device on that is off, or has switched itself off. It boots with the flash that it had before.

    What it said before doesn't count for the expects that follow.
    """

    element: ClassVar[Element] = Element(name="power-on", example="<power-on/>")

    def summary(self) -> str:
        return "power on"

    async def run(self, context: StepContext) -> None:
        machine = power_of(context)
        if context.console.ending is None:
            raise StepError("the device is on: <power-off/> or <power-cut/> comes first")
        context.console.resetting("-- power on")
        await machine.power_on()
        context.values.update(await ports_of(context.machine))
