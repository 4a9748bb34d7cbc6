"""What is wrong with a file that is not well-formed XML, in plain words and with the usual slip's remedy.

boot.xml:7:22: '&' must be written as &amp;
boot.xml:9:3: </case> comes while <send>, which opens in line 8, is still open: </send> is missing
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final
from xml.parsers.expat import errors

from tpf.scenario.types import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """Where and how the reader stopped."""

    code: int  # expat's
    line: int  # from 1
    column: int  # from 1, in characters
    text: str  # the whole file
    opened: tuple[tuple[str, int], ...]  # tag and line of the elements that are open, outermost first
    ended: bool  # the root element has ended

    @property
    def offset(self) -> int:
        return offset_of(self.text, self.line, self.column)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The message, and where it points."""

    message: str
    line: int
    column: int


_LINE_END = re.compile(r"\r\n|\r|\n")


def line_starts(text: str) -> list[int]:
    """The offsets at which lines begin."""
    return [0, *(match.end() for match in _LINE_END.finditer(text))]


def offset_of(text: str, line: int, column: int) -> int:
    """Where a line and column (both from 1) are in a text."""
    start = 0
    if line > 1:
        ends = _LINE_END.finditer(text)
        for _ in range(line - 1):
            start = next(ends).end()
    return min(start + column - 1, len(text))


def place_of(text: str, offset: int) -> tuple[int, int]:
    """Line and column (both from 1) of an offset into a text."""
    line, start = 1, 0
    for match in _LINE_END.finditer(text, 0, offset):
        line, start = line + 1, match.end()
    return line, offset - start + 1


def explain(broken: Broken) -> Explained:
    """The problem of a file that is not well-formed."""
    name = errors.messages.get(broken.code, "")
    explainer = _EXPLAINERS.get(name, _other)
    return explainer(broken)


def _here(broken: Broken, message: str, back: int = 0) -> Explained:
    return Explained(message=message, line=broken.line, column=max(1, broken.column - back))


def _at(broken: Broken, offset: int, message: str) -> Explained:
    line, column = place_of(broken.text, offset)
    return Explained(message=message, line=line, column=column)


def _other(broken: Broken) -> Explained:
    return _here(broken, f"not well-formed XML: {errors.messages.get(broken.code, 'unreadable')}")


def _syntax(broken: Broken) -> Explained:
    begin = broken.text[broken.offset : broken.offset + 40].split("\n", 1)[0]
    return _here(broken, f"this is not XML: it begins with {quote(begin)}; a scenario begins with <scenario>")


def _ends_early(broken: Broken) -> Explained:
    if broken.opened:
        tag, line = broken.opened[-1]
        return _here(
            broken,
            f"the file ends, but <{tag[:80]}>, which opens in line {line}, is not closed: </{tag[:80]}> is missing",
        )
    if broken.text.strip():
        return _here(broken, "the file has no element: a scenario begins with <scenario>")
    return Explained(message="the file is empty: a scenario begins with <scenario>", line=1, column=1)


def _wrong_end(broken: Broken) -> Explained:
    match = re.compile(r"[^\s>]*").match(broken.text, broken.offset)
    found = match[0][:80] if match else ""
    tag, line = broken.opened[-1]
    still_open = f"<{tag[:80]}>, which opens in line {line}, is still open"
    if any(found == outer for outer, _ in broken.opened):
        return _here(broken, f"</{found}> comes while {still_open}: </{tag[:80]}> is missing", back=2)
    near = difflib.get_close_matches(found, [tag], n=1)
    hint = f"did you mean </{tag[:80]}>?" if near else f"no <{found}> is open"
    return _here(broken, f"</{found}> comes while {still_open}; {hint}", back=2)


def _second_root(broken: Broken) -> Explained:
    if broken.text.startswith("<", broken.offset):
        message = "a second element stands behind the end of the first: one file holds one <scenario>"
        return _here(broken, message)
    return _here(broken, "text stands behind the end of <scenario>: remove it")


def _duplicate(broken: Broken) -> Explained:
    match = re.compile(r"[^\s=]*").match(broken.text, broken.offset)
    return _here(broken, f"attribute {match[0][:80] if match else ''} stands twice in this element: remove one")


def _entity(broken: Broken) -> Explained:
    match = re.compile(r"&[^;\s]*;?").match(broken.text, broken.offset)
    found = match[0][:80] if match else "&"
    known = "XML knows &amp; &lt; &gt; &quot; &apos; and character numbers like &#233;"
    return _here(broken, f"unknown entity {found}: {known}; write the character itself, or &amp; for '&'")


def _character_number(broken: Broken) -> Explained:
    match = re.compile(r"&[^;\s]*;?").match(broken.text, broken.offset)
    return _here(broken, f"{match[0][:80] if match else '&#'} stands for a character that XML can't hold")


def _unclosed(broken: Broken) -> Explained:
    rest = broken.text[broken.offset :]
    for begin, what in (
        ("<!--", "comment: --> is missing"),
        ("<![CDATA[", "CDATA section: ]]> is missing"),
        ("<?", "<? ... ?>: ?> is missing"),
    ):
        if rest.startswith(begin):
            return _here(broken, f"the file ends inside this {what}")
    tag = re.match(r"</?[^\s>/]*", rest)
    return _here(broken, f"the file ends inside this tag, {quote(tag[0] if tag else '<')}: a quote or '>' is missing")


