"""Where attributes and texts stand in a file; looked up only for messages, so that right files don't pay for it."""

from __future__ import annotations

import re
from bisect import bisect_right
from contextlib import suppress
from xml.parsers import expat

from tpf.scenario.malformed import line_starts
from tpf.scenario.xml import Document, Node

_NAME = re.compile(r"<[^\s/>]+")
_ATTRIBUTE = re.compile(r"\s+([^\s=/>]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")


def attribute_place(document: Document, node: Node, name: str) -> tuple[int, int]:
    """Line and column of an attribute's name; the element's own when it has no such attribute."""
    text = document.data.decode()
    start = _NAME.match(text, _offset(document, text, node))
    position = start.end() if start else len(text)
    while match := _ATTRIBUTE.match(text, position):
        if match[1] == name:
            line = bisect_right(document.starts, match.start(1))
            return line, match.start(1) - document.starts[line - 1] + 1
        position = match.end()
    return node.line, node.column


def text_place(document: Document, node: Node) -> tuple[int, int]:
    """Line and column of an element's first text that is not blank; the element's own when it has none."""
    text = document.data.decode()
    line, column = _TextFinder().find(text[_offset(document, text, node) :])
    return node.line + line - 1, column if line > 1 else node.column + column - 1


def _offset(document: Document, text: str, node: Node) -> int:
    if not document.starts:
        document.starts.extend(line_starts(text))
    return min(document.starts[node.line - 1] + node.column - 1, len(text))


class _TextFinder:
    """Reads one element again, with an eye on the place of its own text."""

    def __init__(self) -> None:
        self.depth = 0
        self.found = (1, 1)
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters

    def find(self, text: str) -> tuple[int, int]:
        """From the beginning of the element, whatever comes after it."""
        with suppress(_Enough):
            self.parser.Parse(text, True)
        return self.found

    def start(self, _tag: str, _attributes: dict[str, str]) -> None:
        self.depth += 1

    def end(self, _tag: str) -> None:
        self.depth -= 1
        if self.depth == 0:
            raise _Enough

    def characters(self, text: str) -> None:
        if self.depth == 1 and text.strip():
            column = self.parser.CurrentColumnNumber + 1
            self.found = (self.parser.CurrentLineNumber, column + len(text) - len(text.lstrip()))  # a line at a time
            raise _Enough


class _Enough(Exception):
    """The rest of the file need not be read."""
