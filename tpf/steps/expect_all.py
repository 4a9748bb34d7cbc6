"""Step `expect-all`: waits for several texts in any order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tpf.console.quoting import seconds
from tpf.scenario.declare import Element, attribute
from tpf.scenario.model import Step
from tpf.scenario.types import DURATION
from tpf.steps.base import StepContext
from tpf.steps.wanted import WITHIN, Alternative, wait_for


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectAll:
    """Waits until the console has shown all of several texts, in whatever order they come."""

    element: ClassVar[Element] = Element(
        name="expect-all",
        children=(Alternative,),
        needs=("expect",),
        example='<expect-all within="5s"><expect>sensor: ready</expect><expect>radio: ready</expect></expect-all>',
    )
    within: float = attribute(DURATION, default=WITHIN, shown="10s", doc="how long to wait for all of them at most")
    children: tuple[Step, ...] = ()

    def summary(self) -> str:
        return f"expect all of {len(self.children)} texts within {seconds(self.within)}"

    async def run(self, context: StepContext) -> None:
        alternatives = [context.bind(child) for child in self.children]
        wanted = (alternative.wanted() for alternative in alternatives)
        found = await wait_for(context, *wanted, within=self.within)
        for alternative, one in zip(alternatives, found, strict=True):
            alternative.keep(one, context.values)