def _unclosed_cdata(broken: Broken) -> Explained:
    begin = broken.text.rfind("<![CDATA[", 0, broken.offset)
    return _at(broken, max(begin, 0), "the file ends inside this CDATA section: ]]> is missing")


def _declaration(broken: Broken) -> Explained:
    return _here(broken, 'the XML declaration is wrong: write <?xml version="1.0" encoding="UTF-8"?>')


def _late_declaration(broken: Broken) -> Explained:
    return _here(broken, "the XML declaration <?xml ...?> must stand at the very beginning: remove what is before it")


_ATTRIBUTE: Final = r"<[^<>]*\s([^\s=<>\"']+)\s*=\s*\Z"
_UNQUOTED: Final = r"\s([^\s=<>\"']+)\s*=\s*(?P<here>\"[^\"<]*|'[^'<]*)\Z"
_UNQUOTED_MEANS: Final = "attribute {1}: its closing quote is missing, or a '<' in its value is not written as &lt;"

# What stands before and after the place where a token breaks off, and what that means. The first that fits is told. {1}
# is the first pattern's first group; the place is where its group "here" begins, or else the broken character.
_SLIPS: Final = tuple(
    (re.compile(before), re.compile(after, re.DOTALL), message)
    for before, after, message in (
        (r"(?P<here>&)#?\w{0,40}\Z", r"", "'&' must be written as &amp;"),
        (r"<!--(?:(?!-->)[\s\S])*(?P<here>--)\Z", r"", "'--' can't stand inside a comment"),
        (r"(?P<here>]])\Z", r">", "']]>' must be written as ]]&gt; in text"),
        (r"(?P<here>]]>)\Z", r"", "']]>' must be written as ]]&gt; in text"),
        (r"(?P<here></)\Z", r"\s", "a blank stands between '</' and the name: remove it"),
        (r"(?P<here></)\Z", r"", "this end tag has no name"),
        (r"(?P<here><)\Z", r"/", "this end tag closes nothing: no element is open"),
        (_ATTRIBUTE, r"[“”‘’„«]", 'attribute {1}: its value must stand in straight quotes, "..."'),
        (_ATTRIBUTE, r"", 'attribute {1}: its value must stand in quotes, {1}="..."'),
        (r"<[^<>]*\s(?P<here>[^\s=<>\"']+)\s*\Z", r"[/>\w]", 'attribute {1} has no value: write {1}="..."'),
        (_UNQUOTED, r"<", _UNQUOTED_MEANS),
        (r"=\s*(?:\"[^\"<]*\"|'[^'<]*')\Z", r"\w", "a blank is missing between two attributes"),
        (r"(?P<here><)\Z", r"", "'<' must be written as &lt; in text"),
        (r"(?P<here><)/?[\w.:\-]+\s*\Z", r"<", "this tag is not closed: '>' is missing"),
    )
)  # fmt: skip
_WINDOW: Final = 2000  # characters before the place that are looked at


def _token(broken: Broken) -> Explained:
    """A character where it can't be: by far the most frequent problem, with many causes."""
    offset = broken.offset
    character = broken.text[offset : offset + 1]
    if not broken.opened and not broken.text.lstrip().startswith("<"):
        return _syntax(replace(broken, line=1, column=1))
    if character == "\ufffd" or (character and ord(character) < 32 and character not in "\t\r\n"):
        return _here(broken, _bad_character(character))
    before = broken.text[max(0, offset - _WINDOW) : offset]
    after = broken.text[offset : offset + 40]
    for first, second, message in _SLIPS:
        match = first.search(before)
        if match and second.match(after):
            start = match.start("here") if "here" in first.groupindex else len(before)
            name = match[1][:80] if first.groups else ""
            return _at(broken, offset - len(before) + start, message.replace("{1}", name))
    return _out_of_place(broken, after)


def _bad_character(character: str) -> str:
    if character == "\ufffd":
        return "these bytes are not UTF-8: save the file as UTF-8"
    return (
        f'the control character U+{ord(character):04X} can\'t stand in XML: remove it (<send hex="..."> sends any byte)'
    )


def _out_of_place(broken: Broken, after: str) -> Explained:
    if broken.ended:
        return _second_root(broken)
    return _here(broken, f"not well-formed XML: {quote(after[:1])} can't stand here")


_EXPLAINERS: Final[dict[str, Callable[[Broken], Explained]]] = {
    errors.XML_ERROR_SYNTAX: _syntax,
    errors.XML_ERROR_NO_ELEMENTS: _ends_early,
    errors.XML_ERROR_INVALID_TOKEN: _token,
    errors.XML_ERROR_UNCLOSED_TOKEN: _unclosed,
    errors.XML_ERROR_PARTIAL_CHAR: lambda broken: _here(broken, _bad_character("\ufffd")),
    errors.XML_ERROR_TAG_MISMATCH: _wrong_end,
    errors.XML_ERROR_DUPLICATE_ATTRIBUTE: _duplicate,
    errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: _second_root,
    errors.XML_ERROR_UNDEFINED_ENTITY: _entity,
    errors.XML_ERROR_BAD_CHAR_REF: _character_number,
    errors.XML_ERROR_UNCLOSED_CDATA_SECTION: _unclosed_cdata,
    errors.XML_ERROR_XML_DECL: _declaration,
    errors.XML_ERROR_MISPLACED_XML_PI: _late_declaration,
}
