"""Step `expect-any`: waits for the first of several texts."""

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
class ExpectAny:
    """Waits until the console shows one of several texts; the first one to come counts."""

    element: ClassVar[Element] = Element(
        name="expect-any",
        children=(Alternative,),
        needs=("expect",),
        example='<expect-any within="20s"><expect>wifi: connected</expect><expect>wifi: failed</expect></expect-any>',
    )
    within: float = attribute(DURATION, default=WITHIN, shown="10s", doc="how long to wait at most")
    children: tuple[Step, ...] = ()

    def summary(self) -> str:
        return f"expect any of {len(self.children)} texts within {seconds(self.within)}"

    async def run(self, context: StepContext) -> None:
        alternatives = [context.bind(child) for child in self.children]
        wanted = [alternative.wanted() for alternative in alternatives]
        (found,) = await wait_for(context, *wanted, any_of=True, within=self.within)
        alternatives[wanted.index(found.wanted)].keep(found, context.values)
