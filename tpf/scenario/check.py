"""Checks one element at a time against its rule, and makes values of what is constant in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from tpf.errors import Problem
from tpf.result import Source
from tpf.scenario import wording
from tpf.scenario.declare import Attribute
from tpf.scenario.folder import Folder
from tpf.scenario.plain import LONGEST_ATTRIBUTE, LONGEST_TEXT, created, known_plainly, limits_of, text_of
from tpf.scenario.rules import Checked, Grammar, Rule
from tpf.scenario.types import FILE, PATH, Type, escape_of, printable, quote
from tpf.scenario.used import Reading, place_of_use
from tpf.scenario.variables import Names, UnknownName, names_in, unclosed
from tpf.scenario.xml import Document, Node, own_part

MOST_PROBLEMS = 100  # of one file: whoever has more wants to mend these first


class TooManyProblems(Exception):
    """Enough is told of this file."""


class Checker:
    """Checks the elements of one file and collects what is wrong with them."""

    def __init__(self, grammar: Grammar, document: Document, file: str, folder: Folder, reading: Reading) -> None:
        self.grammar = grammar
        self.document = document
        self.file = file
        self.folder = folder
        self.reading = reading
        self.problems: list[Problem] = []
        self._used = ""  # where the file is used, for messages
        self._makers: dict[str, int] | None = None  # once they are asked for

    def inside(self, document: Document, file: str, folder: Folder, use: Node) -> Checker:
        """A checker of a file that this one uses; the problems go to the same list."""
        checker = Checker(self.grammar, document, file, folder, self.reading)
        checker.problems = self.problems
        checker._used = place_of_use(self.source(use), self._used)
        return checker

    def source(self, node: Node) -> Source:
        return Source(file=self.file, line=node.line, column=node.column)

    def tell(self, node: Node, message: str, attribute: str | None = None) -> None:
        """A problem of an element, of one of its attributes, or of its text (attribute "")."""
        from tpf.scenario import places  # lazy: for messages only

        line, column = node.line, node.column
        if attribute:
            line, column = places.attribute_place(self.document, node, attribute)
        elif attribute == "":
            line, column = places.text_place(self.document, node)
        self.tell_at(line, column, message)

    def tell_at(self, line: int, column: int, message: str) -> None:
        """A problem at a place of the file."""
        if len(self.problems) >= MOST_PROBLEMS:
            raise TooManyProblems
        source = Source(file=self.file, line=line, column=column)
        self.problems.append(Problem(source=source, message=printable(message) + self._used))

    def check(self, node: Node, rule: Rule, names: Names, children: tuple[Any, ...] = ()) -> Checked:
        """What is known of an element's attributes and text; tells what is wrong with them."""
        if rule.depends_on_folder or (rule.takes_children and node.children):
            return self._check(node, rule, names, children)
        known = known_plainly(node, rule)
        if known is None or not names.all_late(known.uses):
            told = len(self.problems)
            known = self._check(node, rule, names, children)
            uses = _names_used(node)
            if told == len(self.problems) and names.all_late(uses):
                rule.memo[own_part(node)] = replace(known, uses=uses)
        return known

    def _check(self, node: Node, rule: Rule, names: Names, children: tuple[Any, ...]) -> Checked:
        told = len(self.problems)
        values, constant = self._values(node, rule, names)
        limits = limits_of(rule, values)
        longest = max((seconds for _, seconds in limits), default=0.0)
        checked = Checked(
            constant=constant,
            creates=tuple(created(rule, values)),
            limits=limits,
            longest=longest,
            attributes=node.attributes,
            text=text_of(node, rule),
        )
        if len(self.problems) > told:
            return checked
        extra = {"children": children} if rule.takes_children else {}
        if not constant:
            self._try(node, rule, values | extra)
            return checked
        instance = rule.declared(**values, **extra)
        self._hook(node, rule, instance)
        return checked if len(self.problems) > told else replace(checked, instance=instance)

    def _try(self, node: Node, rule: Rule, values: dict[str, Any]) -> None:
        """Let the class check an element that depends on the run, with ${...} as it stands, if its types allow that."""
        written = [*node.attributes, *([("", text_of(node, rule))] if rule.content is not None else [])]
        late = [(rule.attributes.get(name, rule.content), text) for name, text in written]
        try:
            values |= {
                one.field: one.type.convert(text)
                for one, text in late
                if one is not None and one.field not in values and text
            }
            self._hook(node, rule, rule.declared(**values))
        except ValueError:
            return  # a duration, say, of which nothing is known yet

    def _values(self, node: Node, rule: Rule, names: Names) -> tuple[dict[str, Any], bool]:
        """The values of attributes and text by field, where they are constant; and whether all are."""
        values: dict[str, Any] = {}
        constant = True
        for attribute, written in self._written(node, rule):
            try:
                resolved = _resolve(attribute, written, names, node.attributes)
                if resolved is None:
                    constant = False
                    continue
                values[attribute.field] = _converted(attribute.type, written, resolved, names)
                if attribute.type in (PATH, FILE):
                    self.folder.check(resolved, must_exist=attribute.type is FILE)
            except ValueError as error:
                place = f"attribute {attribute.name}: " if attribute.name else f"<{rule.tag}>: "
                hint = self._hint(error.name) if isinstance(error, UnknownName) else ""
                self.tell(node, f"{place}{error}{hint}", attribute.name)
        return values, constant

    def _hint(self, name: str) -> str:
        """Where an unknown name may come from: it is made, but not for whoever asks; or from outside."""
        if self._makers is None:
            self._makers = _makers(self.document.root, self.grammar)
        if name in self._makers:
            return f"; line {self._makers[name]} makes it, which runs later or not at all"
        return wording.from_outside(name)

    def _written(self, node: Node, rule: Rule) -> Iterator[tuple[Attribute, str]]:
        """The attributes and the text as written, without those that don't belong here."""
        present = set()
        for name, value in node.attributes:
            present.add(name)
            attribute = rule.attributes.get(name)
            if attribute is None:
                self.tell(node, wording.unknown_attribute(name, rule), name)
            else:
                yield attribute, value
        for name in rule.required:
            if name not in present:
                self.tell(node, wording.missing_attribute(name, rule))
        text = text_of(node, rule)
        if rule.content is None:
            if node.text and not node.text.isspace():
                self.tell(node, f"<{rule.tag}> holds no text: {quote(node.text.strip()[:40])}", "")
        elif text:
            yield rule.content, text
        elif rule.content.required:
            self.tell(node, f"<{rule.tag}> needs text: {rule.content.doc}")

    def _hook(self, node: Node, rule: Rule, instance: Any) -> None:
        """The class's own check of what its attributes mean together."""
        for finding in instance.check() if rule.has_hook else ():
            if isinstance(finding, str):
                self.tell(node, finding)
            else:
                attribute, message = finding
                self.tell(node, message, attribute)


