"""Step `use`: the steps of a file that several scenarios share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tpf.scenario.declare import Element, attribute
from tpf.scenario.model import Step
from tpf.scenario.types import FILE, NAME, TEXT
from tpf.steps.base import StepContext


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenParam:
    """A value for a param of the file."""

    element: ClassVar[Element] = Element(name="param", unique="name", example='<param name="password" value="${pin}"/>')
    name: str = attribute(NAME, doc="the param's name")
    value: str = attribute(TEXT, doc="the value; it can hold `${name}` of the place of use")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """The steps of a file that several scenarios share, as if they stood here. The file's root is `<steps>`.

    `<param>`s give values to those that the file declares. A failure tells the place in the file and this one.
    """

    element: ClassVar[Element] = Element(
        name="use",
        children=(GivenParam,),
        device="inside",
        example='<use file="shared/login.xml"><param name="user" value="admin"/></use>',
    )
    file: str = attribute(FILE, doc="the file of steps")
    children: tuple[Step, ...] = ()  # those of the file

    def summary(self) -> str:
        return f"use {self.file}"

    async def run(self, context: StepContext) -> None:
        await context.run(self.children, self.file)
