"""Step `expect-reset`: the restart is the wanted behaviour."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from tpf.console import Wanted
from tpf.console.quoting import quote, seconds
from tpf.errors import DeviceFailure
from tpf.result import FailureKind
from tpf.scenario.declare import Element, attribute
from tpf.scenario.types import DURATION, PATTERN
from tpf.steps.base import StepContext
from tpf.steps.wanted import WITHIN, any_matches, wait_for

_RESET: Final = re.compile(r"rst:0x[0-9a-fA-F]{1,2} \(\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectReset:
    """Waits until the device starts over by itself: its boot loader says so in a line that begins with `rst:0x`.

    A reset that is asked for so is none that could be a reboot loop. `<reset/>` needs no `expect-reset`.
    """

    element: ClassVar[Element] = Element(name="expect-reset", example='<expect-reset reason="SW_CPU" within="5s"/>')
    reason: re.Pattern[str] | None = attribute(
        PATTERN,
        default=None,
        doc="a regular expression that the boot loader's line must match: `rst:0xc (RTC_SW_CPU_RST),boot:0x8 (...)`; "
        "without it, any reset will do",
    )
    within: float = attribute(DURATION, default=WITHIN, shown="10s", doc="how long to wait at most")

    def summary(self) -> str:
        return f"expect {self._wanted()} within {seconds(self.within)}"

    def _wanted(self) -> str:
        return f"a reset that matches {quote(self.reason.pattern)}" if self.reason is not None else "a reset"

    async def run(self, context: StepContext) -> None:
        (found,) = await wait_for(context, Wanted(pattern=_RESET, label=self._wanted()), within=self.within)
        context.console.watch.resets.pardon(found.number)
        banner = found.line[found.line.rfind(found.text) :].rstrip()
        if self.reason is not None and not any_matches(self.reason, (banner,)):
            message = f"expected {self._wanted()}; the device reset with {quote(banner)}"
            raise DeviceFailure(FailureKind.MISMATCH, message)
