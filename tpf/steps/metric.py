"""Step `metric`: records a number with its unit, and holds it to its limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from tpf.console.quoting import quote
from tpf.errors import DeviceFailure
from tpf.result import FailureKind, Metric
from tpf.scenario.declare import Element, attribute, content
from tpf.scenario.types import LINE, NUMBER, TEXT
from tpf.scenario.variables import is_constant
from tpf.steps.base import StepContext


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMetric:
    """Records a number that the case has measured: it stands in all reports, and can be followed over runs.

    In a setup or teardown that belongs to no case, it is the scenario's.

    A number beyond its limits fails the case; it is recorded all the same.
    """

    element: ClassVar[Element] = Element(
        name="metric", device="none", example='<metric name="heap.free" unit="B" min="100000">${free}</metric>'
    )
    name: str = attribute(LINE, doc="what the number is called, in each run the same")
    unit: str = attribute(LINE, default="", doc="its unit, as it is to be shown: `B`, `ms`, `mA`")
    min: float | None = attribute(NUMBER, default=None, doc="the smallest number that it may be")
    max: float | None = attribute(NUMBER, default=None, doc="the largest number that it may be")
    value: str = content(TEXT, doc="the number; blanks around it don't count")

    def check(self) -> Iterator[str | tuple[str, str]]:
        if self.min is not None and self.max is not None and self.min > self.max:
            yield "min", f"attribute min: {self.min:.15g} is larger than max, {self.max:.15g}: no number can be both"
        if is_constant(self.value):
            try:
                NUMBER.convert(self.value.strip())
            except ValueError as error:
                yield "", f"<metric>: {error}"

    def summary(self) -> str:
        return f"metric {self.name} = {self.value.strip()[:40]}{self._unit}"

    async def run(self, context: StepContext) -> None:
        value = self._number()
        context.record.metric(Metric(name=self.name, value=value, unit=self.unit, minimum=self.min, maximum=self.max))
        if self.min is not None and value < self.min:
            self._fail(value, f"less than its limit, {self.min:.15g}{self._unit}")
        if self.max is not None and value > self.max:
            self._fail(value, f"more than its limit, {self.max:.15g}{self._unit}")

    @property
    def _unit(self) -> str:
        return f" {self.unit}" if self.unit else ""

    def _number(self) -> float:
        try:
            return NUMBER.convert(self.value.strip())
        except ValueError:
            message = f"metric {self.name}: {quote(self.value)} is not a number, as in 100, -2.5 or 1e6"
            raise DeviceFailure(FailureKind.MISMATCH, message) from None

    def _fail(self, value: float, why: str) -> None:
        raise DeviceFailure(FailureKind.LIMIT, f"metric {self.name} is {value:.15g}{self._unit}: {why}")
