"""A small language for tests of the reader: four steps and two kinds of machines, which no product change moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

import pytest

from tpf.errors import ScenarioErrors
from tpf.scenario.declare import STEPS, Element, attribute, content
from tpf.scenario.model import Scenario, Step
from tpf.scenario.options import LoadOptions
from tpf.scenario.parse import load_scenarios
from tpf.scenario.types import (
    ARGUMENTS,
    DURATION,
    FILE,
    NAMES,
    PATH,
    SIZE,
    TEXT,
    choice,
    compile_pattern,
    integer,
)
from tpf.scenario.vocabulary import MachineWords, Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Says a line."""

    element: ClassVar[Element] = Element(name="say", example="<say>hello</say>")
    text: str = content(TEXT, default="", doc="the line")
    end: str = attribute(choice("lf", "none"), default="lf", doc="how it ends")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hear:
    """Waits for a text."""

    element: ClassVar[Element] = Element(name="hear", example='<hear within="1s">hello</hear>')
    text: str = content(TEXT, doc="the text")
    within: float = attribute(DURATION, default=10.0, shown="10s", doc="how long at most")
    regex: str = attribute(choice("yes", "no"), default="no", doc="whether the text is a regular expression")
    save: tuple[str, ...] = attribute(NAMES, default=(), creates_names=True, doc="names for the groups")
    count: int = attribute(integer(1, 9), default=1, doc="how often")

    def check(self) -> Iterator[str | tuple[str, str]]:
        if self.regex == "no":
            return
        try:
            groups = compile_pattern(self.text).groups
        except ValueError as error:
            yield "", str(error)
            return
        if groups != len(self.save):
            yield "save", f"attribute save: {len(self.save)} names for {groups} groups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a chorus."""

    element: ClassVar[Element] = Element(name="part", unique="voice", example='<part voice="alto">la</part>')
    text: str = content(TEXT, doc="what is sung")
    voice: str = attribute(TEXT, doc="who sings it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chorus:
    """Several parts at once, and steps in between."""

    element: ClassVar[Element] = Element(
        name="chorus",
        children=(Part, STEPS),
        needs=("part",),
        example='<chorus><part voice="alto">la</part><say>ti</say></chorus>',
    )
    children: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Plays a file."""

    element: ClassVar[Element] = Element(name="play", example='<play to="out.wav"/>')
    file: str = attribute(FILE, default="", doc="the file")
    to: str = attribute(PATH, default="", doc="where its sound goes")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageOptions:
    """A stage."""

    element: ClassVar[Element] = Element(name="machine", children=("forward",), example='<machine lights="4MB"/>')
    lights: int | None = attribute(SIZE, default=None, doc="how much light")


@dataclass(frozen=True, slots=True, kw_only=True)
class RadioOptions:
    """A radio."""

    element: ClassVar[Element] = Element(name="machine", example='<machine kind="radio" station="a b"/>')
    station: tuple[str, ...] = attribute(ARGUMENTS, doc="what it plays")


def _check_target(target: str, options: StageOptions) -> None:
    if options.lights is None and target not in ("hall", "yard"):
        raise ValueError(f"the target {target!r} is not known: it is none of hall, yard")


WORDS: Final = Vocabulary(
    steps={kind.element.name: kind for kind in (Say, Hear, Chorus, Play)},
    machines={
        "qemu": MachineWords(options=StageOptions, check_target=_check_target),
        "radio": MachineWords(options=RadioOptions),
    },
)

HEAD: Final = '<scenario name="play" target="hall">'


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The `files` fixture: scenario files in a folder of the test's own."""

    folder: Path

    def write(self, text: str, name: str = "play.xml") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def options(self, values: Mapping[str, str] | None = None, target: str = "") -> LoadOptions:
        return LoadOptions(checkout=self.folder, cwd=self.folder, values=values or {}, target=target)

    def load(self, text: str, values: Mapping[str, str] | None = None) -> Scenario:
        """The scenario of a text."""
        (scenario,) = load_scenarios([self.write(text)], WORDS, self.options(values))
        return scenario

    def steps(self, steps: str, values: Mapping[str, str] | None = None) -> tuple[Step, ...]:
        """The steps of a case, as they were read."""
        return self.load(f'{HEAD}<case name="c">{steps}</case></scenario>', values).cases[0].steps

    def problems(self, text: str, values: Mapping[str, str] | None = None) -> list[str]:
        """What is wrong with a text."""
        with pytest.raises(ScenarioErrors) as caught:
            self.load(text, values)
        return str(caught.value).split("\n")
