"""From the bytes of an XML file to a light frozen tree that knows its lines and columns, or to the problem they have.

The bytes are untrusted: no DTD, no entities but XML's own five, nothing from outside, bounds on size, depth and count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from tpf.scenario.types import printable, quote

LARGEST: Final = 1 << 20  # bytes of a file
DEEPEST: Final = 32  # elements inside one another
MOST: Final = 20_000  # elements of a file


_NEW: Final = tuple.__new__  # half the cost of Node(...), once for each element


class Node(NamedTuple):
    """An element. Places of its attributes and of its text are looked up when a message needs them (see `places`)."""

    tag: str
    attributes: tuple[tuple[str, str], ...]
    text: str  # all text directly in it
    children: tuple[Node, ...]
    line: int
    column: int


def own_part(node: Node) -> tuple[object, ...]:
    """What equal elements have in common, wherever they stand and whatever they hold: attributes and text."""
    return (node.attributes, "" if node.children and node.text.isspace() else node.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A well-formed file."""

    root: Node
    data: bytes = field(repr=False)  # UTF-8, without a byte order mark
    starts: list[int] = field(default_factory=list, repr=False, compare=False)  # of its lines, once they are asked for


class Malformed(ValueError):
    """The file is not well-formed, or it is larger than allowed."""

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(printable(message))
        self.line = line
        self.column = column


class OtherRoot(Malformed):
    """The file's root is another element than the wanted one, so it may be none of ours."""

    def __init__(self, tag: str, wanted: str, line: int, column: int) -> None:
        hint = "this is an HTML page" if tag.lower() == "html" else f"its root element is <{tag[:80]}>"
        super().__init__(f"this is no {wanted} file: {hint}, and such a file begins with <{wanted}>", line, column)
        self.tag = tag


def parse(data: bytes, root: str) -> Document:
    """The tree of a file whose root element must be `root`. Raises OtherRoot or Malformed."""
    too_large = len(data) > LARGEST
    data, encoding = _as_utf8(data[:LARGEST] if too_large else data)
    if too_large or data.count(b"<") > MOST:
        _Guard(root, encoding).check(data, whole=not too_large)
    if too_large:
        raise Malformed(f"the file is larger than {LARGEST >> 20} MiB, the most that is read", 1, 1)
    try:
        return Document(root=_tree(data, _Reader(root, encoding)), data=data)
    except (expat.ExpatError, _Doubt):
        _Guard(root, encoding).check(data, whole=True)
        raise


def _as_utf8(data: bytes) -> tuple[bytes, str]:
    """The data without its byte order mark, and the encoding that the mark tells. Raises Malformed."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16").encode(), "utf-16"
        except UnicodeDecodeError as error:
            from tpf.scenario.malformed import place_of  # lazy: for messages only

            before = data[: error.start].decode("utf-16", "replace")
            raise Malformed(
                "these bytes are not UTF-16: save the file as UTF-8", *place_of(before, len(before))
            ) from None
    return data.removeprefix(b"\xef\xbb\xbf"), "utf-8"


class _Doubt(Exception):
    """Something is wrong with the tree: the guard tells what."""


def _tree(data: bytes, reader: _Reader) -> Node:
    """The tree of a file. The elements are made in C, because they make up the cost of reading; nodes of these."""
    parser, builder = reader.parser, TreeBuilder()
    places: list[tuple[int, int]] = []
    begin, note = builder.start, places.append

    def start(tag: str, attributes: dict[str, str]) -> None:
        note((parser.CurrentLineNumber, parser.CurrentColumnNumber + 1))
        begin(tag, attributes)

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(data, True)
    finally:
        reader.release()
    top = builder.close()
    if top.tag != reader.wanted:
        raise _Doubt
    return _node(top, iter(places), 1)


def _node(element: Element, places: Iterator[tuple[int, int]], depth: int) -> Node:
    """The node of an element, with those in it; `places` are those of all that come, in the order of the file."""
    place = next(places)
    if depth + 1 >= DEEPEST:
        raise _Doubt
    text = element.text or ""
    children = []
    for child in element:
        if len(child):
            children.append(_node(child, places, depth + 1))
        else:  # nearly all: without a call for each
            content = (child.tag, tuple(child.items()), child.text or "", ())
            children.append(_NEW(Node, content + next(places)))
        if child.tail:
            text += child.tail
    return _NEW(Node, (element.tag, tuple(element.items()), text, tuple(children), *place))


class _Reader:
    """A parser that takes nothing but XML 1.0 in UTF-8, without a document type."""

    def __init__(self, root: str, encoding: str) -> None:
        self.wanted = root
        self.encodings = (encoding, "us-ascii")
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.XmlDeclHandler = self.declaration
        parser.StartDoctypeDeclHandler = self.doctype

    def release(self) -> None:
        """The parser and its handlers hold each other: let go, or both live until the garbage collector comes."""
        parser = self.parser
        parser.XmlDeclHandler = parser.StartDoctypeDeclHandler = None
        parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None

    def declaration(self, version: str, encoding: str | None, _standalone: int) -> None:
        if version != "1.0":
            raise self.refuse(f'XML version {quote(version)} is not supported: write version="1.0"')
        if encoding is not None and encoding.lower() not in self.encodings:
            raise self.refuse(f"encoding {quote(encoding)} is not supported, or not true: save the file as UTF-8")

    def doctype(self, name: str, *_rest: object) -> None:
        if name.lower() == "html":
            raise OtherRoot(name, self.wanted, *self.place())
        raise self.refuse("a document type (<!DOCTYPE>) and entities of one's own are not allowed: remove them")

    def refuse(self, message: str) -> Malformed:
        return Malformed(message, *self.place())

    def place(self) -> tuple[int, int]:
        return self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1


class _Guard(_Reader):
    """Reads a file without keeping it: to tell what is wrong with it, and before a large one is kept."""

    def __init__(self, root: str, encoding: str) -> None:
        super().__init__(root, encoding)
        self.opened: list[tuple[str, int]] = []  # tag and line of the elements that are open
        self.count = 0
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def check(self, data: bytes, *, whole: bool) -> None:
        """Raises OtherRoot or Malformed when something is wrong with a file, or with the beginning of one."""
        try:
            self.parser.Parse(data, whole)
        except expat.ExpatError as error:
            raise self.explained(error, data) from None
        finally:
            self.release()

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        line, column = self.place()
        self.opened.append((tag, line))
        self.count += 1
        if self.count > MOST:
            raise self.refuse(f"the file has more than {MOST} elements, the most that are read")
        if len(self.opened) >= DEEPEST:
            raise self.refuse(f"elements are nested deeper than {DEEPEST - 1} levels, the most that is read")
        if self.count == 1 and tag != self.wanted:
            raise OtherRoot(tag, self.wanted, line, column)

    def end(self, _tag: str) -> None:
        self.opened.pop()

    def explained(self, error: expat.ExpatError, data: bytes) -> Malformed:
        from tpf.scenario.malformed import Broken, explain  # lazy: for messages only

        broken = Broken(
            code=error.code,
            line=error.lineno,
            column=error.offset + 1,
            text=data.decode(errors="replace"),
            opened=tuple(self.opened),
            ended=self.count > 0 and not self.opened,
        )
        explained = explain(broken)
        return Malformed(explained.message, explained.line, explained.column)
