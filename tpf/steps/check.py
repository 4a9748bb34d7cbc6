"""Step `check`: compares a saved value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from tpf.console.patterns import LinePattern, TooSlow
from tpf.console.quoting import quote
from tpf.errors import DeviceFailure, StepError
from tpf.result import FailureKind
from tpf.scenario.declare import Element, attribute
from tpf.scenario.types import NUMBER, PATTERN, TEXT, printable
from tpf.scenario.variables import is_constant
from tpf.steps.base import StepContext

_MOST_SHOWN: Final = 80  # characters of what was written


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Compares a value, most often one that an `expect` or a `run` has saved. All that is given must hold."""

    element: ClassVar[Element] = Element(name="check", device="none", example='<check value="${free}" min="100000"/>')
    value: str = attribute(TEXT, doc="the value: `${name}`")
    equals: str | None = attribute(TEXT, default=None, doc="the text that it must be")
    differs: str | None = attribute(TEXT, default=None, doc="a text that it must not be")
    matches: re.Pattern[str] | None = attribute(
        PATTERN, default=None, doc="a regular expression that must be found in it; `^` and `$` tie it to both ends"
    )
    min: float | None = attribute(NUMBER, default=None, doc="the smallest number that it may be")
    max: float | None = attribute(NUMBER, default=None, doc="the largest number that it may be")
    as_written: tuple[tuple[str, str], ...] = ()  # the attributes with their ${...}

    def check(self) -> Iterator[str | tuple[str, str]]:
        if not list(self._conditions()):
            yield "<check> compares with nothing: add equals, differs, matches, min or max"
        if self.min is not None and self.max is not None and self.min > self.max:
            yield "min", f"attribute min: {self.min:g} is larger than max, {self.max:g}: no number can be both"

    def summary(self) -> str:
        return f"check {self._named} {' and '.join(self._conditions())}"

    @property
    def _named(self) -> str:
        """``${free}: "493572"``: the value, and where it comes from."""
        origin = dict(self.as_written).get("value", "")
        return quote(self.value) if is_constant(origin) else f"{printable(origin[:_MOST_SHOWN])}: {quote(self.value)}"

    def _conditions(self) -> Iterator[str]:
        """What is asked of the value, as one would say it."""
        if self.equals is not None:
            yield f"equals {quote(self.equals)}"
        if self.differs is not None:
            yield f"differs from {quote(self.differs)}"
        if self.matches is not None:
            yield f"matches {quote(self.matches.pattern)}"
        if self.min is not None:
            yield f"is at least {self.min:.15g}"
        if self.max is not None:
            yield f"is at most {self.max:.15g}"

    async def run(self, context: StepContext) -> None:
        wrong = " and ".join(self.violations())
        if wrong:
            raise DeviceFailure(FailureKind.MISMATCH, f"{self._named} {wrong}")

    def violations(self) -> Iterator[str]:
        """What is wrong with the value. Raises StepError for a regular expression that takes too long."""
        if self.equals is not None and self.value != self.equals:
            yield f"is not {quote(self.equals)}"
        if self.differs is not None and self.value == self.differs:
            yield "is what it must not be"
        if self.matches is not None and not self._found(self.matches):
            yield f"does not match {quote(self.matches.pattern)}"
        if self.min is not None or self.max is not None:
            yield from self._outside()

    def _found(self, pattern: re.Pattern[str]) -> bool:
        try:
            return LinePattern(pattern).search(self.value) is not None
        except TooSlow as error:
            raise StepError(str(error)) from error

    def _outside(self) -> Iterator[str]:
        try:
            number = NUMBER.convert(self.value.strip())
        except ValueError:
            yield "is not a number"
            return
        if self.min is not None and number < self.min:
            yield f"is less than {self.min:.15g}"
        if self.max is not None and number > self.max:
            yield f"is more than {self.max:.15g}"
