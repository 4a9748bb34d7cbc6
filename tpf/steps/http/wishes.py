"""What `<http>` may hold: fields and body of the request, and what is wanted of the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Protocol

from tpf.console.patterns import LinePattern, TooSlow
from tpf.console.quoting import quote
from tpf.errors import StepError
from tpf.scenario.declare import Element, attribute, content
from tpf.scenario.types import FILE, NAME, NAMES, NUMBER, PATTERN, TEXT, Type, choice, compile_pattern
from tpf.steps.check import Check
from tpf.steps.http import pointer
from tpf.steps.http.exchange import Answer
from tpf.steps.wanted import WANTED_TEXT

Saved = Mapping[str, str]


class Wish(Protocol):
    """Something that is wanted of an answer."""

    def judge(self, answer: Answer) -> tuple[str, Saved]:
        """What is wrong, "" when nothing is; and what there is to save. Raises StepError."""


_FIELD: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,80}"


def _field(text: str) -> str:
    if re.fullmatch(_FIELD, text) is None:
        raise ValueError(f"{quote(text)} is not the name of a header field, as in 'Content-Type'")
    return text


def _value(text: str) -> str:
    stripped = text.strip()
    if not stripped.isprintable():
        raise ValueError(f"{quote(stripped)} has a line break or a control character")
    return stripped


FIELD: Final = Type(
    name="header-field", doc="the name of a header field: `Content-Type`", convert=_field, pattern=_FIELD
)
VALUE: Final = Type(name="header-value", doc="one line of text", convert=_value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header field of the request."""

    element: ClassVar[Element] = Element(name="header", unique="name", example='<header name="X-Key">4711</header>')
    name: str = attribute(FIELD, doc="its name")
    value: str = content(VALUE, default="", doc="its value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What the request carries: a text, exactly as it stands, or a file."""

    element: ClassVar[Element] = Element(name="body", example='<body type="application/json">{"led": true}</body>')
    type: str = attribute(VALUE, default="", doc="its type: the header field `Content-Type`", shown="text/plain")
    file: str = attribute(FILE, default="", doc="the file that is sent")
    text: str = content(TEXT, default="", doc="the text that is sent, in UTF-8")

    def check(self) -> Iterator[str | tuple[str, str]]:
        if self.file and self.text:
            yield "file", "<body> has text and a file: only one of them can be sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A text that is wanted somewhere."""

    text: str = content(WANTED_TEXT, doc="what the body must show")
    match: str = attribute(
        choice("contains", "exact", "regex"),
        default="contains",
        doc="`contains`: anywhere; `exact`: that and nothing else, but for blanks around; `regex`: a regular "
        "expression of Python, searched for",
    )
    save: tuple[str, ...] = attribute(
        NAMES,
        default=(),
        creates_names=True,
        doc="names for the groups of the regular expression, in order; without groups, one name for all that matched",
    )

    def check(self) -> Iterator[str | tuple[str, str]]:
        if self.match != "regex":
            if self.save:
                yield "save", 'attribute save: only match="regex" has something to save'
            return
        try:
            groups = max(compile_pattern(self.text).groups, 1)
        except ValueError as error:
            yield "", str(error)
            return
        if self.save and len(self.save) != groups:
            names = "one name" if len(self.save) == 1 else f"{len(self.save)} names"
            plural = "s" if groups > 1 else ""
            yield "save", f"attribute save: {names} for {groups} group{plural} of the regular expression"

    def look(self, text: str) -> Saved | None:
        """What there is to save when the text is as wanted, else None. Raises StepError."""
        if self.match == "contains":
            return {} if self.text in text else None
        if self.match == "exact":
            return {} if self.text.strip() == text.strip() else None
        try:
            found = LinePattern(compile_pattern(self.text)).search(text)
        except (TooSlow, ValueError) as error:
            raise StepError(str(error)) from error
        if found is None:
            return None
        return dict(zip(self.save, [group or "" for group in found.groups()] or [found[0]], strict=False))

    def wrong(self) -> str:
        verb = {"contains": "does not show", "exact": "is not", "regex": "does not match"}[self.match]
        return f"{verb} {quote(self.text)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectBody(_Text):
    """What the body of the answer must show."""

    element: ClassVar[Element] = Element(
        name="expect", example='<expect match="regex" save="v">version (\\S+)</expect>'
    )

    def judge(self, answer: Answer) -> tuple[str, Saved]:
        saved = self.look(answer.text)
        return (f"the body {self.wrong()}", {}) if saved is None else ("", saved)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectHeader(_Text):
    """A header field that the answer must have, and what it must show when that is said."""

    element: ClassVar[Element] = Element(
        name="expect-header", example='<expect-header name="Content-Type">text/html</expect-header>'
    )
    name: str = attribute(FIELD, doc="its name; upper and lower case are the same")
    text: str = content(TEXT, default="", doc="what its value must show")

    def judge(self, answer: Answer) -> tuple[str, Saved]:
        value = answer.header(self.name)
        if value is None:
            return f"there is no header field {self.name}", {}
        saved = self.look(value)
        return (f"{self.name} is {quote(value)}, which {self.wrong()}", {}) if saved is None else ("", saved)


@dataclass(frozen=True, slots=True, kw_only=True)
class Json:
    """A value in the answer's body, which is JSON. It must be there, and all that is said of it must hold."""

    element: ClassVar[Element] = Element(name="json", example='<json pointer="/heap/free" min="1e5" save="free"/>')
    pointer: str = attribute(pointer.POINTER, doc="where it stands")
    equals: str | None = attribute(
        TEXT, default=None, doc="what it must be: a text as it is, anything else as JSON writes it"
    )
    matches: re.Pattern[str] | None = attribute(
        PATTERN, default=None, doc="a regular expression that must be found in it; `^` and `$` tie it to both ends"
    )
    min: float | None = attribute(NUMBER, default=None, doc="the smallest number that it may be")
    max: float | None = attribute(NUMBER, default=None, doc="the largest number that it may be")
    save: str = attribute(NAME, default="", creates_names=True, doc="a name for it")

    def check(self) -> Iterator[str | tuple[str, str]]:
        if self.min is not None and self.max is not None and self.min > self.max:
            yield "min", f"attribute min: {self.min:.15g} is larger than max, {self.max:.15g}: no number can be both"

    def judge(self, answer: Answer) -> tuple[str, Saved]:
        try:
            value = pointer.look_up(pointer.parse(answer.text), self.pointer)
        except LookupError as error:
            return str(error), {}
        except ValueError as error:
            return f"the body is not JSON: {error}", {}
        text = pointer.written(value)
        wrong = " and ".join(self._violations(text, equal=self.equals is None or pointer.same(value, self.equals)))
        return (f"{quote(self.pointer)} is {quote(text)}, which {wrong}", {}) if wrong else ("", self._saved(text))

    def _violations(self, text: str, *, equal: bool) -> Iterator[str]:
        if not equal:
            yield f"is not {quote(self.equals or '')}"
        yield from Check(value=text, matches=self.matches, min=self.min, max=self.max).violations()

    def _saved(self, text: str) -> Saved:
        return {self.save: text} if self.save else {}
