"""Well-formed files become trees with places; all others become one message that says what to do."""

from __future__ import annotations

import re

import pytest

from tpf.scenario.xml import DEEPEST, LARGEST, MOST, Malformed, Node, OtherRoot, parse


def root_of(text: str | bytes) -> Node:
    return parse(text if isinstance(text, bytes) else text.encode(), "scenario").root


def problem_of(text: str | bytes) -> str:
    with pytest.raises(Malformed) as caught:
        root_of(text)
    return f"{caught.value.line}:{caught.value.column}: {caught.value}"


def test_tree_has_tags_attributes_text_and_places() -> None:
    root = root_of('<?xml version="1.0"?>\n<scenario a="1" b="2">\n  <send>x &amp; y</send>\r\n<b/></scenario>\n')
    assert (root.tag, root.attributes, root.line, root.column) == ("scenario", (("a", "1"), ("b", "2")), 2, 1)
    send, other = root.children
    assert (send.text, send.line, send.column) == ("x & y", 3, 3)
    assert (other.tag, other.text, other.children, other.line, other.column) == ("b", "", (), 4, 1)


def test_text_is_all_text_directly_inside() -> None:
    root = root_of("<scenario>a<!-- c --><b>in</b>d<![CDATA[<&>]]>&#233;</scenario>")
    assert root.text == "ad<&>é"
    assert root.children[0].text == "in"


@pytest.mark.parametrize(
    "data",
    [
        "<scenario><a>é😀</a><b/></scenario>".encode(),
        b"\xef\xbb\xbf" + "<scenario><a>é😀</a><b/></scenario>".encode(),
        "<scenario><a>é😀</a><b/></scenario>".encode("utf-16"),
        b"\xfe\xff" + "<scenario><a>é😀</a><b/></scenario>".encode("utf-16-be"),
    ],
)
def test_unicode_is_read_and_counted_in_characters(data: bytes) -> None:
    root = root_of(data)
    assert root.children[0].text == "é😀"
    assert (root.children[1].line, root.children[1].column) == (1, 20)


def test_declared_utf_16_is_read() -> None:
    assert root_of('<?xml version="1.0" encoding="UTF-16"?><scenario/>'.encode("utf-16")).tag == "scenario"


SLIPS = [
    ("", "1:1: the file is empty: a scenario begins with <scenario>"),
    (" \n\t\n", "1:1: the file is empty: a scenario begins with <scenario>"),
    ("<!-- only -->", "1:14: the file has no element: a scenario begins with <scenario>"),
    ('{"name": 1}', "1:1: this is not XML: it begins with '{\"name\": 1}'; a scenario begins with <scenario>"),
    (b"PK\x03\x04", "1:1: this is not XML: it begins with 'PK\\x03\\x04'; a scenario begins with <scenario>"),
    ("<scenario>a & b</scenario>", "1:13: '&' must be written as &amp;"),
    ("<scenario>a &b c</scenario>", "1:13: '&' must be written as &amp;"),
    ("<scenario>1 < 2</scenario>", "1:13: '<' must be written as &lt; in text"),
    ("<scenario>a]]>b</scenario>", "1:12: ']]>' must be written as ]]&gt; in text"),
    ("<scenario><!-- a -- b --></scenario>", "1:18: '--' can't stand inside a comment"),
    ("<scenario a=1/>", '1:13: attribute a: its value must stand in quotes, a="..."'),
    ("<scenario a=“1”/>", '1:13: attribute a: its value must stand in straight quotes, "..."'),
    ("<scenario a/>", '1:11: attribute a has no value: write a="..."'),
    ("<scenario a='1'b='2'/>", "1:16: a blank is missing between two attributes"),
    (
        '<scenario a="1>\n<b c="2"/></scenario>',
        "1:13: attribute a: its closing quote is missing, or a '<' in its value is not written as &lt;",
    ),
    ("<scenario a='1' a='2'/>", "1:17: attribute a stands twice in this element: remove one"),
    ("<scenario>&nbsp;</scenario>", "1:11: unknown entity &nbsp;: XML knows &amp; &lt; &gt; &quot; &apos; and "),
    ("<scenario>&#27;</scenario>", "1:11: &#27; stands for a character that XML can't hold"),
    ("<scenario>\n<b>\n</scenario>", "3:1: </scenario> comes while <b>, which opens in line 2, is still open: "),
    ("<scenario><case></cas></scenario>", "1:17: </cas> comes while <case>, which opens in line 1, is still open; did"),
    ("<scenario></b></scenario>", "1:11: </b> comes while <scenario>, which opens in line 1, is still open; no <b>"),
    ("<scenario>\n<b>", "2:4: the file ends, but <b>, which opens in line 2, is not closed: </b> is missing"),
    ("<scenario/><scenario/>", "1:12: a second element stands behind the end of the first: one file holds one"),
    ("<scenario/>text", "1:12: text stands behind the end of <scenario>: remove it"),
    ("<scenario/></b>", "1:12: this end tag closes nothing: no element is open"),
    ("<scenario", "1:1: the file ends inside this tag, '<scenario': a quote or '>' is missing"),
    ("<scenario><b</scenario>", "1:11: this tag is not closed: '>' is missing"),
    ("<scenario></ scenario>", "1:11: a blank stands between '</' and the name: remove it"),
    ("<scenario><!-- x", "1:11: the file ends inside this comment: --> is missing"),
    ("<scenario>\n<![CDATA[x</scenario>", "2:1: the file ends inside this CDATA section: ]]> is missing"),
    ("<?xml version='1.0'", "1:1: the file ends inside this <? ... ?>: ?> is missing"),
    ("<scenario>\x00</scenario>", "1:11: the control character U+0000 can't stand in XML: remove it"),
    (b"<scenario>\xe9t\xe9</scenario>", "1:11: these bytes are not UTF-8: save the file as UTF-8"),
    ("<scenario>\n<b>".encode("utf-16") + b"\x3d\xd8<\x00", "2:4: these bytes are not UTF-16: save the file as UTF-8"),
    (b"<scenario>\xc3", "1:11: these bytes are not UTF-8: save the file as UTF-8"),
    ("\n<?xml version='1.0'?><scenario/>", "2:1: the XML declaration <?xml ...?> must stand at the very beginning"),
    ("<?xml versio='1.0'?><scenario/>", "1:7: the XML declaration is wrong: write <?xml"),
    ("<?xml version='1.1'?><scenario/>", "1:1: XML version '1.1' is not supported: write version=\"1.0\""),
    ("<?xml version='1.0' encoding='latin1'?><scenario/>", "1:1: encoding 'latin1' is not supported, or not true"),
    ("<?xml version='1.0' encoding='utf-16'?><scenario/>", "1:1: encoding 'utf-16' is not supported, or not true"),
    ("<scenario>\r\r\n &</scenario>", "3:2: '&' must be written as &amp;"),
]


