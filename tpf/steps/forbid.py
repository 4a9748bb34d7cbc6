"""Step `forbid`: from here on a text must not appear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from tpf.console.quoting import seconds
from tpf.scenario.declare import Element, attribute, content
from tpf.scenario.types import DURATION
from tpf.steps.base import StepContext
from tpf.steps.wanted import MATCH, WANTED_TEXT, check_text, make_wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbid:
    """From here to the end of the case the console must not show the text: when it does, the case fails at once.

    Text that came since the last match counts, as it does for `expect`. With `for` the step also waits that long.
    """

    element: ClassVar[Element] = Element(name="forbid", example='<forbid for="2s">retrying</forbid>')
    text: str = content(WANTED_TEXT, doc="what the console must not show")
    match: str = attribute(MATCH, default="contains", doc="as for `expect`")
    for_: float | None = attribute(DURATION, default=None, name="for", doc="how long to wait before the next step")

    def check(self) -> Iterator[str | tuple[str, str]]:
        yield from check_text(self.text, self.match)

    def summary(self) -> str:
        waiting = f" for {seconds(self.for_)}" if self.for_ is not None else ""
        return f"forbid {make_wanted(self.text, self.match)}{waiting}"

    async def run(self, context: StepContext) -> None:
        context.console.forbid(make_wanted(self.text, self.match))
        if self.for_ is not None:
            await context.console.time.go_on(None, self.for_)  # the console's watch ends it early
