"""From the bytes of an XML file to a light frozen tree that knows its lines and columns, or to the problem they have.

The bytes are untrusted: no DTD, no entities but XML's own five, nothing from outside, bounds on size, depth and count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple
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
    builder = _Builder(root, encoding)
    try:
        builder.parser.Parse(data, not too_large)
    except expat.ExpatError as error:
        raise _malformed(error, data, builder) from None
    finally:
        builder.release()
    if too_large:
        raise Malformed(f"the file is larger than {LARGEST >> 20} MiB, the most that is read", 1, 1)
    return Document(root=builder.top[0], data=data)


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


def _malformed(error: expat.ExpatError, data: bytes, builder: _Builder) -> Malformed:
    from tpf.scenario.malformed import Broken, explain  # lazy: for messages only

    broken = Broken(
        code=error.code,
        line=error.lineno,
        column=error.offset + 1,
        text=data.decode(errors="replace"),
        opened=tuple((tag, line) for tag, _, line, *_ in builder.opened),
        ended=bool(builder.top),
    )
    explained = explain(broken)
    return Malformed(explained.message, explained.line, explained.column)


class _Builder:
    """Makes nodes of expat's events; `opened` is what is kept of the elements that are open."""

    def __init__(self, root: str, encoding: str) -> None:
        self.wanted = root
        self.encodings = (encoding, "us-ascii")
        self.top: list[Node] = []
        self.opened: list[tuple[str, list[str], int, int, str, list[Node]]] = []
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.ordered_attributes = True
        parser.XmlDeclHandler = self.declaration
        parser.StartDoctypeDeclHandler = self.doctype
        self.handle_elements()

    def handle_elements(self) -> None:
        """The three handlers that run for each element: closures, because they make up the cost of reading a file."""
        parser, opened, limit = self.parser, self.opened, self.check_limits
        text = ""
        children = self.top
        count = 0

        def start(tag: str, attributes: list[str]) -> None:
            nonlocal text, children, count
            opened.append((tag, attributes, parser.CurrentLineNumber, parser.CurrentColumnNumber + 1, text, children))
            text, children = "", []
            count += 1
            if count == 1 or count > MOST or len(opened) >= DEEPEST:
                limit(count)

        def characters(more: str) -> None:
            nonlocal text
            text += more

        def end(_tag: str) -> None:
            nonlocal text, children
            tag, attributes, line, column, text_before, siblings = opened.pop()
            values = iter(attributes)
            pairs = tuple(zip(values, values)) if attributes else ()  # noqa: B905 - expat gives pairs
            siblings.append(_NEW(Node, (tag, pairs, text, tuple(children) if children else (), line, column)))
            text, children = text_before, siblings

        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters

    def release(self) -> None:
        """The parser and its handlers hold each other: let go, or the tree lives until the garbage collector comes."""
        parser = self.parser
        parser.XmlDeclHandler = parser.StartDoctypeDeclHandler = None
        parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None

    def check_limits(self, count: int) -> None:
        """Is called for the first element, and for those that are too many or too deep."""
        if count > MOST:
            raise self.refuse(f"the file has more than {MOST} elements, the most that are read")
        if len(self.opened) >= DEEPEST:
            raise self.refuse(f"elements are nested deeper than {DEEPEST - 1} levels, the most that is read")
        tag, _, line, column, *_ = self.opened[0]
        if tag != self.wanted:
            raise OtherRoot(tag, self.wanted, line, column)

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
