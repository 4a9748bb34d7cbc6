"""What the steps that look at the console share: how a wanted text is written, waited for, and saved from."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

from tpf.console import Found, Wanted
from tpf.console.patterns import LinePattern, TooSlow
from tpf.errors import StepError
from tpf.scenario.declare import Element, attribute, content
from tpf.scenario.types import NAMES, Type, choice, compile_pattern, escaped, integer, quote
from tpf.steps.base import StepContext

WITHIN: Final = 10.0  # seconds: what a step waits when it doesn't say


def block(text: str) -> str:
    """A text as it is meant: of one on lines of its own, indentation and blank lines around it are no part."""
    return textwrap.dedent(text).strip() if "\n" in text else text


def _wanted_text(text: str) -> str:
    if not block(text).strip():
        raise ValueError(f"{quote(text)} has nothing but blanks: write the text to look for")
    return block(text)


def _as_data(value: str, attributes: Mapping[str, str]) -> str:
    return escaped(value) if attributes.get("match") == "regex" else value


WANTED_TEXT: Final = Type(
    name="wanted-text",
    doc="text; on lines of its own, its indentation and the blank lines around it don't count",
    convert=_wanted_text,
    escape=_as_data,
)
MATCH: Final = choice("contains", "exact", "regex")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One of the texts that `expect-any` or `expect-all` waits for."""

    element: ClassVar[Element] = Element(
        name="expect", example='<expect match="regex" save="address">got ip: (\\S+)</expect>'
    )
    text: str = content(WANTED_TEXT, doc="what the console must show")
    match: str = attribute(
        MATCH,
        default="contains",
        doc="`contains`: anywhere, also over line ends; `exact`: a whole line; `regex`: a regular expression of "
        "Python, searched in each line, in which the value of a `${name}` matches itself. The last two look at a line "
        "when it is complete, or still for a moment",
    )
    count: int = attribute(integer(1, 1_000_000), default=1, doc="how often it must come")
    save: tuple[str, ...] = attribute(
        NAMES,
        default=(),
        creates_names=True,
        doc="names for the groups of the regular expression, in order; without groups, one name for all that matched",
    )

    def check(self) -> Iterator[str | tuple[str, str]]:
        """What is wrong although each attribute is right by itself."""
        yield from check_text(self.text, self.match)
        yield from self._check_save()

    def _check_save(self) -> Iterator[tuple[str, str]]:
        if not self.save:
            return
        if self.match != "regex":
            yield "save", 'attribute save: only match="regex" has something to save'
            return
        try:
            groups = max(compile_pattern(self.text).groups, 1)
        except ValueError:
            return  # told already
        if len(self.save) != groups:
            names = "one name" if len(self.save) == 1 else f"{len(self.save)} names"
            yield (
                "save",
                f"attribute save: {names} for {groups} group{'s' if groups > 1 else ''} of the regular expression",
            )

    def wanted(self) -> Wanted:
        """What to ask the console for. Raises StepError."""
        return make_wanted(self.text, self.match, self.count)

    def keep(self, found: Found, values: dict[str, str]) -> None:
        """Save what was found under its names."""
        values.update(zip(self.save, found.groups or (found.text,), strict=False))


def check_text(text: str, match: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a text for this way to match."""
    if match == "regex":
        try:
            pattern = compile_pattern(text)
        except ValueError as error:
            yield "", str(error)
            return
        if pattern.search("") is not None:
            yield "", f"{quote(text)} matches the empty line, so it would be found at once: ask for something"
    if match != "contains" and "\n" in text:
        yield "", f'{quote(text)} has a line break, which match="{match}" never finds: it looks at one line at a time'


def make_wanted(text: str, match: str, count: int = 1) -> Wanted:
    """What to ask the console for. Raises StepError for a regular expression that values have broken."""
    if match == "contains":
        return Wanted(text=text, count=count)
    if match == "exact":
        return Wanted(line=text, count=count)
    try:
        return Wanted(pattern=compile_pattern(text), count=count)
    except ValueError as error:
        raise StepError(str(error)) from error


def any_matches(pattern: re.Pattern[str], lines: Iterable[str]) -> bool:
    """Whether the pattern is found in one of the lines. Raises StepError for one that takes too long."""
    try:
        return any(map(LinePattern(pattern).search, lines))
    except TooSlow as error:
        raise StepError(str(error)) from error


async def wait_for(
    context: StepContext, *wanted: Wanted, within: float, any_of: bool = False, since: int | None = None
) -> tuple[Found, ...]:
    """Wait for texts on the console. Raises DeviceFailure with all there is to say when they don't come in time."""
    try:
        return await context.console.expect(*wanted, any_of=any_of, since=since, within=within)
    except TimeoutError:
        return context.console.overdue(*wanted, any_of=any_of, since=since, within=within)
