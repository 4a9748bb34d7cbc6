"""Steps for devices that answer in JSON: an element `<expect-json>` for the scenarios of this project."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from tpf.console import Wanted
from tpf.errors import DeviceFailure
from tpf.result import FailureKind
from tpf.scenario.declare import Element, attribute
from tpf.scenario.types import DURATION, LINE, NAME
from tpf.steps.base import StepContext
from tpf.steps.wanted import wait_for

OBJECT = re.compile(r"\{.*\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectJson:
    """Waits for a line that holds a JSON object, and looks at one of its members."""

    element: ClassVar[Element] = Element(name="expect-json", example='<expect-json member="unit" equals="C"/>')

    # The fields are the attributes: parser, messages and editors know them from here.
    member: str = attribute(LINE, doc="the member's name")
    equals: str = attribute(LINE, default="", doc="what it must be, as JSON writes it")
    save: str = attribute(NAME, default="", creates_names=True, doc="a name for its value: `${name}`")
    within: float = attribute(DURATION, default=10.0, shown="10s", doc="how long to wait at most")

    def check(self) -> Iterator[str | tuple[str, str]]:
        """What is wrong although each attribute is right by itself; told when the scenario is read."""
        if not self.equals and not self.save:
            yield "<expect-json> needs equals or save: it would look at nothing"

    def summary(self) -> str:
        return f"expect JSON with {self.member!r}" + (f" = {self.equals}" if self.equals else "")

    async def run(self, context: StepContext) -> None:
        (found,) = await wait_for(context, Wanted(pattern=OBJECT), within=self.within)
        value = self._value(found.text)
        if self.equals and value != self.equals:
            raise DeviceFailure(FailureKind.MISMATCH, f"{self.member!r} is {value}, not {self.equals}")
        if self.save:
            context.values[self.save] = value

    def _value(self, text: str) -> str:
        try:
            answer: Any = json.loads(text)
        except ValueError as error:
            raise DeviceFailure(FailureKind.MISMATCH, f"{text!r} is not JSON: {error}") from error
        if self.member not in answer:
            raise DeviceFailure(FailureKind.MISMATCH, f"{text!r} has no {self.member!r}; it has {', '.join(answer)}")
        value = answer[self.member]
        return value if isinstance(value, str) else json.dumps(value)
