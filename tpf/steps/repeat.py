"""Step `repeat`: runs steps again and again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice
from typing import ClassVar, Final

from tpf.console import Wanted
from tpf.console.failures import before
from tpf.console.patterns import TooSlow
from tpf.console.quoting import quote, seconds
from tpf.console.sightings import Sighting
from tpf.errors import DeviceFailure, StepError
from tpf.result import FailureKind
from tpf.scenario.declare import STEPS, Element, attribute
from tpf.scenario.model import Step
from tpf.scenario.types import DURATION, NAME, PATTERN, integer
from tpf.steps.base import StepContext

_NEVER: Final = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Runs its steps in rounds: so many, or until the console shows a text. A step that fails ends it.

    `until` is looked for at the end of each round, in all that came since the first one began, also where an `expect`
    has found its text already. When it hasn't come after the last round, the step fails.
    """

    element: ClassVar[Element] = Element(
        name="repeat",
        device="inside",
        device_with="until",
        children=(STEPS,),
        needs=(STEPS,),
        example='<repeat times="20" until="state: connected"><send>state</send><wait for="200ms"/></repeat>',
    )
    times: int | None = attribute(integer(1, 100_000), default=None, doc="how many rounds; with `until`, at most")
    until: re.Pattern[str] | None = attribute(
        PATTERN, default=None, doc="a regular expression; when a line of the console has matched it, that was the last"
    )
    within: float | None = attribute(DURATION, default=None, doc="how long all rounds together may take")
    save: str = attribute(
        NAME, default="", creates_names=True, doc="a name for the number of the round, from 1, for the steps in it"
    )
    children: tuple[Step, ...] = ()

    def check(self) -> Iterator[str | tuple[str, str]]:
        if self.until is None and self.times is None:
            yield "<repeat> needs times or until: else it never ends"
        elif self.times is None and self.within is None:
            yield "until", "attribute until: it may never come: say times or within, too"
        if self.until is not None and self.until.search("") is not None:
            yield "until", f"attribute until: {quote(self.until.pattern)} matches the empty line: one round would do"

    def summary(self) -> str:
        times = "" if self.times is None else f" {_times(self.times)}"
        until = "" if self.until is None else f" until match of {quote(self.until.pattern)}"
        within = "" if self.within is None else f" within {seconds(self.within)}"
        return f"repeat{times}{until}{within}"

    async def run(self, context: StepContext) -> None:
        begun = 0

        def overdue() -> str:
            return f"{self.summary()}: round {begun} had not ended by then{before(context.console.recent)}"

        async with context.limited(self.within, overdue):
            with context.console.sightings.of(Wanted(pattern=self.until or _NEVER)) as sighting:
                for begun in islice(count(1), self.times):
                    await self._round(context, begun)
                    if self.until is not None and _seen(context, sighting):
                        return
        if self.until is not None:
            raise DeviceFailure(FailureKind.TIMEOUT, self._missing(context))

    async def _round(self, context: StepContext, number: int) -> None:
        if self.save:
            context.values[self.save] = str(number)
        of = "" if self.times is None else f" of {self.times}"
        await context.run(self.children, f"round {number}{of}")

    def _missing(self, context: StepContext) -> str:
        wanted = Wanted(pattern=self.until)
        rounds = "one round" if self.times == 1 else f"{self.times} rounds"
        return f"expected {wanted} in {rounds}; it did not come{before(context.console.recent)}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _seen(context: StepContext, sighting: Sighting) -> bool:
    """Whether the text has come. It is used up then, as by an `expect`."""
    try:
        found = sighting.seen()
    except TooSlow as error:
        raise StepError(str(error)) from error
    if found is not None:
        context.console.cursor.move(found.end)
    return found is not None
