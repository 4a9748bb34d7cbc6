"""Step `log`: a line of the author's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tpf.console.quoting import quote
from tpf.scenario.declare import Element, content
from tpf.scenario.types import TEXT
from tpf.steps.base import StepContext
from tpf.steps.wanted import block


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Writes a line of the author's own into the log and the report."""

    element: ClassVar[Element] = Element(name="log", device="none", example="<log>${free} bytes of heap are left</log>")
    text: str = content(TEXT, doc="the line")

    def summary(self) -> str:
        return f"log {quote(block(self.text))}"

    async def run(self, context: StepContext) -> None:
        context.record.note(block(self.text))
