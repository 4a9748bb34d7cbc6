"""Whatever the bytes are: a scenario, or problems with places; no other exception, and the same answer each time."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.support.language import WORDS
from tpf.errors import Problem, ScenarioErrors
from tpf.language import own_vocabulary
from tpf.scenario.build import build
from tpf.scenario.declare import Attribute
from tpf.scenario.folder import Folder
from tpf.scenario.options import LoadOptions
from tpf.scenario.parse import ROOT, load_scenarios
from tpf.scenario.rules import Grammar, Rule
from tpf.scenario.used import Library
from tpf.scenario.vocabulary import Vocabulary
from tpf.scenario.xml import Document, Malformed, parse
from tpf.scenario.xsd import schema

DATA = Path(__file__).parents[3] / "data" / "scenarios"
CORPUS = [path.read_bytes() for path in sorted(DATA.rglob("*.xml"))]
OWN = own_vocabulary()
XSD = {id(words): etree.XMLSchema(etree.fromstring(schema(words).encode())) for words in (WORDS, OWN)}


def root_of(data: bytes) -> Document | None:
    """The tree of a file, or None after a look at the message."""
    with contextlib.suppress(Malformed):
        return parse(data, ROOT)
    with pytest.raises(Malformed) as caught:
        parse(data, ROOT)
    assert 1 <= caught.value.line <= data.count(b"\n") + data.count(b"\r") + 1
    assert caught.value.column >= 1
    assert str(caught.value).isprintable()
    return None


def read(data: bytes, vocabulary: Vocabulary) -> tuple[Problem, ...]:
    """What is wrong with a well-formed file; what the reader takes, the schema must take as well."""
    document = root_of(data)
    if document is None:
        return ()
    options = LoadOptions(checkout=DATA, cwd=DATA, values={"given": "1"})
    scenarios, problems = build(document, "fuzz.xml", Folder.of(DATA, DATA), Grammar(vocabulary), options, Library())
    assert bool(scenarios) != bool(problems)
    for problem in problems:
        assert problem.source.line >= 1
        assert problem.source.column >= 1
        assert problem.message.isprintable(), problem.message
    if not problems:
        xsd = XSD[id(vocabulary)]
        assert xsd.validate(etree.fromstring(document.data, etree.XMLParser(encoding="utf-8"))), xsd.error_log
    return problems


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
@example(b"\xff\xfe<")
@example(b"\xef\xbb\xbf")
@example(b"<?xml version='1.0' encoding='utf-7'?><scenario/>")
@example(b"<?xml version='1.0' encoding='idna'?><scenario/>")
def test_any_bytes(data: bytes) -> None:
    read(data, WORDS)


RIGHT = {
    "duration": ["5s", "100ms", "2min"],
    "size": ["4MB", "8B"],
    "offset": ["0x10000", "0"],
    "revision": ["3.1"],
    "flag": ["true", "false"],
    "number": ["1", "-2.5"],
    "names": ["free", "a b", ""],
    "tags": ["slow", "a:b c"],
    "pattern": ["x+", "(a)b"],
    "path": ["good/files/firmware.bin", "new"],
    "file": ["good/files/firmware.bin"],
    "hex": ["0d 0a"],
    "arguments": ["true 'a b'"],
}
ODD = """
x 0 -1 5 1,5s 99h 4M yes ${given} ${free} ${x} ${ $${x} ${} ( (a)(b) a* .. /etc regex qemu command ' \\ é \u2028 c d
"""
VALUES = ["", " ", "a b", "a\nb", "\t", *ODD.split()]


class Writer:
    """Writes scenarios by the rules of a grammar, and breaks a rule now and then."""

    def __init__(self, vocabulary: Vocabulary, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - not for secrets
        self.grammar = Grammar(vocabulary)
        self.rules = list(self.grammar.everything())
        self.oddness = 0.0
        self.target = "hall" if "say" in vocabulary.steps else "esp32"

    def odd(self) -> bool:
        return self.random.random() < self.oddness

    def scenario(self) -> str:
        self.oddness = self.random.choice((0.0, 0.003, 0.02))
        return self.element(self.grammar.root)

    def value(self, attribute: Attribute) -> str:
        if self.odd():
            return self.random.choice(VALUES)
        kind = attribute.type
        if kind.choices:
            return self.random.choice(kind.choices)
        if kind.bounds:
            return str(self.random.choice(kind.bounds))
        return self.random.choice(RIGHT.get(kind.name, ["some", "esp32"]))

    def attributes(self, rule: Rule) -> str:
        chosen = [one for one in rule.attributes.values() if one.required or self.random.random() < 0.3]
        found = {one.name: self.value(one) for one in chosen if not (one.required and self.odd())}
        if rule.tag == "scenario":
            found |= {"target": self.target, "timeout": "5min"}
        if rule.tag == "case" and not self.odd():
            found |= self.random.choice(({"expected": "pass", "ticket": ""}, {"expected": "fail", "ticket": "BUG-1"}))
            found = {name: value for name, value in found.items() if value}
        if rule.tag == "use" and not self.odd():
            found["file"] = "good/shared/logout.xml"
        if not self.odd():
            found.pop("on", None)
        if rule.tag == "machine":
            options = self.grammar.machine_options("qemu").attributes
            name = self.random.choice(list(options))
            found |= {"kind": "qemu", name: self.value(options[name])}
        if rule.element.unique in found:
            found[rule.element.unique] = f"n{self.random.randrange(1000)}"
        if self.odd():
            found[self.random.choice(("zz", "on", "flash", "xmlns:xsi"))] = "zz"
        return "".join(f" {name}={quoteattr(value)}" for name, value in found.items())

    def element(self, rule: Rule, depth: int = 0) -> str:
        children = [*self.children(rule), *self.needed(rule)] if depth < 6 else []
        inside = [self.element(self.grammar.rule(child), depth + 1) for child in children]
        self.random.shuffle(inside)
        text = escape(self.value(rule.content)) if rule.content and not self.odd() else ""
        return f"<{rule.tag}{self.attributes(rule)}>{text}{''.join(inside)}</{rule.tag}>"

    def needed(self, rule: Rule) -> list[type[Any]]:
        return [rule.children[self.random.choice(sorted(rule.needs))]] if rule.needs and not self.odd() else []

    def children(self, rule: Rule) -> list[type[Any]]:
        if self.odd():
            return [self.random.choice(self.rules).declared]
        tags = self.random.choices(list(rule.children), k=self.random.randrange(5)) if rule.children else []
        once = (*rule.element.once, "device")  # with several, each step would have to name one
        alone = ("link",) if rule.tag == "scenario" else ("link", "param")  # wrong without others that fit
        tags = [tag for tag in tags if tag not in alone or self.odd()]
        tags = [tag for at, tag in enumerate(tags) if tag not in once or tag not in tags[:at] or self.odd()]
        return [rule.children[tag] for tag in tags]


@pytest.mark.parametrize("vocabulary", [WORDS, OWN], ids=["small", "own"])
def test_scenarios_by_the_rules_and_a_little_beside(vocabulary: Vocabulary) -> None:
    writer = Writer(vocabulary, 1)
    right = 0
    for _ in range(1500):
        text = writer.scenario()
        right += read(text.encode(), vocabulary) == ()
    assert 100 < right < 1400


TOKENS = [
    b"<",
    b">",
    b"&",
    b'"',
    b"'",
    b"/",
    b"=",
    b"\0",
    b"${",
    b"}",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"\xff",
    b" ",
    b"\n",
    b"case",
]


def mutated(random_: random.Random, right: bytes = b"") -> bytes:
    """A file, or one of the corpus, with a few places changed."""
    data = bytearray(right or random_.choice(CORPUS))
    for _ in range(random_.randint(1, 6)):
        start = random_.randint(0, len(data))
        end = min(len(data), start + random_.choice((0, 0, 1, 3, 20)))
        other = random_.choice(CORPUS)
        begin = random_.randint(0, len(other))
        data[start:end] = random_.choice(
            (random_.choice(TOKENS), other[begin : begin + 15], bytes([random_.randrange(256)]))
        )
    return bytes(data)


@pytest.mark.parametrize("seed", range(4))
def test_files_that_were_right_once(seed: int) -> None:
    random_ = random.Random(seed)  # noqa: S311 - not for secrets
    for _ in range(250):
        data = mutated(random_)
        assert read(data, OWN) == read(data, OWN)


@pytest.mark.parametrize("seed", range(2))
def test_files_of_steps_that_were_right_once(seed: int, tmp_path: Path) -> None:
    random_ = random.Random(seed)  # noqa: S311 - not for secrets
    use = '<use file="shared.xml"><param name="user" value="${x}"/></use>'
    case = f'<case name="c"><expect match="regex" save="x">a</expect>{use}</case>'
    (tmp_path / "it.xml").write_text(f'<scenario name="x" target="esp32">{case}</scenario>')
    right = (DATA / "good" / "shared" / "login.xml").read_bytes()
    (tmp_path / "logout.xml").write_bytes((DATA / "good" / "shared" / "logout.xml").read_bytes())
    for _ in range(150):
        (tmp_path / "shared.xml").write_bytes(mutated(random_, right))
        with contextlib.suppress(ScenarioErrors):
            load_scenarios([tmp_path / "it.xml"], OWN, LoadOptions(checkout=tmp_path, cwd=tmp_path))


def test_random_bytes_in_files(tmp_path: Path) -> None:
    random_ = random.Random(5)  # noqa: S311 - not for secrets
    for number in range(50):
        (tmp_path / f"{number}.xml").write_bytes(random_.randbytes(random_.randrange(2000)))
    with pytest.raises(ScenarioErrors) as caught:
        load_scenarios([tmp_path], WORDS, LoadOptions(checkout=tmp_path, cwd=tmp_path))
    assert len(caught.value.problems) == 50
