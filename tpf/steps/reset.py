"""Step `reset`: presses the device's reset button."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tpf.errors import StepError
from tpf.machines.base import CanReset
from tpf.scenario.declare import Element
from tpf.steps.base import StepContext
from tpf.steps.power import need_power


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """Presses the reset button: the device starts over, and memory that survives a reset keeps what it holds.

    What the device said before doesn't count for the expects that follow.
    """

    element: ClassVar[Element] = Element(name="reset", example="<reset/>")

    def summary(self) -> str:
        return "reset"

    async def run(self, context: StepContext) -> None:
        if not isinstance(context.machine, CanReset):
            raise StepError('this machine has no reset button; boot="case" starts each case from a fresh boot')
        need_power(context)
        context.console.resetting("-- reset")
        await context.machine.reset()
