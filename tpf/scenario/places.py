"""Where attributes and texts stand in a file; looked up only for messages, so that right files don't pay for it."""

from __future__ import annotations

import re
from xml.parsers import expat

from tpf.scenario.malformed import offset_of, place_of
from tpf.scenario.xml import Document, Node

_NAME = re.compile(r"<[^\s/>]+")
_ATTRIBUTE = re.compile(r"\s+([^\s=/>]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")


def attribute_place(document: Document, node: Node, name: str) -> tuple[int, int]:
    """Line and column of an attribute's name; the element's own when it has no such attribute."""
    text = document.data.decode()
    start = _NAME.match(text, offset_of(text, node.line, node.column))
    position = start.end() if start else len(text)
    while match := _ATTRIBUTE.match(text, position):
        if match[1] == name:
            return place_of(text, match.start(1))
        position = match.end()
    return node.line, node.column


def text_place(document: Document, node: Node) -> tuple[int, int]:
    """Line and column of an element's first text that is not blank; the element's own when it has none."""
    return _TextFinder(node).find(document.data)


class _TextFinder:
    """Reads the file again, with an eye on the places of texts."""

    def __init__(self, node: Node) -> None:
        self.wanted = (node.line, node.column)
        self.open: list[tuple[int, int]] = []
        self.found: tuple[int, int] | None = None
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters

    def find(self, data: bytes) -> tuple[int, int]:
        self.parser.Parse(data, True)
        return self.found or self.wanted

    def here(self) -> tuple[int, int]:
        return self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1

    def start(self, _tag: str, _attributes: dict[str, str]) -> None:
        self.open.append(self.here())

    def end(self, _tag: str) -> None:
        self.open.pop()

    def characters(self, text: str) -> None:
        if self.found is None and self.open[-1] == self.wanted and text.strip():
            line, column = self.here()
            self.found = (line, column + len(text) - len(text.lstrip()))  # each line comes by itself