@pytest.mark.parametrize("text, wanted", SLIPS)
def test_slips_are_told_in_plain_words(text: str | bytes, wanted: str) -> None:
    assert problem_of(text).startswith(wanted)


def test_document_types_are_refused_before_an_entity_can_grow() -> None:
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
    bomb = f'<!DOCTYPE scenario [<!ENTITY e0 "ha">{entities}]><scenario>&e12;</scenario>'
    assert "a document type (<!DOCTYPE>) and entities of one's own are not allowed" in problem_of(bomb)
    outside = '<!DOCTYPE scenario SYSTEM "file:///etc/passwd"><scenario/>'
    assert "a document type (<!DOCTYPE>)" in problem_of(outside)


@pytest.mark.parametrize(
    "text, why",
    [
        ("<testsuites/>", "its root element is <testsuites>"),
        ("<!DOCTYPE html><html></html>", "this is an HTML page"),
        ("<HTML><body>", "this is an HTML page"),
    ],
)
def test_other_roots_are_told_apart(text: str, why: str) -> None:
    with pytest.raises(OtherRoot, match=re.escape(why)):
        root_of(text)


def test_size_depth_and_count_are_bounded() -> None:
    deep = "<scenario>" + "<b>" * DEEPEST
    assert problem_of(deep).startswith(
        f"1:{11 + 3 * (DEEPEST - 2)}: elements are nested deeper than {DEEPEST - 1} levels"
    )
    whole = f"{deep}{'</b>' * DEEPEST}</scenario>"
    assert problem_of(whole) == problem_of(deep)
    assert root_of(whole.replace("<b><b></b></b>", "")).tag == "scenario"
    many = "<scenario>" + "<b/>" * MOST + "</scenario>"
    assert f"more than {MOST} elements" in problem_of(many)
    large = "<scenario>" + "x" * LARGEST + "</scenario>"
    assert problem_of(large) == "1:1: the file is larger than 1 MiB, the most that is read"
    assert root_of("<scenario>" + "x" * (LARGEST - 21) + "</scenario>").tag == "scenario"


def test_a_large_file_of_another_kind_is_still_recognised() -> None:
    with pytest.raises(OtherRoot):
        root_of("<testsuites>" + "x" * LARGEST + "</testsuites>")
