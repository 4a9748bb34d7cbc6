"""Step `expect`: waits until the console shows a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tpf.console.quoting import seconds
from tpf.scenario.declare import Element, attribute
from tpf.scenario.types import DURATION
from tpf.steps.base import StepContext
from tpf.steps.wanted import WITHIN, Alternative, wait_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect(Alternative):
    """Waits until the console shows the text.

    Text that came since the last match counts, so nothing is lost between two expects. What the device said before its
    last boot or `<reset/>` does not.
    """

    element: ClassVar[Element] = Element(
        name="expect", example='<expect within="5s" match="regex" save="free">free: (\\d+)</expect>'
    )
    within: float = attribute(DURATION, default=WITHIN, shown="10s", doc="how long to wait at most")

    def summary(self) -> str:
        return f"expect {self.wanted()} within {seconds(self.within)}"

    async def run(self, context: StepContext) -> None:
        (found,) = await wait_for(context, self.wanted(), within=self.within)
        self.keep(found, context.values)
