"""The schema and the reference page say what the declarations say, and the page's examples are right."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from lxml import etree

from tests.support.language import WORDS, Files
from tpf.language import own_vocabulary
from tpf.scenario.elements import ScenarioElement, StepsElement
from tpf.scenario.options import LoadOptions
from tpf.scenario.parse import load_scenarios
from tpf.scenario.reference import reference
from tpf.scenario.rules import Grammar, Rule
from tpf.scenario.variables import BUILT_IN, names_in
from tpf.scenario.xsd import schema
from tpf.steps.use import Use

RENEW = "is not what the code says; renew it: make docs"
GRAMMAR = Grammar(own_vocabulary())
RULES = list(GRAMMAR.everything())
MACHINES = [GRAMMAR.machine_options(kind) for kind in GRAMMAR.vocabulary.machines]
ROOTS = (ScenarioElement, StepsElement)
DESCRIBED = [*RULES, *MACHINES]


def test_the_shipped_schema_is_what_the_code_says(checkout: Path) -> None:
    path = checkout / "tpf" / "scenario" / "testarena.xsd"
    assert path.read_bytes().decode() == schema(own_vocabulary()), f"{path} {RENEW}"


def test_the_reference_page_is_what_the_code_says(checkout: Path) -> None:
    path = checkout / "docs" / "reference" / "scenario.md"
    assert path.read_bytes().decode() == reference(own_vocabulary()), f"{path} {RENEW}"


def test_the_schema_of_any_vocabulary_is_one() -> None:
    etree.XMLSchema(etree.fromstring(schema(WORDS).encode()))


def test_everything_is_documented_for_editors() -> None:
    text = schema(own_vocabulary())
    for rule in RULES:
        words = (rule.declared.__doc__ or "").split("\n")[0]
        assert words, rule.tag
        assert escape(words) in text
    for rule in DESCRIBED:
        for attribute in rule.attributes.values():
            assert attribute.doc, f"{rule.tag}/{attribute.name}"
            assert escape(attribute.doc) in text


def _within(parent: Rule, child: str) -> str:
    """A child's example in that of its parent."""
    example = parent.element.example
    if child.startswith("<body"):
        example = example.replace("<http ", '<http method="POST" ')
    start, end = (example[:-2] + ">", "") if example.endswith("/>") else (example, f"</{parent.tag}>")
    return f"{start.removesuffix(end)}{child}</{parent.tag}>"


def whole(rule: Rule) -> str:
    """A scenario around an element's example."""
    example = rule.element.example
    if rule.declared in ROOTS:
        return example
    parents = [parent for parent in RULES if rule.declared in parent.children.values()]
    if rule.tag == "part":  # in place of what the example of its parent has
        example = f"<firmware>{example}</firmware>"
    elif parents and all(parent.is_step or parent.tag == "machine" for parent in parents):  # into its parent's example
        example = _within(parents[0], example)
    if parents == [GRAMMAR.rule(StepsElement)]:
        return f"<steps>{example}<reset/></steps>"
    if rule.is_step or (parents and parents[0].is_step):
        example = f'<case name="example">{example}</case>'
    if rule.tag == "link":
        example = f'<device name="gateway"/><device name="node"/>{example}'
    case = "" if "<case" in example else '<case name="other"><log>x</log></case>'
    target = "linux" if 'kind="linux"' in example else "esp32"
    return f'<scenario name="example" target="{target}">{example}{case}</scenario>'


@pytest.mark.parametrize("rule", DESCRIBED, ids=lambda rule: f"{rule.tag}-{rule.declared.__module__}")
def test_examples_are_right_for_reader_and_schema(rule: Rule, files: Files) -> None:
    assert rule.element.example, f"<{rule.tag}> has no example"
    text = whole(rule)
    values = dict.fromkeys((name for name in names_in(text) if name != "name" and name not in BUILT_IN), "1")
    for needed in ("check_page.py", "files/app.bin", "files/efuse.bin", "files/nvs.csv"):
        files.write("", f"tests/{needed}")
    options = LoadOptions(checkout=files.folder, cwd=files.folder, values=values)
    used = text.startswith("<steps>")
    files.write(text if used else StepsElement.element.example, "tests/shared/login.xml")
    scenario = whole(GRAMMAR.rule(Use)) if used else text
    load_scenarios([files.write(scenario, "tests/example.xml")], own_vocabulary(), options)
    xsd = etree.XMLSchema(etree.fromstring(schema(own_vocabulary()).encode()))
    assert xsd.validate(etree.fromstring(text)), xsd.error_log


def test_each_example_stands_on_the_page() -> None:
    page = reference(own_vocabulary())
    for rule in RULES:
        if rule.is_step or rule.declared in (*ROOTS, *GRAMMAR.root.children.values()):
            assert rule.element.example in page
