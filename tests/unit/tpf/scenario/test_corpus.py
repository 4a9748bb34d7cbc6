"""The corpus: each bad file is wrong in one way and told in one message; the schema agrees wherever it can.

tests/data/scenarios/good/            right files that between them use every element and attribute
tests/data/scenarios/good/shared/     files of steps that these use
tests/data/scenarios/bad/             wrong in a way that the schema sees as well
tests/data/scenarios/bad/semantic/    wrong in a way that only the reader sees
tests/data/scenarios/bad/malformed/   not well-formed
tests/golden/problems/                the message of each bad file
"""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from tests.support.golden import Golden
from tpf.errors import ScenarioErrors
from tpf.language import own_vocabulary
from tpf.scenario.model import Scenario
from tpf.scenario.options import LoadOptions
from tpf.scenario.parse import load_scenario
from tpf.scenario.rules import Grammar, machine_attributes
from tpf.scenario.xml import Node, parse
from tpf.scenario.xsd import schema

FOLDER = Path(__file__).parents[3] / "data" / "scenarios"
GOOD = sorted((FOLDER / "good").glob("*.xml"))
SHARED = sorted((FOLDER / "good" / "shared").glob("*.xml"))
BAD = sorted((FOLDER / "bad").glob("*.xml"))
SEMANTIC = sorted((FOLDER / "bad" / "semantic").glob("*.xml"))
MALFORMED = sorted((FOLDER / "bad" / "malformed").glob("*.xml"))


@pytest.fixture(scope="session")
def xsd() -> etree.XMLSchema:
    """The schema of the product's own words."""
    return etree.XMLSchema(etree.fromstring(schema(own_vocabulary()).encode()))


def load(path: Path) -> Scenario:
    checkout = FOLDER if path.parent.name == "good" else FOLDER / "bad"
    return load_scenario(path, own_vocabulary(), LoadOptions(checkout=checkout, cwd=path.parent))


def valid(xsd: etree.XMLSchema, path: Path) -> bool:
    return xsd.validate(etree.parse(path, etree.XMLParser(no_network=True, resolve_entities=False)))


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good_files_are_right_for_reader_and_schema(path: Path, xsd: etree.XMLSchema) -> None:
    assert load(path).cases
    assert valid(xsd, path), xsd.error_log


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.stem)
def test_files_of_steps_are_right_for_the_schema(path: Path, xsd: etree.XMLSchema) -> None:
    assert valid(xsd, path), xsd.error_log


@pytest.mark.parametrize("path", [*BAD, *SEMANTIC, *MALFORMED], ids=lambda path: path.stem)
def test_bad_files_are_told_in_one_message(path: Path, golden: Golden) -> None:
    with pytest.raises(ScenarioErrors) as caught:
        load(path)
    assert len(caught.value.problems) == 1, str(caught.value)
    golden.check(f"problems/{path.relative_to(FOLDER / 'bad').with_suffix('.txt')}", f"{caught.value}\n")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_the_schema_refuses_what_it_can(path: Path, xsd: etree.XMLSchema) -> None:
    assert not valid(xsd, path)


@pytest.mark.parametrize("path", SEMANTIC, ids=lambda path: path.stem)
def test_the_schema_can_not_see_the_rest(path: Path, xsd: etree.XMLSchema) -> None:
    """Should it learn to, the file moves one folder up."""
    assert path.stem in ("document-type", "too-deep") or valid(xsd, path), xsd.error_log


@pytest.mark.parametrize("path", MALFORMED, ids=lambda path: path.stem)
def test_lxml_finds_the_malformed_files_malformed(path: Path) -> None:
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(path.read_bytes())


def test_good_files_use_every_element_and_attribute() -> None:
    grammar = Grammar(own_vocabulary())
    words = {(rule.tag, name) for rule in grammar.everything() for name in ("", *rule.attributes)}
    words |= {("machine", name) for name in machine_attributes(grammar.vocabulary)}
    used: set[tuple[str, str]] = set()
    for path in GOOD:
        _collect(parse(path.read_bytes(), "scenario").root, used)
    for path in SHARED:
        _collect(parse(path.read_bytes(), "steps").root, used)
    assert words - used == set()


def _collect(node: Node, used: set[tuple[str, str]]) -> None:
    used |= {(node.tag, name) for name in ("", *(name for name, _ in node.attributes))}
    for child in node.children:
        _collect(child, used)
