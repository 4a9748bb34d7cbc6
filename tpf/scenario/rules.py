"""What may stand where: each declared class with its children, looked up in a vocabulary when first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from tpf.scenario.declare import STEPS, Attribute, Element, attributes_of
from tpf.scenario.device_elements import MachineElement
from tpf.scenario.elements import ScenarioElement, StepsElement
from tpf.scenario.types import DURATION, FILE, PATH
from tpf.scenario.vocabulary import Vocabulary, joined

_MACHINE = MachineElement.element
LIMITS = ("within", "for", "timeout")  # durations of these names are the longest time that a step takes


class Checked(Struct, frozen=True, kw_only=True, gc=False):
    """What is known of an element when its attributes and text have been checked."""

    instance: Any = None  # of the declared class, when nothing in it depends on the run and nothing is wrong
    constant: bool = True  # nothing in it depends on the run
    uses: tuple[str, ...] = ()  # names of ${...} in it, whose values only the run knows
    creates: tuple[tuple[str, str], ...] = ()  # names for ${...} that it makes, each with the attribute that says so
    limits: tuple[tuple[str, float], ...] = ()  # attributes that say how long it may take, in seconds
    longest: float = 0.0  # of these
    attributes: tuple[tuple[str, str], ...] = ()  # as written: equal elements share them
    text: str = ""  # as written, where the class has a field for it
    is_free: bool = False  # it neither uses nor creates names: for the short way


class Rule(Struct, frozen=True, kw_only=True):
    """One element: its attributes, text and children. The memo spares equal elements the same check."""

    tag: str
    declared: type[Any]
    element: Element
    attributes: Mapping[str, Attribute]  # without the text
    content: Attribute | None
    required: tuple[str, ...]
    needed_fields: frozenset[str]  # of the class: those of required attributes and text
    creators: tuple[Attribute, ...]  # the attributes that make names
    children: Mapping[str, type[Any]]  # by tag
    needs: frozenset[str]  # tags of which one must stand in it
    limits: tuple[Attribute, ...]  # the attributes that say how long it may take
    takes_children: bool  # the instance gets the child steps
    has_hook: bool  # the class has a `check` of its own
    is_step: bool
    is_plain: bool  # a step that can be checked by itself, when nothing stands in it
    depends_on_folder: bool  # so equal elements of two files may be right and wrong
    memo: dict[tuple[object, ...], Checked] = field(default_factory=dict)  # what is right, by `own_part` of its node
    child_rules: dict[str, Rule] = field(default_factory=dict)  # by tag, as they are needed
    unique: set[str] = field(default_factory=set)  # of these tags, those that no two may have the same name of


class Grammar:
    """The rules of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._rules: dict[type[Any], Rule] = {}

    @property
    def root(self) -> Rule:
        return self.rule(ScenarioElement)

    def rule(self, declared: type[Any]) -> Rule:
        """The rule of a declared class."""
        found = self._rules.get(declared)
        if found is None:
            found = self._rules[declared] = self._make(declared)
        return found

    def child_rule(self, parent: Rule, tag: str) -> Rule | None:
        """The rule of a child; None when it may not stand there."""
        found = parent.child_rules.get(tag)
        if found is None and tag in parent.children:
            found = parent.child_rules[tag] = self.rule(parent.children[tag])
            if found.element.unique:
                parent.unique.add(tag)
        return found

    def machine_options(self, kind: str) -> Rule:
        """The rule of the attributes that a machine kind adds to <machine>."""
        return self.rule(self.vocabulary.machines[kind].options)

    def everything(self) -> Iterator[Rule]:
        """All elements that can be reached from the roots, each once, parents first."""
        seen: set[type[Any]] = set()
        waiting: list[type[Any]] = [ScenarioElement, StepsElement]
        while waiting:
            rule = self.rule(waiting.pop(0))
            if rule.declared in seen:
                continue
            seen.add(rule.declared)
            yield rule
            waiting.extend(rule.children.values())

    def parents(self, tag: str) -> tuple[str, ...]:
        """The elements that such a child may stand in."""
        return tuple(rule.tag for rule in self.everything() if tag in rule.children)

    @cached_property
    def escapes(self) -> Mapping[tuple[str, str], Callable[[str, Mapping[str, str]], str]]:
        """How values are written into attributes and texts, by tag and attribute; only those where it matters."""
        return {
            (rule.tag, value.name): value.type.escape
            for rule in self.everything()
            for value in (*rule.attributes.values(), rule.content)
            if value is not None and value.type.escape is not None
        }

    @cached_property
    def makers(self) -> frozenset[tuple[str, str]]:
        """Elements and their attributes that make names for ${...}."""
        return frozenset(
            (rule.tag, name)
            for rule in self.everything()
            for name, attribute in rule.attributes.items()
            if attribute.creates_names
        )

    def _make(self, declared: type[Any]) -> Rule:
        element: Element = declared.element
        attributes = dict(attributes_of(declared))
        text = attributes.pop("", None)
        is_step = element.name in self.vocabulary.steps and self.vocabulary.steps[element.name] is declared
        depends_on_folder = any(attribute.type in (PATH, FILE) for attribute in attributes.values())
        return Rule(
            tag=element.name,
            declared=declared,
            element=element,
            attributes=attributes,
            content=text,
            required=tuple(name for name, attribute in attributes.items() if attribute.required),
            needed_fields=frozenset(known.field for known in attributes_of(declared).values() if known.required),
            creators=tuple(attribute for attribute in attributes.values() if attribute.creates_names),
            children=self._children(element),
            needs=frozenset(_tags(element.needs, self.vocabulary)),
            limits=tuple(found for name, found in attributes.items() if name in LIMITS and found.type is DURATION),
            takes_children="children" in declared.__dataclass_fields__,
            has_hook=hasattr(declared, "check"),
            is_step=is_step,
            is_plain=is_step and not depends_on_folder and not element.needs,
            depends_on_folder=depends_on_folder,
        )

    def _children(self, element: Element) -> Mapping[str, type[Any]]:
        """By tag, in the element's order; of step kinds, only those that are asked for get imported."""
        found: list[Mapping[str, type[Any]]] = []
        for child in element.children:
            if not isinstance(child, str):
                found.append({child.element.name: child})
            elif child == STEPS:
                found.append(self.vocabulary.steps)
            else:
                found.append({child: self._named(child, element)})
        return joined(*reversed(found))

    def _named(self, child: str, parent: Element) -> type[Any]:
        """A step kind; or what the options of a machine kind name of those of <machine>'s children that they take."""
        if parent.name == _MACHINE.name and parent is not _MACHINE:
            own = self._children(_MACHINE)
            if child in own:
                return own[child]
        return self.vocabulary.steps[child]


def _tags(names: tuple[str, ...], vocabulary: Vocabulary) -> Iterator[str]:
    """STEPS stands for all of them."""
    for name in names:
        yield from vocabulary.steps if name == STEPS else (name,)


def machine_attributes(vocabulary: Vocabulary) -> dict[str, dict[str, Attribute]]:
    """The attributes that machine kinds add to <machine>: by attribute name, then by kind."""
    found: dict[str, dict[str, Attribute]] = {}
    for kind, words in vocabulary.machines.items():
        for name, attribute in attributes_of(words.options).items():
            found.setdefault(name, {})[kind] = attribute
    return found


def machines_with_child(grammar: Grammar, tag: str) -> tuple[str, ...]:
    """The machine kinds that take such a child of <machine>."""
    return tuple(kind for kind in grammar.vocabulary.machines if tag in grammar.machine_options(kind).children)
