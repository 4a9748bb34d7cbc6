"""Step `expect-panic`: the panic is the wanted behaviour."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from tpf.console import Hit, Wanted
from tpf.console.quoting import quote, seconds
from tpf.console.story import Story
from tpf.errors import DeviceFailure
from tpf.result import FailureKind
from tpf.scenario.declare import Element, attribute
from tpf.scenario.types import DURATION, PATTERN
from tpf.steps.base import StepContext
from tpf.steps.panics import PANIC, settled
from tpf.steps.wanted import WITHIN, any_matches, wait_for


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectPanic:
    """Waits until the firmware panics: here that is right. Goes on when the panic's text is whole.

    Put it right behind the step that causes the panic. The restart that follows is none that could be a reboot loop; a
    panic that no `expect-panic` asks for fails the case as ever.
    """

    element: ClassVar[Element] = Element(
        name="expect-panic", example='<expect-panic reason="LoadProhibited|Load access fault" within="5s"/>'
    )
    awaits: ClassVar = frozenset({FailureKind.PANIC})
    reason: re.Pattern[str] | None = attribute(
        PATTERN,
        default=None,
        doc="a regular expression that some line of the panic's text must match, from the line that tells it to the "
        "reboot: `abort|assert failed`; without it, any panic will do",
    )
    within: float = attribute(DURATION, default=WITHIN, shown="10s", doc="how long to wait at most")

    def summary(self) -> str:
        return f"expect {self._wanted()} within {seconds(self.within)}"

    def _wanted(self) -> str:
        return f"a panic that matches {quote(self.reason.pattern)}" if self.reason is not None else "a panic"

    async def run(self, context: StepContext) -> None:
        panic = await settled(context.console, await self._panic(context))
        if self.reason is not None and not any_matches(self.reason, panic.body):
            headline = f"expected {self._wanted()}; the device panicked with {quote(panic.hit.line.strip())}"
            raise DeviceFailure(FailureKind.MISMATCH, f"{headline}\n{panic}")

    async def _panic(self, context: StepContext) -> Story:
        """The panic that came and waits for us, or the next one."""
        deferred = context.console.watch.deferred
        waiting = deferred.pop()
        if waiting is not None:
            return waiting
        (found,) = await wait_for(context, Wanted(pattern=PANIC, label=self._wanted()), within=self.within)
        headline = f"panic: {found.line.strip()}"
        hit = Hit(name="panic", kind=FailureKind.PANIC, number=found.number, line=found.line, headline=headline)
        return deferred.take(hit, lambda: Story(hit, [found.line], found.number))
