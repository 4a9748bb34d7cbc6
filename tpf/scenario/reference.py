"""The reference page of the language, in Markdown, made from the same declarations as the reader and the schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tpf.scenario.declare import Attribute, doc_of
from tpf.scenario.device_elements import MachineElement
from tpf.scenario.rules import Grammar, Rule
from tpf.scenario.types import Type
from tpf.scenario.variables import BUILT_IN
from tpf.scenario.vocabulary import Vocabulary

_HEAD = """\
<!-- Made from the declarations of the language: don't edit it, run `make docs`. -->

# Scenario reference

A scenario is one XML file. This page lists every element, attribute and type; each example is checked by a test.

- Attributes without a default that are marked **required** must be there; all others can be left out.
- An element stands in its parent in any order. Setup, cases and teardown run in that order, cases as they stand.
- `${name}` in a text or attribute is replaced by the name's value; `$${name}` stands for `${name}` itself. Unknown
  names are errors before anything runs. Attributes that make names (`save`, a forward's `name`) can't hold `${...}`.
- Paths are relative to the scenario's own file and can't leave the checkout.
- Editors complete and check a scenario with the schema that `testarena schema -o testarena.xsd` makes:

```xml
<scenario name="first" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
          xsi:noNamespaceSchemaLocation="testarena.xsd">
```

## Names that are always known

| name | value |
| --- | --- |
"""

_STEPS = """
## Steps

Steps stand in `<setup>`, `<case>`, `<teardown>` and `<steps>`, and run in order until one fails.

In a scenario with several devices, a step that talks to one names it: `<send on="gateway">join</send>`. What is written
at a `<case>`, `<setup>`, `<teardown>`, or at a step that holds steps, counts for all steps in it that say nothing.
These steps have to do with no device: {}.
"""


def reference(vocabulary: Vocabulary) -> str:
    """The page."""
    grammar = Grammar(vocabulary)
    rules = list(grammar.everything())
    structure = [rule for rule in rules if not rule.is_step and not _inside_step(rule, rules)]
    parts = [
        _HEAD,
        *(f"| `${{{name}}}` | {meaning} |\n" for name, meaning in BUILT_IN.items()),
        "\nSteps add names with `save`, `<forward>` adds its own, and a run adds those of `--set name=value`.\n",
        "\n## Structure\n",
        *(_element(rule, grammar) for rule in structure),
        "\n## Kinds of machines\n",
        *(_machine(kind, grammar) for kind in vocabulary.machines),
        _STEPS.format(_tags(rule.tag for rule in rules if rule.is_step and rule.element.device == "none")),
        *(_step(rule, grammar) for rule in rules if rule.is_step),
        "\n## Types\n\n| type | how it is written |\n| --- | --- |\n",
        *_types(rules, grammar),
    ]
    return "".join(parts)


def _inside_step(rule: Rule, rules: Iterable[Rule]) -> bool:
    """Whether only steps hold it."""
    parents = [parent for parent in rules if rule.declared in parent.children.values()]
    return bool(parents) and all(parent.is_step or _inside_step(parent, rules) for parent in parents)


def _element(rule: Rule, grammar: Grammar) -> str:
    parents = [parent.tag for parent in grammar.everything() if rule.declared in parent.children.values()]
    lines = [f"Stands in {_tags(parents)}." if parents else "", _holds(rule, grammar)]
    places = " ".join(line for line in lines if line)
    namesakes = any(other.tag == rule.tag and other is not rule for other in grammar.everything())
    where = f" in {_tags(parents)}" if namesakes else ""
    return f"\n### `<{rule.tag}>`{where}\n\n{doc_of(rule.declared)}\n\n{places}\n{_attributes(rule)}{_example(rule)}"


def _step(rule: Rule, grammar: Grammar) -> str:
    own = [grammar.rule(declared) for declared in rule.children.values() if not grammar.rule(declared).is_step]
    parts = [f"\n### `<{rule.tag}>`\n\n{doc_of(rule.declared)}\n"]
    if rule.children:
        parts.append(f"\n{_holds(rule, grammar)}\n")
    parts.append(_attributes(rule))
    parts += [f"\n`<{child.tag}>`: {doc_of(child.declared)}\n{_attributes(child)}" for child in own]
    parts.append(_example(rule))
    return "".join(parts)


def _machine(kind: str, grammar: Grammar) -> str:
    rule = grammar.machine_options(kind)
    children = f"\nHolds {_tags(rule.children)}.\n" if rule.children else ""
    head = f'\n### `<{MachineElement.element.name} kind="{kind}">`\n\n{doc_of(rule.declared)}\n'
    return f"{head}{children}{_attributes(rule)}{_example(rule)}"


def _holds(rule: Rule, grammar: Grammar) -> str:
    steps = set(grammar.vocabulary.steps)
    names = [f"`<{tag}>`" for tag in rule.children if tag not in steps]
    if steps and steps <= set(rule.children):
        names.append("steps")
    elif steps & set(rule.children):
        names += [f"`<{tag}>`" for tag in rule.children if tag in steps]
    once = f" At most one of each: {_tags(rule.element.once)}." if rule.element.once else ""
    return f"Holds {', '.join(names)}.{once}" if names else ""


def _tags(tags: Iterable[str]) -> str:
    return ", ".join(f"`<{tag}>`" for tag in tags)


def _attributes(rule: Rule) -> str:
    shown = [*rule.attributes.values(), *([rule.content] if rule.content is not None else [])]
    if not shown:
        return ""
    rows = "".join(_row(attribute) for attribute in shown)
    return f"\n| attribute | type | default | meaning |\n| --- | --- | --- | --- |\n{rows}"


def _row(attribute: Attribute) -> str:
    name = f"`{attribute.name}`" if attribute.name else "*text*"
    default = (
        "**required**" if attribute.required else (f"`{attribute.shown_default}`" if attribute.shown_default else "")
    )
    return f"| {name} | {_shown_type(attribute.type)} | {_cell(default)} | {_cell(attribute.doc)} |\n"


def _shown_type(type_: Type[object]) -> str:
    if type_.choices or type_.bounds:
        return _cell(type_.doc)
    return f"[{type_.name}](#types)"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", r"\|").split())


def _example(rule: Rule) -> str:
    return f"\n```xml\n{rule.element.example}\n```\n" if rule.element.example else ""


def _types(rules: Iterable[Rule], grammar: Grammar) -> Iterator[str]:
    used: Mapping[str, Type[object]] = {
        attribute.type.name: attribute.type
        for rule in (*rules, *(grammar.machine_options(kind) for kind in grammar.vocabulary.machines))
        for attribute in (*rule.attributes.values(), *([rule.content] if rule.content is not None else []))
        if not attribute.type.choices and not attribute.type.bounds
    }
    for name in sorted(used):
        yield f"| {name} | {_cell(used[name].doc)} |\n"