def _makers(root: Node, grammar: Grammar) -> dict[str, int]:
    """The names that elements make, each with the line of the first that does."""
    found: dict[str, int] = {}
    for node in nodes_in(root):
        for attribute, value in node.attributes:
            if node.tag != "param" and (node.tag, attribute) in grammar.makers:
                for name in value.split():
                    found.setdefault(name, node.line)
    return found


def nodes_in(node: Node) -> Iterator[Node]:
    """An element and all that are in it, in the order of the file."""
    yield node
    for child in node.children:
        yield from nodes_in(child)


def _names_used(node: Node) -> tuple[str, ...]:
    texts = (node.text, *(value for _, value in node.attributes))
    return tuple(name for text in texts for name in names_in(text))


def _resolve(attribute: Attribute, written: str, names: Names, beside: tuple[tuple[str, str], ...]) -> str | None:
    """The value with its names filled in; None when some are known only in the run. Raises ValueError."""
    longest = LONGEST_ATTRIBUTE if attribute.name else LONGEST_TEXT
    if len(written) > longest:
        raise ValueError(f"it has {len(written)} characters; at most {longest} are allowed")
    if "${" not in written:
        return written
    if attribute.creates_names:
        raise ValueError(f"{quote(written)} can't hold ${{...}}: it makes names itself")
    if unclosed(written):
        raise ValueError("'${' has no '}' behind it; the characters themselves are written $${")
    resolved = names.resolve(written, escape_of(attribute.type, dict(beside)))
    return written if attribute.type.keeps_names else resolved


def _converted(type_: Type[Any], written: str, resolved: str, names: Names) -> Any:
    if type_.splits and "${" in written:
        return tuple(names.resolve(word) for word in type_.convert(written))
    return type_.convert(resolved)
